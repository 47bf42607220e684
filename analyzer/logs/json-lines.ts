import { endOfString, newCursor, nextField, unescapeJson } from './fields.js';
import { syslogLevel } from './journal-export.js';
import { joinPart, scanLine } from './scan.js';
import type { ScanState } from './scan-state.js';
import { isoAt } from './timestamps.js';
import { scanZap } from './zap.js';
import { isForeign } from './text-lines.js';

const MAX_FIELDS = 200;
const ORDER = ['level', 'ts', 'logger', 'caller', 'msg'];

/** `{"log":"<line>\n","stream":"stderr","time":"..."}` of Docker's json-file driver; a part without `\n` is joined with the next. */
export function scanDocker(state: ScanState, text: string, from: number, to: number, depth: number): boolean {
  if (!text.startsWith('{"log":"', from)) return false;
  const end = endOfString(text, from + 8, to);
  if (end < 0) return false;
  let line = unescapeJson(text.slice(from + 8, end));
  const cursor = newCursor();
  cursor.at = end + 1;
  let stream = 'stderr';
  while (nextField(text, to, cursor)) {
    const key = text.slice(cursor.keyFrom, cursor.keyTo);
    if (key === 'stream') stream = text.slice(cursor.from, cursor.to).slice(0, 16);
    if (key === 'time' && isoAt(text, cursor.from, cursor.to, state.time)) {
      state.wrapperTime = state.time.ms;
      state.wrapperZoned = state.time.zoned;
    }
  }
  state.wrappers['docker-json']++;
  const complete = line.endsWith('\n');
  if (complete) line = line.slice(0, line.endsWith('\r\n') ? -2 : -1);
  // A stream nobody knows must not open a buffer of its own.
  joinPart(state, stream === 'stdout' ? 'stdout' : 'stderr', !complete, line, 0, line.length, depth);
  return true;
}

/** Any other JSON line: a record of `journalctl -o json`, or a zap line whose fields were put into another order. */
export function scanJson(state: ScanState, text: string, from: number, to: number, depth: number): boolean {
  const cursor = newCursor();
  cursor.at = from + 1;
  const fields = new Map<string, string>();
  let isString = true;
  while (fields.size < MAX_FIELDS && nextField(text, to, cursor)) {
    const key = text.slice(cursor.keyFrom, cursor.keyTo);
    const raw = text.slice(cursor.from, cursor.to);
    if (key === 'MESSAGE') isString = cursor.isString;
    fields.set(key, key === 'MESSAGE' || !cursor.isString ? raw : `"${raw}"`);
  }
  const message = fields.get('MESSAGE');
  if (message !== undefined) {
    scanJournalJson(state, fields, isString ? unescapeJson(message) : bytesText(message), depth);
    return true;
  }
  return scanReordered(state, fields);
}

function scanJournalJson(state: ScanState, fields: Map<string, string>, message: string, depth: number): void {
  state.wrappers['journald-json']++;
  const micros = unquoted(fields.get('__REALTIME_TIMESTAMP') ?? '');
  if (/^\d{10,17}$/.test(micros)) {
    state.wrapperTime = Number(micros) / 1000;
    state.wrapperZoned = true;
  }
  state.wrapperLevel = syslogLevel(unquoted(fields.get('PRIORITY') ?? ''));
  const identifier = unquoted(fields.get('SYSLOG_IDENTIFIER') ?? fields.get('_COMM') ?? '');
  if (isForeign(identifier)) {
    state.foreignLines++;
    return;
  }
  for (const line of message.split('\n', 1000)) if (line !== '') scanLine(state, line, 0, line.length, depth + 1);
}

/** journald prints a message that is no valid UTF-8 as an array of byte values. */
function bytesText(raw: string): string {
  if (!/^\[[\d,\s]*\]$/.test(raw)) return '';
  return Buffer.from(raw.slice(1, -1).split(',').map(Number)).toString('latin1');
}

function unquoted(raw: string): string {
  return raw.startsWith('"') ? raw.slice(1, -1) : raw;
}

/** Puts a zap line back into zap's order; the raw text of its values is kept. */
function scanReordered(state: ScanState, fields: Map<string, string>): boolean {
  const message = fields.get('msg') ?? fields.get('message');
  const level = fields.get('level') ?? fields.get('severity');
  if (message === undefined || level === undefined) return false;
  const time = fields.get('ts') ?? fields.get('time') ?? fields.get('timestamp');
  const parts = [`"level":${level.toLowerCase()}`];
  if (time !== undefined) parts.push(`"ts":${time}`);
  parts.push(`"msg":${message}`);
  for (const [key, raw] of fields) {
    if (!ORDER.includes(key) && key !== 'message' && key !== 'severity') parts.push(`"${key}":${raw}`);
  }
  const line = `{${parts.join(',')}}`;
  return scanZap(state, line, 0, line.length);
}
