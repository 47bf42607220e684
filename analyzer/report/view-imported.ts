import type { Report } from '../../schemas/index.js';
import { count, plural } from './format.js';

export interface ImportedView {
  readonly line: string;
  readonly sources: readonly string[];
  readonly notes: readonly string[];
  readonly left: readonly string[];
}

const SHOWN = 30;

const shortened = (lines: readonly string[]): readonly string[] =>
  lines.length <= SHOWN
    ? lines
    : [...lines.slice(0, SHOWN), `and ${count(lines.length - SHOWN)} more, in the JSON report`];

/** What an import was made from; null when everything was collected. */
export const importedView = ({ coverage: { imported } }: Report): ImportedView | null =>
  imported === undefined
    ? null
    : {
        line: `Imported from ${plural(imported.sources.length, 'source')}; etcd-collect did not run, so what is not named here was never asked.`,
        sources: shortened(imported.sources),
        notes: shortened(imported.notes),
        left: shortened(imported.left),
      };
