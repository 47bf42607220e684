import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { UsageArtifact } from '../../schemas/index.js';
import type { Cluster } from '../lab/cluster/cluster.js';
import { alternate, runProgram, runShell, type Sample } from './measure.js';
import { readArchiveFiles } from './pack-bundle.js';
import { cpuRow, memoryRow, ratioRow, type Result, resultOf, wallRow } from './result.js';

/** Longest wait for one read, on both sides. Shorter than the default, so that the baseline of hung members ends some day. */
const ITEM_TIMEOUT_S = 2;
/** Complete, with gaps, no member answered. */
const COLLECTED = [0, 3, 4];
const LIMIT_MS = 300_000;
/** What the collector asks of every member, one call after another. Calls that fail are part of the comparison. */
const ONE_BY_ONE = `
etcdctl=$1; wait=$2; shift 2
export ETCDCTL_API=3
for url in "$@"; do
  for call in "endpoint status -w json" "member list -w json" "endpoint hashkv -w json" "alarm list" "get bench"; do
    $etcdctl --endpoints "$url" --dial-timeout "\${wait}s" --command-timeout "\${wait}s" $call >/dev/null 2>&1
  done
  for path in metrics health "livez?verbose" "readyz?verbose" version; do
    curl -s -m "$wait" -o /dev/null "$url/$path"
  done
done
true`;

const oneByOne = (cluster: Cluster): Promise<Sample> =>
  runShell(ONE_BY_ONE, [cluster.binaries.etcdctl, String(ITEM_TIMEOUT_S), ...cluster.endpoints()], LIMIT_MS);

/** One collection as a user would start it. */
export const collect = async (
  cluster: Cluster,
  dir: string,
  output: string,
  args: readonly string[],
): Promise<Sample> => {
  // A bundle is never overwritten: each run writes its own.
  await rm(output, { force: true });
  return runProgram(
    'collector',
    [
      '--endpoints',
      cluster.endpoints().join(','),
      '-o',
      output,
      '--timeout',
      `${ITEM_TIMEOUT_S}s`,
      '--progress',
      'none',
      '--series-key',
      join(dir, 'series.key'),
      ...args,
    ],
    { dir, accept: COLLECTED, timeoutMs: LIMIT_MS },
  );
};

/** One round over the network, with members hung or not, against etcdctl and curl. */
export async function benchOneRound(
  cluster: Cluster,
  dir: string,
  options: { readonly runs: number; readonly hung: readonly number[] },
): Promise<Result> {
  const output = join(dir, 'round.tar.gz');
  const { runs, hung } = options;
  for (const index of hung) await cluster.member(index).stop('SIGSTOP');
  try {
    const { a, b } = await alternate(
      // The baseline waits for each call of a hung member in turn: once is enough.
      hung.length > 0 ? 1 : runs,
      () => oneByOne(cluster),
      () => collect(cluster, dir, output, ['--rounds', '1', '--no-local']),
    );
    while (b.length < runs) b.push(await collect(cluster, dir, output, ['--rounds', '1', '--no-local']));
    const size = cluster.members.length;
    const name = `collect, one round, ${hung.length === 0 ? 'healthy' : `${hung.length} of ${size} hung`}`;
    const baseline = { name: 'etcdctl and curl in turn', samples: a };
    const rows = [ratioRow(name, 'wall', b, baseline), ratioRow(name, 'CPU', b, baseline)];
    if (hung.length > 0) rows.push(wallRow(name, b, ITEM_TIMEOUT_S + 1));
    return await resultOf(rows, { [`${name}: baseline`]: a, [name]: b });
  } finally {
    for (const index of hung) await cluster.member(index).stop('SIGCONT');
    await rm(output, { force: true });
    await cluster.waitHealthy();
  }
}

/** A whole quick collection on the host of the members; leaves its bundle at `output`. */
export async function benchCollectorCost(cluster: Cluster, dir: string, output: string, runs: number): Promise<Result> {
  const samples: Sample[] = [];
  const own: Account[] = [];
  for (let turn = 0; turn < runs; turn++) {
    await rm(output, { force: true });
    samples.push(await collect(cluster, dir, output, ['--quick']));
    own.push(await ownAccount(output));
  }
  const name = 'collect, quick, with the host';
  const kernel = samples.map(({ rssBytes = Number.NaN }) => rssBytes);
  return resultOf(
    [
      cpuRow(name, samples),
      {
        ...cpuRow(
          name,
          own.map(({ cpu }) => ({ wall: 0, user: cpu, system: 0 })),
        ),
        figure: 'CPU by its own account',
      },
      memoryRow(name, 'peak RSS', kernel, 150),
      memoryRow(
        name,
        'peak RSS by its own account',
        own.map(({ rssBytes }) => rssBytes),
        150,
      ),
      {
        name,
        figure: 'at the busiest member, 3 rounds',
        value: Math.max(...own.map(({ requests }) => requests)),
        unit: 'requests',
      },
    ],
    { [name]: samples },
  );
}

interface Account {
  readonly cpu: number;
  readonly rssBytes: number;
  /** At the member that was asked most. */
  readonly requests: number;
}

/** What the bundle says about the making of it. */
async function ownAccount(bundle: string): Promise<Account> {
  const files = await readArchiveFiles(bundle);
  const usage = [...files].find(([name]) => name.endsWith('/collection/usage.json'))?.[1];
  if (usage === undefined) throw new Error(`${bundle} holds no account of its making`);
  const { cpuUserMs, cpuSystemMs, maxRssBytes, requests } = JSON.parse(String(usage)) as UsageArtifact;
  const sums = Object.values(requests).map((phases) => Object.values(phases).reduce((sum, count) => sum + count, 0));
  return { cpu: (cpuUserMs + cpuSystemMs) / 1000, rssBytes: maxRssBytes, requests: Math.max(...sums) };
}
