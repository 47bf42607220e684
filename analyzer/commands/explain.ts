import { listPackageFiles, readPackageFile } from '../../schemas/index.js';
import { logSignatures } from '../knowledge/log-signatures.js';
import { formatThreshold } from '../knowledge/threshold.js';
import { type ThresholdId, thresholdOf, thresholds } from '../knowledge/thresholds.js';
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

const thresholdText = (id: string): string | undefined => {
  if (!Object.hasOwn(thresholds, id)) return undefined;
  const threshold = thresholdOf(id as ThresholdId);
  const scales = threshold.scalesWith === undefined ? '' : `\nScales with: ${threshold.scalesWith}.`;
  return `# Threshold ${id}\n\n${formatThreshold(threshold)} (unit: ${threshold.unit})\n\nSource: ${threshold.source}.${scales}\n\nTo replace it: etcd-analyze --thresholds FILE (etcd-analyze schema thresholds).\n`;
};

const signatureText = (id: string): string | undefined => {
  const signature = logSignatures().find((each) => each.id === id);
  if (signature === undefined) return undefined;
  const { meaning, level, versions, source, message, example } = signature;
  return `# Log signature ${id}\n\n${meaning}\n\nLine: ${example ?? message ?? ''}\nLevel: ${level}. Printed by etcd ${versions.join(', ')}. In etcd's source: ${source}.\n`;
};

/** What is explained beside rules: by a prefix, since a rule and a signature may share an id. */
const kinds = {
  threshold: { text: thresholdText, ids: () => Object.keys(thresholds) },
  signature: { text: signatureText, ids: () => logSignatures().map(({ id }) => id) },
} as const;

/** The page of a rule, or what a threshold or log signature is, as Markdown. Throws `UsageError` with the nearest ids when there is none. */
const textFor = (asked: string): string => {
  const [, kind = 'rule', id = asked] = /^(threshold|signature|rule):(.*)$/.exec(asked) ?? [];
  const other = kind === 'threshold' || kind === 'signature' ? kinds[kind] : undefined;
  if (other !== undefined) {
    const text = other.text(id);
    if (text !== undefined) return text;
  }
  const known = pages();
  const page = other === undefined ? known.get(id) : undefined;
  if (page !== undefined) return readPackageFile(page);
  const near = nearest(id, other === undefined ? known.keys() : other.ids());
  const hint =
    near.length > 0
      ? ` Near it: ${near.join(', ')}.`
      : other === undefined
        ? ' List them with `etcd-analyze rules`.'
        : '';
  throw new UsageError(`There is no ${kind} ${JSON.stringify(id)}.${hint}`);
};

export const explainCommand: Command = {
  usage: 'explain <what>',
  summary: 'Print the page of a rule; also threshold:ID and signature:ID',
  examples: [
    ['$0 explain disk-slow-device', 'what it means, how it decides, when it is wrong'],
    ['$0 explain threshold:fsync-slow-ms', 'its value and where it comes from'],
  ],
  options: (yargs) =>
    yargs.positional('what', {
      type: 'string',
      describe: 'Rule id, threshold:ID of a threshold, signature:ID of a log line',
    }),
  run: async (argv, { io }) => {
    await io.stdout(textFor(list(argv.what)[0] ?? ''));
    return 0;
  },
};
