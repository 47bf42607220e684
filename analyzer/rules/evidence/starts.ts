import type { ReportSource } from '../../../schemas/index.js';
import type { MemberLog } from '../../facts/values/member.js';
import { timesOf } from './log-lines.js';

/** The said part of a fatal line: message and error of a zap line (which may be cut off), else the text itself. */
const sayingOf = (text: string): string => {
  const field = (name: string): string | undefined => new RegExp(`"${name}":"((?:[^"\\\\]|\\\\.)*)`).exec(text)?.[1];
  const message = field('msg');
  return message === undefined ? text : [message, field('error')].filter((part) => part !== undefined).join(': ');
};

export interface Start {
  /** Epoch ms by the member's clock. */
  readonly at: number;
  /** A signal was logged since the start before; undefined for the first start known. */
  readonly orderly: boolean | undefined;
  /** The first fatal or panic line of the process before; undefined when it said nothing or the log does not hold it. */
  readonly lastWords: string | undefined;
  readonly source: ReportSource;
}

/** Process starts in a member's log, oldest first; slices that overlap give each start once. */
export const startsOf = (log: MemberLog): readonly Start[] => {
  const byTime = new Map<number, Start>();
  for (const { path, bundleId, summary } of log.summaries) {
    for (const [i, start] of summary.starts.entries()) {
      if (start.time === undefined) continue;
      const known = byTime.get(start.time);
      // The slice that reaches further back knows how the process before ended.
      if (known !== undefined && known.orderly !== undefined) continue;
      const since = summary.starts[i - 1]?.line ?? 0;
      const fatal = summary.fatal.find(({ line }) => line > since && line < start.line);
      byTime.set(start.time, {
        at: start.time,
        orderly: start.orderlyStopBefore,
        lastWords: fatal === undefined ? undefined : sayingOf(fatal.text),
        source: { artifact: 'server-log', path, bundle: bundleId, pointer: `line ${start.line}` },
      });
    }
  }
  return [...byTime.values()].sort((a, b) => a.at - b.at);
};

/** Times at which the member stopped or started, or leadership was handed over on purpose: what makes an election harmless. */
export const plannedTimes = (log: MemberLog): readonly number[] =>
  [
    ...startsOf(log).map((start) => start.at),
    ...timesOf(log, [
      'starting-etcd',
      'starting-etcd-server',
      'signal-shutdown',
      'raft-transfer-start',
      'raft-timeout-now',
    ]),
  ].sort((a, b) => a - b);
