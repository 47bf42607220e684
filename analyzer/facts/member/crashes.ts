import type { CrashMarkersArtifact } from '../../../schemas/index.js';
import { defineFact, observed } from '../../fact.js';
import { logSignatures } from '../../knowledge/log-signatures.js';
import { buildMatcher, type Matcher, matchText, type Place } from '../../logs/matcher.js';
import { readAll, sourceOf } from '../access.js';
import type { CrashMarker } from '../values/index.js';

let matcher: Matcher | undefined;

const field = (line: string, name: string): string | undefined =>
  new RegExp(`"${name}":"((?:[^"\\\\]|\\\\.)*)`).exec(line)?.[1];

/** Signatures and groups of one line; a zap line may be cut off. */
const saysOf = (line: string): readonly string[] => {
  matcher ??= buildMatcher(logSignatures());
  const known = matcher;
  const message = field(line, 'msg');
  const texts: readonly (readonly [string | undefined, Place])[] = line.startsWith('{')
    ? [
        [message, 'zap-message'],
        [field(line, 'error'), 'error'],
      ]
    : [[line, 'text']];
  const found = texts.flatMap(([text, place]) => {
    if (text === undefined) return [];
    const literal = known.literals.get(text);
    const { primary, anywhere } = matchText(known, text, place);
    return [literal, primary?.compiled, ...anywhere.map(({ compiled }) => compiled)].flatMap((each) => each ?? []);
  });
  return [...new Set(found.flatMap(({ signature, group }) => [signature.id, group]))];
};

const timeOf = ({ at, notAfter, notBefore }: CrashMarkersArtifact['markers'][number]): number | null => {
  const time = Date.parse(at ?? notAfter ?? notBefore ?? '');
  return Number.isNaN(time) ? null : time;
};

const exitsOf = ({ containers, units }: CrashMarkersArtifact): string[] => [
  ...containers
    .filter(({ exitCode, reason }) => exitCode !== undefined || reason !== undefined)
    .map(
      ({ id, reason, exitCode, finishedAt }) =>
        `container ${id}: ${[reason ?? 'ended', exitCode === undefined ? '' : `exit code ${exitCode}`, finishedAt === undefined ? '' : `at ${finishedAt}`].filter((part) => part !== '').join(', ')}`,
    ),
  ...units.map(
    ({ name, properties: { ActiveState, Result, ExecMainStatus, NRestarts } }) =>
      `unit ${name}: ${[ActiveState ?? 'state unknown', Result === undefined ? '' : `result ${Result}`, ExecMainStatus === undefined ? '' : `status ${ExecMainStatus}`, NRestarts === undefined ? '' : `${NRestarts} restarts`].filter((part) => part !== '').join(', ')}`,
  ),
];

/** The newest container that ended: an older one says nothing about the last end. */
const endedOf = ({ containers }: CrashMarkersArtifact) => containers.find(({ state }) => /EXITED/.test(state));

const killedAt = (artifact: CrashMarkersArtifact): number | null => {
  const ended = endedOf(artifact);
  const at = ended?.reason === 'OOMKilled' ? Date.parse(ended.finishedAt ?? '') : Number.NaN;
  return Number.isNaN(at) ? null : at;
};

const outOfMemoryOf = (artifact: CrashMarkersArtifact): boolean | null => {
  const ended = endedOf(artifact);
  const { units } = artifact;
  if (ended === undefined && units.length === 0) return null;
  return ended?.reason === 'OOMKilled' || units.some(({ properties }) => properties['Result'] === 'oom-kill');
};

export default defineFact({
  scope: 'member',
  id: 'crashes',
  title: 'How the process ended before: last words, exits of container and unit',
  artifacts: ['crash-markers'],
  derive: (ctx) => {
    const read = readAll(ctx.case, 'crash-markers', ctx.id);
    if (!read.ok) return read;
    const latest = read.value.at(-1) ?? read.value[0];
    const artifact = latest.value;
    const markers = artifact.markers.map(
      (marker): CrashMarker => ({
        kind: marker.kind,
        line: marker.line,
        at: timeOf(marker),
        says: saysOf(marker.line),
        log: marker.log,
        generation: marker.generation,
      }),
    );
    const timed = [...markers].sort((a, b) => (b.at ?? 0) - (a.at ?? 0));
    return observed(
      {
        markers,
        lastMarker: timed[0] ?? null,
        outOfMemory: outOfMemoryOf(artifact),
        outOfMemoryAt: killedAt(artifact),
        exits: exitsOf(artifact),
        searchedBytes: artifact.logs.reduce((sum, { bytes }) => sum + bytes, 0),
        coreFiles: artifact.coreFiles.length,
        saying: (ids) => markers.filter(({ says }) => says.some((id) => ids.includes(id))),
      },
      [sourceOf(latest)],
    );
  },
});
