import { UnrecognisedInput } from '../bundle/errors.js';
import { type BundleFiles, bundleFiles } from './bundle-files.js';
import { labelOf, leave, newBasket } from './collect-files.js';
import { type ForeignInput, gather } from './gather.js';
import { hintOf } from './hints.js';
import { recognise } from './recognise.js';
import type { ForeignFile, Recognised, Source } from './types.js';

export type { BundleFiles } from './bundle-files.js';
export type { ForeignInput } from './gather.js';

/** The ends of paths by which they can be told apart: where the evidence lay on this machine is nobody else's business. */
const shortLabels = (paths: readonly string[]): string[] =>
  paths.map((path) => {
    const parts = path.split('/').filter((part) => part !== '' && part !== '.' && part !== '..');
    for (let taken = 1; taken < parts.length; taken += 1) {
      const label = parts.slice(-taken).join('/');
      if (paths.filter((other) => other === label || other.endsWith(`/${label}`)).length === 1) return label;
    }
    return parts.join('/') || path;
  });

/** The path of a loose file or of one in a directory says more than the part of it that was named. */
const fullPathOf = (file: ForeignFile, input: ForeignInput | undefined): string =>
  input?.kind === 'directory'
    ? `${input.path}/${file.path}`
    : input !== undefined && (input.name === file.path || input.name.endsWith(`/${file.path}`))
      ? input.name
      : file.path;

const fileLabel = (file: ForeignFile): string =>
  file.input === file.path || file.input.endsWith(`/${file.path}`) ? file.input : labelOf(file.input, file.path);

const procSource = (file: ForeignFile, proc: NonNullable<ReturnType<typeof hintOf>['proc']>): Recognised => ({
  form: `/proc of ${proc.host}`,
  pieces: [
    {
      kind: proc.kind,
      about: { host: proc.host },
      value: Buffer.from(file.bytes).toString('utf8'),
      ...(file.modifiedAt === undefined ? {} : { moment: { at: Math.round(file.modifiedAt), by: 'file' } }),
    },
  ],
});

/**
 * Makes one bundle of all inputs that are no bundles. What could not be recognised is listed in its manifest. Throws
 * `UnrecognisedInput` when nothing could, `UnsafeArchive` beyond the limits, `UnreadableInput`.
 */
export const importFiles = async (
  inputs: readonly ForeignInput[],
  options: { readonly now: Date; readonly signal?: AbortSignal },
): Promise<BundleFiles> => {
  const basket = newBasket();
  const labels = shortLabels(inputs.map((input) => (input.kind === 'directory' ? input.path : input.name)));
  for (const [i, input] of inputs.entries())
    await gather({ ...input, label: labels[i] ?? 'input' }, basket, options.signal);
  const sources: Source[] = [];
  const notes: string[] = [];
  const tools = new Set<string>();
  for (const file of basket.files) {
    options.signal?.throwIfAborted();
    const label = fileLabel(file);
    const { hint, tool, proc, foreign } = hintOf(file, label, fullPathOf(file, inputs[labels.indexOf(file.input)]));
    if (tool !== undefined) tools.add(tool);
    if (foreign === true) {
      leave(basket, label, 'of another container than the server');
      continue;
    }
    const outcomes =
      proc === undefined
        ? await recognise(file, hint, file.modifiedAt ?? options.now.getTime())
        : [procSource(file, proc)];
    for (const outcome of outcomes) {
      if ('reason' in outcome) leave(basket, label, outcome.reason);
      else {
        sources.push({ file: label, form: outcome.form, pieces: outcome.pieces });
        notes.push(...(outcome.notes ?? []));
      }
    }
  }
  if (sources.every(({ pieces }) => pieces.length === 0)) {
    const [first, ...more] = basket.left.map(({ file, reason }) => `${file}: ${reason}`);
    throw new UnrecognisedInput(
      `neither a bundle nor evidence of etcd that is recognised (${first ?? 'no file in it speaks of etcd'})`,
      more,
    );
  }
  for (const [input, count] of basket.skipped)
    leave(basket, input, `${count} files whose path says nothing of etcd were not looked into`);
  if (tools.size > 0) notes.unshift(`Read as the layout of: ${[...tools].join(', ')}.`);
  return bundleFiles(sources, basket.left, notes, options.now);
};
