import type { Cluster } from '../lab/cluster/cluster.js';
import { putLoad } from '../lab/faults/index.js';
import { median, type Sample } from './measure.js';
import { type Result, resultOf, type Row } from './result.js';

/** Puts of 1 KiB a second of all clients: a busy control plane, far from what three members on a laptop can do. */
const LOAD = { clients: 4, rate: 400, valueBytes: 1024 } as const;
/** A quick collection, what it takes to start, and a second on both sides, s. */
const SECONDS = 15;

interface Turn {
  readonly p50: number;
  readonly p99: number;
  readonly failed: number;
}

/** One load of `SECONDS`, with something else going on meanwhile or not. Latencies in ms. */
const turn = async (cluster: Cluster, meanwhile?: () => Promise<unknown>): Promise<Turn> => {
  const load = await putLoad(cluster, { ...LOAD, seconds: SECONDS });
  const [{ p50, p99, failed }] = await Promise.all([load.finished, meanwhile?.()]);
  return { p50, p99, failed };
};

const row = (figure: 'p50' | 'p99', alone: readonly Turn[], beside: readonly Turn[]): Row => {
  const [base, value] = [alone, beside].map((turns) => median(turns.map((each) => each[figure])));
  return {
    name: `client puts (${LOAD.rate}/s) during a quick collection on their host`,
    figure,
    value: value ?? Number.NaN,
    unit: 'ms',
    baseline: { name: 'without', value: base ?? Number.NaN },
    ratio: (value ?? Number.NaN) / (base ?? Number.NaN),
  };
};

/** What clients of a loaded cluster notice of a collection that runs on the host of its members: put latency with and without, in turns. */
export async function benchInterference(
  cluster: Cluster,
  runs: number,
  collect: () => Promise<Sample>,
): Promise<Result> {
  const alone: Turn[] = [];
  const beside: Turn[] = [];
  for (let each = 0; each < runs; each += 1) {
    alone.push(await turn(cluster));
    beside.push(await turn(cluster, collect));
  }
  const failed = [...alone, ...beside].reduce((sum, each) => sum + each.failed, 0);
  if (failed > 0) throw new Error(`${failed} puts failed: this machine cannot carry the load that is to be disturbed`);
  const samples = (turns: readonly Turn[]): Sample[] =>
    turns.map(({ p99 }) => ({ wall: p99 / 1000, user: 0, system: 0 }));
  return resultOf([row('p50', alone, beside), row('p99', alone, beside)], {
    'put p99 without a collection': samples(alone),
    'put p99 during a collection': samples(beside),
  });
}
