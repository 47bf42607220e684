import { listPackageFiles, readPackageFile } from '../schemas/index.js';
import { UsageError } from './cli-options.js';

const PAGES = 'analyzer/rules';

/** Path of every rule page by rule id. */
const pages = (): ReadonlyMap<string, string> =>
  new Map(
    listPackageFiles(PAGES)
      .filter((path) => /^[^/]+\/[^/]+\.md$/.test(path))
      .map((path) => [path.slice(path.indexOf('/') + 1, -'.md'.length), `${PAGES}/${path}`]),
  );

/** The page of a rule as Markdown. Throws `UsageError` with the nearest ids when there is none. */
export const explain = (rule: string): string => {
  const known = pages();
  const page = known.get(rule);
  if (page !== undefined) return readPackageFile(page);
  const words = rule.split('-').filter((word) => word.length > 2);
  const near = [...known.keys()].filter((id) => words.some((word) => id.includes(word))).slice(0, 5);
  const hint = near.length > 0 ? ` Near it: ${near.join(', ')}.` : ' List them with --rules.';
  throw new UsageError(`There is no rule ${JSON.stringify(rule)}.${hint}`);
};
