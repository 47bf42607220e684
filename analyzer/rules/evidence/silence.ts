import type { CaseMember } from '../../bundle/case.js';
import type { MemberLog } from '../../facts/values/member.js';
import { timesOf, valuesOf } from './log-lines.js';
import { startsOf } from './starts.js';

/** Lines in which other members complain that their probes to `id` fail, in the window; undefined without any log of another member. */
export const complaintsAbout = (
  members: readonly CaseMember[],
  logs: ReadonlyMap<string, MemberLog>,
  id: string,
): number | undefined => {
  const others = members.filter((member) => member.id !== id).flatMap((member) => logs.get(member.id) ?? []);
  if (others.length === 0) return undefined;
  return others.reduce((total, log) => {
    const named = valuesOf(log, 'prober-unhealthy', 'remote-peer-id').get(id) ?? 0;
    return total + Math.min(named, log.count('prober-unhealthy')?.inWindow ?? 0);
  }, 0);
};

/** The last start of the process is not followed by a leader: it still opens its files or waits for a quorum. Undefined when the log shows no start. */
export const stillStarting = (log: MemberLog): boolean | undefined => {
  const start = startsOf(log).at(-1);
  if (start === undefined) return undefined;
  const led = timesOf(log, ['raft-elected', 'raft-became-leader']).at(-1);
  return led === undefined || led < start.at;
};

/** The longest delay of a heartbeat that was logged before the window, seconds. */
export const lateBefore = (log: MemberLog | undefined, from: number): { readonly seconds: number } | undefined => {
  const worst = (log?.count('leader-heartbeat-late')?.stats ?? []).flatMap((stats) => {
    const value = stats.numbers.get('exceeded-duration')?.worst;
    return value?.sample.time === undefined || value.sample.time >= from ? [] : [value.value];
  });
  return worst.length === 0 ? undefined : { seconds: Math.max(...worst) };
};
