import { scanDocker, scanJson } from './json-lines.js';
import { flushJournal, scanJournalLine } from './journal-export.js';
import { rememberBlock } from './look-back.js';
import { unsoiled } from './prefixes.js';
import type { ScanState } from './scan-state.js';
import { settle } from './signature-stats.js';
import { scanText } from './text-lines.js';
import { isoAt } from './timestamps.js';
import { isZap, scanZap } from './zap.js';

const MAX_PARTIAL = 1024 * 1024;
const MAX_DEPTH = 4;
const HELD_BLOCKS = 64;
const HELD_LENGTH = 128 * 1024;

/** Reads the complete lines in `block[from, limit)` (a latin1 view of the bytes). */
export function scanBlock(state: ScanState, block: string, from: number, limit: number): void {
  state.block = block;
  state.blockFrom = from;
  let at = from;
  while (at < limit) {
    let end = block.indexOf('\n', at);
    if (end < 0 || end > limit) end = limit;
    state.lines++;
    state.blockAt = at;
    let to = end;
    if (to > at && block.charCodeAt(to - 1) === 13) to--;
    scanTopLine(state, block, at, to);
    at = end + 1;
  }
  // Some blocks may wait: that holds a few megabytes, and saves copying a line per block.
  if (++state.blocksHeld >= HELD_BLOCKS || block.length > HELD_LENGTH) settleAll(state);
  rememberBlock(state, block, from, limit);
  state.block = '';
}

/** Copies what the statistics still point to out of the blocks. */
export function settleAll(state: ScanState): void {
  for (const builder of state.touched) settle(builder);
  state.touched.length = 0;
  state.blocksHeld = 0;
}

function scanTopLine(state: ScanState, text: string, from: number, to: number): void {
  const { ref } = state;
  ref.line = state.lines;
  if (state.journal !== undefined || (text.charCodeAt(from) === 95 && text.startsWith('__CURSOR=', from))) {
    scanJournalLine(state, text, from, to);
    return;
  }
  if (from >= to) {
    state.forms.empty++;
    return;
  }
  state.wrapperTime = Number.NaN;
  state.wrapperZoned = false;
  state.wrapperLevel = 'unknown';
  scanLine(state, text, from, to, 0);
}

/**
 * Reads one line, taking off wrappers as deep as they are nested. The order of the tests is the order of likelihood; a line that
 * is none of the known shapes is plain text.
 */
export function scanLine(state: ScanState, text: string, from: number, to: number, depth: number): void {
  const c = text.charCodeAt(from);
  if (c === 123) {
    if (isZap(text, from) && scanZap(state, text, from, to)) return;
    if (depth < MAX_DEPTH && (scanDocker(state, text, from, to, depth) || scanJson(state, text, from, to, depth)))
      return;
  } else if (c >= 48 && c <= 57) {
    if (depth < MAX_DEPTH && scanCri(state, text, from, to, depth)) return;
  } else if (c === 0 || c === 0xef || c === 27) {
    // NULs of a preallocated file, a byte order mark, terminal colours.
    const clean = unsoiled(text.slice(from, to));
    if (clean.length === 0) state.forms.empty++;
    else if (clean.length < to - from) scanLine(state, clean, 0, clean.length, depth);
    else scanText(state, text, from, to, depth);
    return;
  }
  scanText(state, text, from, to, depth);
}

/** `2026-11-22T10:05:02.123456789Z stderr F <line>`; P marks a part of a line, whose parts are joined. */
function scanCri(state: ScanState, text: string, from: number, to: number, depth: number): boolean {
  const space = text.indexOf(' ', from);
  if (space < from + 20 || space > from + 40 || space + 9 > to) return false;
  if (text.charCodeAt(space + 1) !== 115 || text.charCodeAt(space + 7) !== 32) return false;
  const isErr = text.startsWith('stderr', space + 1);
  if (!isErr && !text.startsWith('stdout', space + 1)) return false;
  const flag = text.charCodeAt(space + 8);
  const next = text.charCodeAt(space + 9);
  if ((flag !== 70 && flag !== 80) || (space + 9 < to && next !== 32 && next !== 58)) return false;
  if (!isoAt(text, from, space, state.time)) return false;
  state.wrappers.cri++;
  state.wrapperTime = state.time.ms;
  state.wrapperZoned = state.time.zoned;
  // Tags after a colon may follow the flag.
  const inner = next === 58 ? Math.max(text.indexOf(' ', space + 9) + 1, space + 10) : space + 10;
  joinPart(state, isErr ? 'stderr' : 'stdout', flag === 80, text, Math.min(inner, to), to, depth);
  return true;
}

/** Holds back the beginning of a split line, or reads the line when its last part is here. */
export function joinPart(
  state: ScanState,
  stream: string,
  more: boolean,
  text: string,
  from: number,
  to: number,
  depth: number,
): void {
  const held = state.partial.get(stream);
  if (!more && held === undefined) {
    if (from >= to) state.forms.empty++;
    else scanLine(state, text, from, to, depth + 1);
    return;
  }
  const room = MAX_PARTIAL - (held?.length ?? 0);
  // A flat copy: neither the block nor a long chain of parts is kept alive.
  const part = Buffer.from(text.slice(from, Math.min(to, from + Math.max(room, 0))), 'latin1').toString('latin1');
  const joined = held === undefined ? part : held + part;
  if (more) {
    state.partial.set(stream, joined);
  } else {
    state.partial.delete(stream);
    if (joined.length > 0) scanLine(state, joined, 0, joined.length, depth + 1);
  }
}

/** Ends the file: split lines and journal records that were not completed are read as they are. */
export function finishScan(state: ScanState): void {
  if (state.journal !== undefined) flushJournal(state);
  for (const held of [...state.partial.values()]) if (held.length > 0) scanLine(state, held, 0, held.length, 1);
  state.partial.clear();
  settleAll(state);
  state.blocksBefore.length = 0;
}
