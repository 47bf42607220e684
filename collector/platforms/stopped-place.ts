import { attempt } from '../local-files.js';
import type { MemberTarget } from '../probe.js';
import type { Wiring } from '../wiring.js';

/** Gives members of this host that do not run the data dir and the log places of the platform. Never rejects. */
export const placeStopped = async (
  members: readonly MemberTarget[],
  { place, ports }: Pick<Wiring, 'place' | 'ports'>,
): Promise<readonly MemberTarget[]> => {
  const profile = place?.platform?.profile;
  if (profile === undefined || !members.some(({ local }) => local?.pid === 0)) return members;
  const signal = AbortSignal.timeout(1000);
  const found = await Promise.all(
    profile.dataDirs.map(async (dir) =>
      (await attempt(ports.files.stat(dir, { signal }))) === undefined ? [] : [dir],
    ),
  );
  const [dataDir] = found.flat();
  return members.map((member) => {
    if (member.local?.pid !== 0) return member;
    const local = { ...member.local, logPlaces: profile.logs };
    return { ...member, local: local.dataDir === undefined && dataDir !== undefined ? { ...local, dataDir } : local };
  });
};
