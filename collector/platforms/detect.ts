import { parseCgroupFile } from '../cgroups.js';
import { attempt } from '../local-files.js';
import { unitOf } from '../log-sources.js';
import type { FilesPort } from '../ports/files.js';
import { processTable } from '../ports/process.js';
import type { LocalMember } from '../probe.js';
import { expand } from './expand.js';
import type { PlatformProfile, Sign } from './profile.js';

/** A recognised (or named) platform and what spoke for it. */
export interface FoundPlatform {
  readonly profile: PlatformProfile;
  readonly detectedBy: 'auto' | 'flag';
  /** What was seen, in words; empty when only the flag says so. */
  readonly evidence: readonly string[];
  readonly points: number;
}

/** A platform is recognised by what only it has, or by two lesser signs. */
const ENOUGH = 3;
const MAX_TEXT = 64 * 1024;

interface Sight {
  readonly files: FilesPort;
  readonly signal: AbortSignal;
  readonly commands: ReadonlySet<string>;
  readonly locals: readonly LocalMember[];
  readonly units: readonly string[];
}

const unitsOf = async (files: FilesPort, locals: readonly LocalMember[]): Promise<string[]> => {
  const found = await Promise.all(
    locals.map(async ({ pid }) => {
      const text = await attempt(files.readText(`/proc/${pid}/cgroup`));
      return unitOf(parseCgroupFile(text ?? '').map(({ path }) => path));
    }),
  );
  return found.filter((unit) => unit !== undefined);
};

/** What a sign shows, in words; undefined when it is not there (or may not be seen). */
const seen = async (sign: Sign, { files, signal, commands, locals, units }: Sight): Promise<string | undefined> => {
  switch (sign.kind) {
    case 'path':
      return (await expand(files, sign.path, signal))[0]?.path;
    case 'text': {
      const text = await attempt(files.readText(sign.path, { maxBytes: MAX_TEXT, signal }));
      return text !== undefined && sign.pattern.test(text) ? `${sign.path}: ${sign.says}` : undefined;
    }
    case 'process': {
      const command = [...commands].find((name) => sign.pattern.test(name));
      return command === undefined ? undefined : `process ${command}`;
    }
    case 'setting': {
      const value = locals.map(({ settings }) => settings[sign.flag]).find((each) => each && sign.pattern.test(each));
      return value === undefined ? undefined : `--${sign.flag}=${value.slice(0, 200)}`;
    }
    case 'unit': {
      const unit = units.find((each) => sign.pattern.test(each));
      return unit === undefined ? undefined : `unit ${unit}`;
    }
  }
};

const weigh = async (profile: PlatformProfile, sight: Sight): Promise<FoundPlatform> => {
  const found = await Promise.all(
    profile.signs.map(async (sign) => ({ points: sign.points, says: await seen(sign, sight) })),
  );
  const present = found.flatMap(({ points, says }) => (says === undefined ? [] : [{ points, says }]));
  return {
    profile,
    detectedBy: 'auto',
    evidence: present.map(({ says }) => says),
    points: present.reduce((sum, { points }) => sum + points, 0),
  };
};

/** The platform of this host by its processes, units, manifests and files; undefined when nothing speaks clearly for one. Never rejects. */
export const detectPlatform = async (
  candidates: readonly PlatformProfile[],
  files: FilesPort,
  locals: readonly LocalMember[],
  signal: AbortSignal,
): Promise<FoundPlatform | undefined> => {
  const rows = (await attempt(processTable(files))) ?? [];
  const sight: Sight = {
    files,
    signal,
    commands: new Set(rows.map(({ command }) => command)),
    locals,
    units: await unitsOf(files, locals),
  };
  const weighed = await Promise.all(candidates.map((profile) => weigh(profile, sight)));
  const best = weighed.reduce<FoundPlatform | undefined>(
    (first, next) => (first === undefined || next.points > first.points ? next : first),
    undefined,
  );
  return best === undefined || best.points < ENOUGH ? undefined : best;
};
