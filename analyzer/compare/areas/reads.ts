import { milliseconds } from '../../report/format.js';
import { clusterSubject, type Comparison, type Notebook } from '../change.js';
import { limit, slowMs } from '../limits.js';
import type { Snapshot } from '../snapshot.js';
import { mannWhitney } from '../statistics.js';

/** From this many reads on a side the normal approximation is good enough for complete separation, which the probability asks for. */
const LEAST_READS = 8;

const readsOf = ({ case: input, facts }: Snapshot, kind: 'linearizable' | 'serializable'): number[] =>
  input.members.flatMap(({ id }) => {
    const seen = facts.member(id, 'readLatency');
    return seen.ok && seen.value[kind].failed === 0 ? [...seen.value[kind].ms] : [];
  });

const median = (sorted: readonly number[]): number => sorted[Math.floor((sorted.length - 1) / 2)] ?? 0;

/** Reads that the collectors timed, over all members: single values, and few. */
export const compareReads = (input: Comparison, notes: Notebook): void => {
  for (const kind of ['linearizable', 'serializable'] as const) {
    const then = input.baselines.flatMap(({ snapshot }) => readsOf(snapshot, kind)).sort((a, b) => a - b);
    const now = readsOf(input.after, kind).sort((a, b) => a - b);
    const what = `Latency of ${kind} reads`;
    if (Math.min(then.length, now.length) < LEAST_READS) {
      notes.cannot(what, `too few reads: ${then.length} then, ${now.length} now; ${LEAST_READS} are needed`);
      continue;
    }
    const values = [...new Set([...then, ...now])].sort((a, b) => a - b);
    const counts = (list: readonly number[]): number[] =>
      values.map((value) => list.filter((each) => each === value).length);
    // Reads are sent one after the other, each alone: no allowance for dependence within a stall of milliseconds.
    const test = mannWhitney(counts(then), counts(now), 1);
    const [before, after] = [median(then), median(now)];
    const worse = after >= before;
    const factor = limit('shift-factor');
    if (
      test === null ||
      test.p >= limit('probability') ||
      Math.abs(test.superiority - 0.5) < limit('superiority') - 0.5 ||
      (worse ? after < before * factor : before < after * factor)
    ) {
      notes.unchanged();
      continue;
    }
    const slow = after >= slowMs.reads.value;
    notes.change({
      id: `reads/${kind}`,
      kind: 'changed',
      significance: worse && slow ? 'medium' : 'info',
      direction: worse ? 'worse' : 'better',
      subject: clusterSubject,
      title: what,
      text: `${what} from where the collectors ran: median ${milliseconds(before)} in the baseline, ${milliseconds(after)} now${worse && !slow ? ', still quick' : ''}.`,
      before: `median ${milliseconds(before)}`,
      after: `median ${milliseconds(after)}`,
      statistics: {
        test: 'mann-whitney',
        p: test.p,
        effect: `a read of now is longer than one of then in ${Math.round(test.superiority * 100)} % of pairs`,
        counts: [then.length, now.length],
      },
    });
  }
};
