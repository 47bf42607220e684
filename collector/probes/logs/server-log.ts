import { sliceJournal } from '../../journal.js';
import { needsLocal } from '../../local-files.js';
import { gunzipTail, MAX_COMPRESSED } from '../../log-gzip.js';
import { findLogSources, type LogSource } from '../../log-sources.js';
import { type LogSlice, sliceLog, type SliceOptions } from '../../log-slices.js';
import { runCommand } from '../../ports/command.js';
import type { FilesPort } from '../../ports/files.js';
import { kernelUnits, startedAtMs } from '../../ports/process.js';
import { defineProbe, type MemberTarget, type ProbeContext, ProbeError, type ProbePart } from '../../probe.js';

type Part = ProbePart<'server-log'>;

/** Share of the cap that the newest rotated or previous file may take. */
const PREVIOUS_SHARE = 4;
/** Share of the time of the item in which a compressed one has to unfold: the log itself must not be lost over it. */
const UNFOLD_SHARE = 0.4;

const partOf = (label: string, { slice, content, bytesOriginal, truncation }: LogSlice): Part => ({
  instance: label === '' ? slice : `${label}-${slice}`,
  content,
  bytesOriginal,
  ...(truncation === undefined ? {} : { truncation }),
});

/** `''`, `2`, `3` ... for several sources of one member. */
const labelOf = (index: number): string => (index === 0 ? '' : String(index + 1));

const previousPart = async (
  files: FilesPort,
  path: string,
  label: string,
  options: SliceOptions,
  timeoutMs: number,
): Promise<Part | undefined> => {
  const maxBytes = Math.floor(options.maxBytes / PREVIOUS_SHARE);
  const instance = `${label === '' ? '' : `${label}-`}previous-tail`;
  if (path.endsWith('.gz')) {
    const inTime = AbortSignal.any([options.signal, AbortSignal.timeout(Math.round(timeoutMs * UNFOLD_SHARE))]);
    const compressed = await files.readRange(path, 0, MAX_COMPRESSED, inTime);
    const { content, total, late } = await gunzipTail(compressed, maxBytes, inTime);
    if (late) throw new ProbeError('timeout', 'item-timeout', `${path} did not unfold in time: ${total} bytes came`);
    const truncation = {
      skippedBytes: total - content.length,
      description: `last ${content.length} of ${total} bytes of ${path}`,
    };
    return content.length === 0 ? undefined : { instance, content, bytesOriginal: total, truncation };
  }
  const size = Number((await files.stat(path, { signal: options.signal })).size);
  const start = Math.max(0, size - maxBytes);
  const tail = await files.readRange(path, start, Math.min(maxBytes, size), options.signal);
  const content = start === 0 ? tail : tail.subarray(tail.indexOf(0x0a) + 1);
  const truncation = {
    skippedBytes: size - content.length,
    description: `last ${content.length} of ${size} bytes of ${path}`,
  };
  return content.length === 0 ? undefined : { instance, content, bytesOriginal: size, truncation };
};

const read = async (
  context: ProbeContext<MemberTarget>,
  source: LogSource,
  label: string,
  options: SliceOptions,
): Promise<{ readonly parts: readonly Part[]; readonly missing?: string }> => {
  const { files, timeoutMs, now } = context;
  if (source.type === 'journal') {
    const slices = await sliceJournal(runCommand, source.unit, {
      ...options,
      ...(source.directory === undefined ? {} : { directory: source.directory }),
      nowMs: now(),
      timeoutMs,
    });
    return { parts: slices.map((slice) => partOf(label, slice)) };
  }
  const slices = await sliceLog(files, source.path, options);
  const newest = source.previous[0];
  const parts = slices.map((slice) => partOf(label, slice));
  if (newest === undefined) return { parts };
  try {
    const previous = await previousPart(files, newest, label, options, timeoutMs);
    return { parts: previous === undefined ? parts : [...parts, previous] };
  } catch (error) {
    if (!(error instanceof ProbeError)) throw error;
    return { parts, missing: error.message };
  }
};

const nameOf = (source: LogSource): string => (source.type === 'journal' ? `journal of ${source.unit}` : source.path);

const startOf = async ({ target, files, now }: ProbeContext<MemberTarget>): Promise<number | undefined> => {
  if (target.local === undefined || target.local.pid === 0) return undefined;
  return startedAtMs(files, target.local.startTicks, await kernelUnits(files), now());
};

export default defineProbe({
  kind: 'server-log',
  scope: 'member',
  title: 'Log of the etcd server',
  reads:
    'head, last start and recent window of the log, and the end of the newest rotated or previous one, each capped',
  permission: 'root, or read access to the log (group systemd-journal or adm for the journal)',
  impact: 'read-only',
  cost: 'moderate',
  phase: 'after',
  appliesTo: (target) => ((target.logFiles ?? []).length > 0 ? true : needsLocal(target)),
  source: ({ logFiles, local }) =>
    (logFiles ?? []).length > 0
      ? (logFiles ?? []).join(', ')
      : `log-outputs, stdout and stderr of process ${local?.pid ?? '<pid>'}, /var/log/pods, /var/log/containers, journal`,
  run: async (context) => {
    const { target, files, signal, logs } = context;
    const { sources, tried, denied } = await findLogSources(files, target, signal);
    if (sources.length === 0) {
      throw denied ?? new ProbeError('failed', 'file-missing', `no log found: ${tried.join('; ').slice(0, 600)}`);
    }
    const startedAt = await startOf(context);
    const options: SliceOptions = { ...logs, signal, ...(startedAt === undefined ? {} : { startedAtMs: startedAt }) };
    const parts: Part[] = [];
    const missing: string[] = [];
    let failure: unknown;
    for (const [index, source] of sources.entries()) {
      try {
        const found = await read(context, source, labelOf(index), options);
        parts.push(...found.parts);
        if (found.missing !== undefined) missing.push(found.missing);
      } catch (error) {
        failure ??= error;
      }
    }
    if (parts.length === 0 && failure !== undefined) throw failure;
    // journalctl shows a user without rights an empty journal instead of an error.
    if (parts.length === 0 && sources.some(({ type }) => type === 'journal') && process.getuid?.() !== 0) {
      throw new ProbeError('denied', 'file-access', `the ${sources.map(nameOf).join(', ')} shows this user nothing`, {
        permission: 'root, or membership in group systemd-journal or adm',
      });
    }
    const rotated = sources.flatMap((source) => (source.type === 'file' ? source.previous.slice(1) : []));
    const incomplete = failure instanceof ProbeError ? failure : undefined;
    const message = [
      ...(incomplete === undefined ? [] : [incomplete.message]),
      ...missing,
      ...(rotated.length === 0 ? [] : [`older files not taken: ${rotated.slice(0, 20).join(', ')}`]),
    ].join('; ');
    return {
      state: parts.length === 0 ? 'empty' : incomplete === undefined ? 'ok' : 'partial',
      ...(incomplete === undefined ? {} : { reason: incomplete.reason }),
      ...(message === '' ? {} : { message }),
      source: sources.map(nameOf).join(', '),
      parts,
    };
  },
});
