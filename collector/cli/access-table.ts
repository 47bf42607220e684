import type { Manifest } from '../../schemas/index.js';
import type { ExpectedEntry } from '../access.js';
import { wrap } from './plan-table.js';
import { printable } from './tables.js';

const WIDTH = 118;

const indented = (label: string, text: string): string[] =>
  wrap(printable(`${label}${text}`), WIDTH - 6).map((line, index) => `${index === 0 ? '    ' : '      '}${line}`);

const hanging = (lines: readonly string[]): string[] => lines.map((line, at) => (at === 0 ? line : `    ${line}`));

const words: Readonly<Record<ExpectedEntry['access'], string>> = {
  full: 'can be read',
  partial: 'can be read in part',
  none: 'cannot be read',
  unknown: 'will be tried',
};

/** The access map of `plan` for people, at most 118 columns wide but for commands, which stay on one line to be copied. */
export const accessTable = (
  {
    entries,
    vantage,
  }: {
    readonly entries: readonly ExpectedEntry[];
    readonly vantage?: { readonly uid?: number; readonly certificate?: string; readonly user?: string };
  },
  names: ReadonlyMap<string, string>,
  platform: Manifest['platform'],
): string => {
  const who = [
    ...(vantage?.uid === undefined ? [] : [`uid ${vantage.uid}`]),
    vantage?.certificate === undefined ? 'no client certificate' : `client certificate ${vantage.certificate}`,
    ...(vantage?.user === undefined ? [] : [`user ${vantage.user}`]),
  ].join(', ');
  const head =
    platform === undefined
      ? 'Platform: none recognised (--platform NAME names one)'
      : `Platform: ${platform.name} (${platform.detectedBy === 'flag' ? 'named with --platform' : platform.evidence.join(', ')})`;
  const blocks = entries
    // What can be read without more ado is in the table of reads already.
    .filter(({ access }) => access !== 'full')
    .map(({ target, what, kinds, access, reason, whoCanSupply, command }) => {
      const name = names.get(target.id);
      const title =
        target.kind === 'cluster'
          ? target.kind
          : `${target.kind} ${name === undefined ? target.id : `${name} (${target.id})`}`;
      return [
        ...hanging(
          wrap(
            printable(`  ${title}: ${what}: ${words[access]}${reason === undefined ? '' : `: ${reason}`}`),
            WIDTH - 4,
          ),
        ),
        ...(kinds.length === 0 ? [] : indented('', kinds.join(', '))),
        ...(whoCanSupply === undefined ? [] : indented('who can: ', whoCanSupply)),
        ...(command === undefined ? [] : [`    command: ${printable(command)}`]),
      ].join('\n');
    });
  return `${[...wrap(printable(head), WIDTH), `Reading as: ${printable(who)}`, 'Access:', ...(blocks.length === 0 ? ['  all of it'] : blocks)].join('\n')}\n`;
};
