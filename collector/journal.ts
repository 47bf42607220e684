import type { RunCommand } from './ports/command.js';
import type { LogSlice, SliceOptions } from './log-slices.js';

/** Reads one unit's journal with journalctl, newest entries first, so that neither the cap nor the deadline costs the newest. */
export const sliceJournal = async (
  run: RunCommand,
  unit: string,
  options: SliceOptions & { readonly nowMs: number; readonly timeoutMs: number; readonly directory?: string },
): Promise<readonly LogSlice[]> => {
  const { signal, maxBytes, headBytes, startedAtMs, nowMs, timeoutMs } = options;
  const place = options.directory === undefined ? [] : ['--directory', options.directory];
  const common = [...place, '--unit', unit, '--output', 'short-iso-precise', '--no-pager', '--quiet', '--utc'];
  const since = (ms: number): readonly string[] => ['--since', `@${Math.floor(ms / 1000)}`];
  const tail = await run('journalctl', [...common, '--reverse', ...since(nowMs - options.sinceMs)], {
    signal,
    maxBytes,
    timeoutMs: Math.floor(timeoutMs * 0.6),
  });
  const content = chronological(tail.stdout);
  const slices: LogSlice[] = [];
  // The lines of the start hold the configuration; they matter when the window does not reach back to them.
  if (startedAtMs !== undefined && (startedAtMs < nowMs - options.sinceMs || tail.cut)) {
    const begin = await run('journalctl', [...common, ...since(startedAtMs - 2000)], {
      signal,
      maxBytes: headBytes,
      timeoutMs: Math.floor(timeoutMs * 0.3),
    }).catch(() => undefined);
    if (begin !== undefined && begin.stdout.length > 0) {
      const end = begin.stdout.lastIndexOf(0x0a) + 1;
      slices.push({
        slice: 'start',
        content: end > 0 ? begin.stdout.subarray(0, end) : begin.stdout,
        bytesOriginal: begin.stdout.length,
        truncation: { skippedBytes: 0, description: `${end} bytes from the last start of ${unit}` },
      });
    }
  }
  if (content.length > 0) {
    const description = tail.cut ? `the newest ${content.length} bytes of the window` : 'the whole window';
    slices.push({
      slice: 'tail',
      content,
      bytesOriginal: tail.stdout.length,
      truncation: { skippedBytes: 0, description: `${description}; the size of the journal is not known` },
    });
  }
  return slices;
};

const stamped = /^\d{4}-\d\d-\d\dT/;

/** Turns newest-first output around; the further lines of one entry start with a blank and stay behind their first. */
export const chronological = (output: Buffer): Buffer => {
  const end = output.lastIndexOf(0x0a);
  const entries: string[] = [];
  // latin1 keeps every byte as it is.
  for (const line of output.toString('latin1', 0, end + 1).split('\n')) {
    if (line === '') continue;
    if (stamped.test(line) || entries.length === 0) entries.push(line);
    else entries[entries.length - 1] += `\n${line}`;
  }
  return Buffer.from(
    entries
      .reverse()
      .filter((entry) => stamped.test(entry))
      .map((entry) => `${entry}\n`)
      .join(''),
    'latin1',
  );
};
