import { listPackageFiles, readPackageFile } from '../../schemas/index.js';
import { nearest } from '../nearest.js';
import type { Command } from './command.js';
import { list, UsageError } from './flags.js';

const PAGES = 'analyzer/rules';

/** Path of every rule page by rule id. */
const pages = (): ReadonlyMap<string, string> =>
  new Map(
    listPackageFiles(PAGES)
      .filter((path) => /^[^/]+\/[^/]+\.md$/.test(path))
      .map((path) => [path.slice(path.indexOf('/') + 1, -'.md'.length), `${PAGES}/${path}`]),
  );

/** The page of a rule as Markdown. Throws `UsageError` with the nearest ids when there is none. */
const pageOf = (rule: string): string => {
  const known = pages();
  const page = known.get(rule);
  if (page !== undefined) return readPackageFile(page);
  const near = nearest(rule, known.keys());
  const hint = near.length > 0 ? ` Near it: ${near.join(', ')}.` : ' List them with `etcd-analyze rules`.';
  throw new UsageError(`There is no rule ${JSON.stringify(rule)}.${hint}`);
};

export const explainCommand: Command = {
  usage: 'explain <rule>',
  summary: 'Print the page of a rule',
  examples: [['$0 explain disk-slow-device', 'what it means, how it decides, when it is wrong']],
  options: (yargs) => yargs.positional('rule', { type: 'string', describe: 'Rule id' }),
  run: async (argv, { io }) => {
    await io.stdout(pageOf(list(argv.rule)[0] ?? ''));
    return 0;
  },
};
