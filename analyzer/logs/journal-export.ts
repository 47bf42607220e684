import { scanLine } from './scan.js';
import type { ScanState } from './scan-state.js';
import { isForeign } from './text-lines.js';
import type { LogLevel } from './types.js';

const KEPT = new Set(['MESSAGE', 'PRIORITY', '__REALTIME_TIMESTAMP', 'SYSLOG_IDENTIFIER', '_COMM']);
const MAX_FIELD = 1024 * 1024;
/** Pseudo fields while a value of explicit length is read. */
const PENDING = '?pending';
const REMAINING = '?remaining';

/** The level of a syslog priority (`0` emergency to `7` debug). */
export function syslogLevel(priority: string): LogLevel {
  switch (priority) {
    case '0':
    case '1':
    case '2':
      return 'fatal';
    case '3':
      return 'error';
    case '4':
      return 'warn';
    case '5':
      return 'notice';
    case '6':
      return 'info';
    case '7':
      return 'debug';
    default:
      return 'unknown';
  }
}

/**
 * Reads one line of `journalctl -o export`: `NAME=value` lines, an empty line ends the record. A value that is no plain text comes
 * as `NAME`, newline, its length as 8 bytes little-endian, the bytes, newline.
 */
export function scanJournalLine(state: ScanState, text: string, from: number, to: number): void {
  state.journal ??= new Map();
  const { journal } = state;
  const pending = journal.get(PENDING);
  if (pending !== undefined) {
    readSized(journal, pending, `${text.slice(from, to)}\n`);
    return;
  }
  if (from >= to) {
    flushJournal(state);
    return;
  }
  const equals = text.indexOf('=', from);
  if (equals < 0 || equals >= to) {
    const name = text.slice(from, to);
    if (/^[A-Z_][A-Z0-9_]{0,63}$/.test(name)) journal.set(PENDING, name);
    return;
  }
  const name = text.slice(from, Math.min(equals, from + 64));
  if (KEPT.has(name)) journal.set(name, text.slice(equals + 1, Math.min(to, equals + 1 + MAX_FIELD)));
}

/** Collects a sized value, which may span lines: its length may hold a newline byte as well. */
function readSized(journal: Map<string, string>, name: string, piece: string): void {
  const held = `${journal.get(REMAINING) ?? ''}${piece}`;
  if (held.length < 8) {
    journal.set(REMAINING, held);
    return;
  }
  const size = Number(Buffer.from(held.slice(0, 8), 'latin1').readBigUInt64LE());
  if (held.length < 8 + size + 1 && held.length < MAX_FIELD) {
    journal.set(REMAINING, held);
    return;
  }
  if (KEPT.has(name)) journal.set(name, held.slice(8, 8 + Math.min(size, held.length - 9)));
  journal.delete(PENDING);
  journal.delete(REMAINING);
}

/** Reads the record that is complete now. */
export function flushJournal(state: ScanState): void {
  const { journal } = state;
  state.journal = undefined;
  const message = journal?.get('MESSAGE');
  if (journal === undefined || message === undefined) return;
  state.wrappers['journald-export']++;
  const micros = journal.get('__REALTIME_TIMESTAMP') ?? '';
  state.wrapperTime = /^\d{10,17}$/.test(micros) ? Number(micros) / 1000 : Number.NaN;
  state.wrapperZoned = !Number.isNaN(state.wrapperTime);
  state.wrapperLevel = syslogLevel(journal.get('PRIORITY') ?? '');
  if (isForeign(journal.get('SYSLOG_IDENTIFIER') ?? journal.get('_COMM') ?? '')) {
    state.foreignLines++;
    return;
  }
  for (const line of message.split('\n', 1000)) if (line !== '') scanLine(state, line, 0, line.length, 1);
}
