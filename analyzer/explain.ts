import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { packageRoot } from '../schemas/index.js';
import { UsageError } from './cli-options.js';

const PAGES = join(packageRoot, 'analyzer', 'rules');

/** Path of every rule page by rule id. */
const pages = async (): Promise<ReadonlyMap<string, string>> => {
  const found = new Map<string, string>();
  for (const category of await readdir(PAGES, { withFileTypes: true })) {
    if (!category.isDirectory()) continue;
    for (const name of await readdir(join(PAGES, category.name))) {
      if (name.endsWith('.md')) found.set(name.slice(0, -'.md'.length), join(PAGES, category.name, name));
    }
  }
  return found;
};

/** The page of a rule as Markdown. Throws `UsageError` with the nearest ids when there is none. */
export const explain = async (rule: string): Promise<string> => {
  const known = await pages();
  const page = known.get(rule);
  if (page !== undefined) return readFile(page, 'utf8');
  const words = rule.split('-').filter((word) => word.length > 2);
  const near = [...known.keys()].filter((id) => words.some((word) => id.includes(word))).slice(0, 5);
  const hint = near.length > 0 ? ` Near it: ${near.join(', ')}.` : ' List them with --rules.';
  throw new UsageError(`There is no rule ${JSON.stringify(rule)}.${hint}`);
};
