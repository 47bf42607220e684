import type { ScanState } from './scan-state.js';
import { SAMPLE_CHARS } from './signature-stats.js';
import type { LogSample } from './types.js';
import { readable } from './values.js';

const LINES = 8;

/** Keeps the block just read for `linesBefore`. A block has at least one line, so the last few are enough. */
export function rememberBlock(state: ScanState, text: string, from: number, to: number): void {
  if (state.blocksBefore.push({ text, from, to }) > LINES) state.blocksBefore.shift();
}

/** The lines just before the current one, oldest first, as far as they are still in memory. Costs nothing while nobody asks. */
export function linesBefore(state: ScanState): LogSample[] {
  const lines: LogSample[] = [];
  const blocks = [...state.blocksBefore, { text: state.block, from: state.blockFrom, to: state.blockAt }];
  let line = state.ref.line;
  for (const { text, from, to } of blocks.reverse()) {
    let end = to;
    while (end > from && lines.length < LINES) {
      const stop = text.charCodeAt(end - 1) === 10 ? end - 1 : end;
      const begin = stop <= from ? from : Math.max(text.lastIndexOf('\n', stop - 1) + 1, from);
      const shown = text.slice(begin, Math.min(stop, begin + SAMPLE_CHARS + 1));
      lines.unshift({ source: state.source, line: --line, text: readable(shown, SAMPLE_CHARS) });
      end = begin;
    }
  }
  return lines;
}
