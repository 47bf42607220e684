import { join } from 'node:path';
import { packageRoot } from '../../../schemas/index.js';
import { type EtcdLine, isEtcdLine } from '../../support/etcd-binaries.js';
import yargs from 'yargs';

export interface AccuracyOptions {
  readonly quick: boolean;
  readonly lines: readonly EtcdLine[];
  /** Each scenario on one of the lines, in turn, instead of on all of them. */
  readonly spread: boolean;
  /** Scenario ids; empty: all. */
  readonly only: readonly string[];
  readonly families: readonly string[];
  readonly jobs: number;
  readonly repeat: number;
  readonly strengths: readonly number[];
  /** Where bundles and records go. */
  readonly out: string;
  /** Judge what lies in `out` already, play nothing. */
  readonly again: boolean;
  /** Keep what lies in `out` already and play only what is missing. */
  readonly resume: boolean;
  /** Write docs/generated/accuracy.md and accuracy.json. */
  readonly write: boolean;
}

const list = (value: unknown): string[] =>
  (Array.isArray(value) ? value : value === undefined ? [] : [value])
    .flatMap((each) => String(each).split(','))
    .filter((each) => each !== '');

export const parseOptions = async (argv: readonly string[]): Promise<AccuracyOptions> => {
  const given = await yargs([...argv])
    .scriptName('npm run accuracy --')
    .usage('$0 [options]\n\nMakes incidents on real clusters and scores what the diagnosis says about them.')
    .option('quick', { type: 'boolean', default: false, describe: 'only the scenarios marked quick, as CI does' })
    .option('versions', { type: 'string', default: '3.5,3.6', describe: 'etcd release lines' })
    .option('spread', { type: 'boolean', default: false, describe: 'each scenario on one of the lines, in turn' })
    .option('only', { type: 'string', describe: 'ids of scenarios, with commas between' })
    .option('family', { type: 'string', describe: 'families of scenarios, with commas between' })
    .option('jobs', { type: 'number', default: 2, describe: 'clusters side by side' })
    .option('repeat', { type: 'number', default: 1, describe: 'runs of each' })
    .option('strength', { type: 'string', default: '1', describe: 'factors of the faults’ strengths, such as 0.5,1,2' })
    .option('out', {
      type: 'string',
      default: join(packageRoot, 'out', 'accuracy'),
      describe: 'directory of the bundles and records',
    })
    .option('again', { type: 'boolean', default: false, describe: 'judge the bundles in --out again, play nothing' })
    .option('resume', { type: 'boolean', default: false, describe: 'play only what is not in --out yet' })
    .option('write', { type: 'boolean', default: false, describe: 'write docs/generated/accuracy.md and .json' })
    .example('$0 --only slow-fsync-leader --versions 3.6', 'one scenario on one line')
    .example('$0 --again', 'after a change of a rule: the same bundles, judged anew')
    .strict()
    .wrap(110)
    .parse();
  const lines = list(given.versions);
  const wrong = lines.find((line) => !isEtcdLine(line));
  if (wrong !== undefined) throw new Error(`--versions ${wrong} is none of 3.4, 3.5, 3.6, 3.7`);
  const strengths = list(given.strength).map(Number);
  if (strengths.length === 0 || strengths.some((each) => !(each > 0)))
    throw new Error('--strength takes factors above 0, such as 0.5,1,2');
  return {
    quick: given.quick,
    spread: given.spread,
    lines: lines.filter(isEtcdLine),
    only: list(given.only),
    families: list(given.family),
    jobs: Math.max(1, given.jobs),
    repeat: Math.max(1, given.repeat),
    strengths,
    out: given.out,
    again: given.again,
    resume: given.resume,
    write: given.write,
  };
};
