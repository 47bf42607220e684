import { endOfString, newCursor, nextField } from './fields.js';
import type { Compiled } from './matcher.js';
import {
  isWarning,
  matchMessage,
  noteLine,
  recordErrorField,
  recordFatal,
  recordMatch,
  recordUnknown,
} from './record.js';
import type { ScanState } from './scan-state.js';
import { isoAt } from './timestamps.js';
import type { LogLevel } from './types.js';

const PREFIX = '{"level":"';
const cursor = newCursor();

/** The level named by a text in any of the spellings of zap, capnslog, klog, logrus and syslog. */
export function levelOf(text: string): LogLevel {
  switch (text.toLowerCase()) {
    case 'debug':
    case 'trace':
    case 'd':
      return 'debug';
    case 'info':
    case 'i':
      return 'info';
    case 'notice':
    case 'n':
      return 'notice';
    case 'warn':
    case 'warning':
    case 'w':
      return 'warn';
    case 'error':
    case 'e':
    case 'err':
      return 'error';
    case 'dpanic':
    case 'panic':
      return 'panic';
    case 'fatal':
    case 'f':
    case 'c':
    case 'crit':
    case 'critical':
      return 'fatal';
    default:
      return 'unknown';
  }
}

/** Whether `text` at `at` looks like a line of zap's JSON encoder. */
export function isZap(text: string, at: number): boolean {
  // A few characters decide; the rest is checked when the level is read.
  return (
    text.charCodeAt(at + 2) === 108 &&
    text.charCodeAt(at + 8) === 58 &&
    text.charCodeAt(at + 9) === 34 &&
    text.startsWith(PREFIX, at)
  );
}

/**
 * Reads one zap JSON line: level, ts, [logger], [caller], msg in the order in which zap prints them. Returns false, with nothing
 * recorded, when the line is not of that shape.
 */
export function scanZap(state: ScanState, text: string, from: number, to: number): boolean {
  const levelFrom = from + PREFIX.length;
  const level = levelAt(text, levelFrom);
  const levelTo = text.charCodeAt(levelFrom + 4) === 34 ? levelFrom + 4 : text.indexOf('"', levelFrom);
  if (levelTo < 0 || levelTo > levelFrom + 12 || levelTo >= to) return false;
  let time = Number.NaN;
  let zoned = false;
  let messageFrom = -1;
  let messageTo = -1;
  let fieldsAt = levelTo + 1;
  if (
    text.charCodeAt(fieldsAt + 2) === 116 &&
    text.charCodeAt(fieldsAt + 6) === 34 &&
    isoAt(text, fieldsAt + 7, to, state.time)
  ) {
    time = state.time.ms;
    zoned = state.time.zoned;
    fieldsAt = state.time.end + 1;
  }
  cursor.at = fieldsAt;
  for (let i = 0; i < 5 && messageFrom < 0; i++) {
    // `,"msg":"` and `,"caller":"` are told by one character each; anything else takes the general way.
    const initial = text.charCodeAt(cursor.at + 2);
    if (initial === 99 && text.charCodeAt(cursor.at + 9) === 58 && text.charCodeAt(cursor.at + 10) === 34) {
      const end = text.indexOf('"', cursor.at + 11);
      if (end < 0 || end >= to) return false;
      cursor.at = end + 1;
      continue;
    }
    if (initial === 109 && text.charCodeAt(cursor.at + 6) === 58 && text.charCodeAt(cursor.at + 7) === 34) {
      messageFrom = cursor.at + 8;
      messageTo = endOfString(text, messageFrom, to);
      if (messageTo < 0) messageTo = to;
      cursor.at = Math.min(messageTo + 1, to);
      break;
    }
    if (!nextField(text, to, cursor)) break;
    const first = text.charCodeAt(cursor.keyFrom);
    if (first === 116 && cursor.keyTo - cursor.keyFrom === 2) {
      if (!cursor.isString) {
        time = Number(text.slice(cursor.from, Math.min(cursor.to, cursor.from + 32))) * 1000;
        zoned = true;
      } else if (isoAt(text, cursor.from, cursor.to, state.time)) {
        time = state.time.ms;
        zoned = state.time.zoned;
      }
    }
  }
  if (messageFrom < 0) return false;
  fieldsAt = cursor.at;
  state.forms['zap-json']++;
  if (Number.isNaN(time) || (!zoned && state.wrapperZoned)) {
    time = state.wrapperTime;
    zoned = state.wrapperZoned;
  }
  state.ref.text = text;
  state.ref.from = from;
  state.ref.to = to;
  noteLine(state, level, time, zoned);
  recordZap(state, level, text.slice(messageFrom, messageTo), fieldsAt);
  return true;
}

/** Records a structured line: its message and the JSON fields that begin at `fieldsAt` of the current line (-1 for none). */
export function recordZap(state: ScanState, level: LogLevel, message: string, fieldsAt: number): void {
  if (level === 'fatal' || level === 'panic') recordFatal(state, level);
  const trace = traceOf(state, message);
  if (trace !== undefined) {
    recordMatch(state, trace, { operation: message.slice(message.indexOf(' ') + 1).slice(0, 64) }, fieldsAt);
    return;
  }
  const literal = state.matcher.literals.get(message);
  if (literal !== undefined) {
    if (literal.signature.exactLevel !== true || literal.signature.level === level) {
      recordMatch(state, literal, undefined, fieldsAt);
    }
    return;
  }
  const { primary, anywhere } = matchMessage(state, message);
  if (primary !== undefined) recordMatch(state, primary.compiled, primary.groups, fieldsAt);
  for (const { compiled, groups } of anywhere) recordMatch(state, compiled, groups, -1);
  if (!isWarning(level)) return;
  if (fieldsAt >= 0 && primary === undefined) recordErrorField(state, fieldsAt);
  if (primary === undefined && anywhere.length === 0) recordUnknown(state, level, message);
}

/** `trace[<number>] ...` differs on every line and would only wash out the cache. */
function traceOf(state: ScanState, message: string): Compiled | undefined {
  if (message.charCodeAt(5) !== 91 || message.charCodeAt(0) !== 116) return undefined;
  return /^trace\[\d+\] /.test(message) ? state.matcher.trace : undefined;
}

function levelAt(text: string, at: number): LogLevel {
  switch (text.charCodeAt(at)) {
    case 105:
      return text.charCodeAt(at + 1) === 110 && text.charCodeAt(at + 4) === 34 ? 'info' : 'unknown';
    case 119:
      return text.charCodeAt(at + 1) === 97 && text.charCodeAt(at + 4) === 34 ? 'warn' : 'unknown';
    default: {
      const end = endOfString(text, at, at + 12);
      return end < 0 ? 'unknown' : levelOf(text.slice(at, end));
    }
  }
}
