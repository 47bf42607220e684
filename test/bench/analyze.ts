import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bundleFiles, packBundle } from '../support/bundle-archive.js';
import { type GeneratedForm, type GeneratedMix, generateLog } from './generate-log.js';
import { alternate, runProgram, runShell, type Sample } from './measure.js';
import { packWithLog, readArchiveFiles } from './pack-bundle.js';
import { cpuRow, memoryRow, ratioRow, type Result, resultOf, wallRow } from './result.js';

/** The analyzer's codes for a report of any verdict. */
const REPORTED = [0, 3, 4, 8];
const LIMIT_MS = 300_000;

/** A small bundle with one log, for machines on which none can be collected. */
export async function writeSyntheticBundle(path: string): Promise<void> {
  const log = 'members/0000000000000001/logs/server-all.log';
  await writeFile(path, packBundle(bundleFiles({}, { [log]: '{"level":"info","msg":"x"}\n' })));
}

const analyse = (bundle: string, dir: string): Promise<Sample> =>
  runProgram('analyzer', [bundle, '--format', 'json', '-o', join(dir, 'report.json')], {
    dir,
    accept: REPORTED,
    timeoutMs: LIMIT_MS,
  });

const LOGS: readonly { readonly form: GeneratedForm; readonly mix: GeneratedMix; readonly name: string }[] = [
  { form: 'zap', mix: 'usual', name: 'zap log' },
  { form: 'zap', mix: 'hostile', name: 'zap log, hostile mix' },
  { form: 'text', mix: 'usual', name: '3.4 text log' },
  { form: 'text', mix: 'hostile', name: '3.4 text log, hostile mix' },
];

/** The analyzer on `bundle` with one log of `megabytes` MiB in place of its own, against unpacking it and counting its lines. */
export async function benchLargeLog(
  bundle: string,
  dir: string,
  options: { readonly runs: number; readonly megabytes: number; readonly say: (text: string) => void },
): Promise<Result> {
  const rows: Result['rows'][number][] = [];
  const samples: Record<string, readonly Sample[]> = {};
  const files = await readArchiveFiles(bundle);
  for (const { form, mix, name } of LOGS) {
    const log = join(dir, 'large.log');
    const large = join(dir, 'large.tar.gz');
    options.say(`  making ${options.megabytes} MiB of ${name}`);
    await generateLog(log, options.megabytes * 2 ** 20, form, mix);
    await packWithLog(files, log, large);
    await rm(log);
    options.say('  measuring');
    const { a, b } = await alternate(
      options.runs,
      () => runShell('gzip -dc "$1" | wc -l >/dev/null', [large], LIMIT_MS),
      () => analyse(large, dir),
    );
    await rm(large);
    const title = `analyze, ${options.megabytes} MiB ${name}`;
    const baseline = { name: 'gzip -dc | wc -l', samples: a };
    rows.push(
      ratioRow(title, 'wall', b, baseline, 2),
      ratioRow(title, 'CPU', b, baseline),
      memoryRow(
        title,
        'peak RSS',
        b.map(({ rssBytes = Number.NaN }) => rssBytes),
        300,
      ),
    );
    samples[`${title}: baseline`] = a;
    samples[title] = b;
  }
  return resultOf(rows, samples);
}

/** The analyzer on a bundle of usual size, from start to report. */
export async function benchUsualBundle(bundle: string, dir: string, runs: number): Promise<Result> {
  const { a } = await alternate(
    runs,
    () => analyse(bundle, dir),
    async () => ({ wall: 0, user: 0, system: 0 }),
  );
  const name = 'analyze, usual bundle';
  return resultOf([wallRow(name, a, 1), cpuRow(name, a)], { [name]: a });
}
