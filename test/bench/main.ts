/**
 * `npm run bench`: what collecting and analysing cost, each against something that everybody has at hand, measured in turns in one
 * run. Prints a table, writes out/bench.json. Goals are reported, not asserted: the exit code is 0 when the measuring worked.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { availableParallelism, cpus } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { packageRoot } from '../../schemas/index.js';
import { type Cluster, startCluster } from '../lab/cluster/cluster.js';
import { EtcdUnavailable, findEtcd } from '../support/etcd-binaries.js';
import { putLoad } from '../lab/faults/index.js';
import { openLab } from '../lab/cluster/lab.js';
import { benchLargeLog, benchUsualBundle, writeSyntheticBundle } from './analyze.js';
import { benchCollectorCost, benchOneRound, collect } from './collect.js';
import { benchInterference } from './interference.js';
import { cpuPressure } from './measure.js';
import { type Result, tableOf } from './result.js';

const SECTIONS = ['healthy', 'hung', 'cost', 'load', 'log', 'bundle'] as const;
type Section = (typeof SECTIONS)[number];

const say = (text: string): void => void process.stdout.write(`${text}\n`);

function options(): { only: readonly Section[]; megabytes: number; runs: number } {
  const { values } = parseArgs({
    options: {
      only: { type: 'string', multiple: true },
      'log-mb': { type: 'string', default: '1024' },
      runs: { type: 'string', default: '3' },
    },
  });
  const only = SECTIONS.filter((section) => values.only === undefined || values.only.includes(section));
  const [megabytes, runs] = [Number(values['log-mb']), Number(values.runs)];
  if (only.length < (values.only ?? SECTIONS).length || !(megabytes >= 1) || !(Number.isInteger(runs) && runs >= 1)) {
    throw new Error(`usage: bench [--only ${SECTIONS.join('|')}]... [--log-mb N] [--runs N]`);
  }
  return { only, megabytes, runs };
}

/** A cluster with something in it, or undefined, said aloud, where there is no etcd. */
async function clusterOf(): Promise<Cluster | undefined> {
  try {
    const cluster = await startCluster({ binaries: await findEtcd() });
    const load = await putLoad(cluster, { clients: 2, seconds: 5, rate: 400, valueBytes: 1024 });
    await load.finished;
    return cluster;
  } catch (error) {
    if (!(error instanceof EtcdUnavailable)) throw error;
    say(`No etcd on this machine (${error.message}): only the analyzer is measured, on a made-up bundle.`);
    return undefined;
  }
}

async function measure(dir: string): Promise<readonly (Result & { section: Section })[]> {
  const { only, megabytes, runs } = options();
  const results: (Result & { section: Section })[] = [];
  const record = async (section: Section, title: string, work: () => Promise<Result>): Promise<void> => {
    if (!only.includes(section)) return;
    say(title);
    results.push({ section, ...(await work()) });
  };
  const bundle = join(dir, 'usual.tar.gz');
  const cluster = await clusterOf();
  try {
    if (cluster === undefined) {
      await writeSyntheticBundle(bundle);
    } else {
      await record('healthy', 'Collecting from a healthy cluster', () =>
        benchOneRound(cluster, dir, { runs, hung: [] }),
      );
      for (const hung of [[1], [0, 1, 2]]) {
        await record('hung', `Collecting with ${hung.length} of 3 members hung`, () =>
          benchOneRound(cluster, dir, { runs, hung }),
        );
      }
      // The others want its bundle, even when they alone are asked for.
      const cost = await benchCollectorCost(cluster, dir, bundle, only.includes('cost') ? runs : 1);
      await record('cost', 'Counting what a quick collection costs', async () => cost);
      await record('load', 'Measuring what clients of a loaded cluster notice of a collection', () =>
        benchInterference(cluster, runs, () => collect(cluster, dir, join(dir, 'loaded.tar.gz'), ['--quick'])),
      );
    }
  } finally {
    await cluster?.dispose();
  }
  await record('bundle', 'Analysing a usual bundle', () => benchUsualBundle(bundle, dir, runs));
  await record('log', 'Analysing large logs', () => benchLargeLog(bundle, dir, { runs, megabytes, say }));
  return results;
}

const pressureBefore = await cpuPressure();
const lab = openLab('etcd-bench-');
const results = await measure(lab.dir).finally(() => lab.end());
const machine = {
  node: process.versions.node,
  cpu: cpus()[0]?.model ?? 'unknown',
  cores: availableParallelism(),
  ...(pressureBefore === undefined ? {} : { cpuPressureBefore: pressureBefore }),
};
const file = join(packageRoot, 'out', 'bench.json');
await mkdir(join(packageRoot, 'out'), { recursive: true });
await writeFile(file, `${JSON.stringify({ at: new Date().toISOString(), machine, results }, null, 2)}\n`);
const busiest = Math.max(pressureBefore ?? 0, ...results.map((result) => result.cpuPressure ?? 0));
say(`\n${tableOf(results.flatMap(({ rows }) => rows))}\n`);
say(
  `${machine.cores} cores, ${machine.cpu}, Node ${machine.node}; something waited for a CPU up to ${busiest} % of the time`,
);
say(`Every run: ${file}`);
