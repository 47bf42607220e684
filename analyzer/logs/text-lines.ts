import { scanKlog, scanLogfmt } from './other-programs.js';
import { scanPrefixed, scanTimestamped, unsoiled } from './prefixes.js';
import { addConfig, recordFatal } from './record.js';
import { scanLine } from './scan.js';
import type { ScanState } from './scan-state.js';
import { matchLine, placeLine } from './text-record.js';
import { isoAt, syslogTime } from './timestamps.js';
import { levelOf, recordZap } from './zap.js';

const SYSLOG = /^[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d(?:\.\d{1,9})? /;
/** `journalctl -o short-full` and `-o with-unit`: weekday, ISO date, zone. */
const SYSLOG_FULL = /^[A-Z][a-z]{2} (?=\d{4}-\d\d-\d\d )/;
const ZONE = /^ ([A-Z]{1,5}|[+-]\d\d) /;
const SYSLOG_SOURCE = /^(?:\S{1,255} )?([\w./@-]{1,64})(?:\[\d{1,10}\])?: /;
/** The raft library of 3.4 writes through Go's own logger: date with slashes, no zone. */
const GO_LOG =
  /^(?:raft)?(\d{4})\/(\d\d)\/(\d\d) (\d\d:\d\d:\d\d(?:\.\d{1,9})?) (?:(DEBUG|INFO|WARNING|ERROR|FATAL|PANIC): )?/;
const GO_START = /^(?:panic: |fatal error: |runtime: |unexpected fault address |\[signal )/;
const GO_STACK =
  /^(?:goroutine \d+ |created by |\t|(?:[\w.-]+\/)*[\w.-]+\.[\w.()*[\]{}-]+\(.*\)$|exit status \d|r\w{1,3} +0x)/;
/** The settings which 3.4 prints one by one after its version -> the field names of the zap form. */
const SETTING =
  /^(name|data dir|member dir|dedicated WAL dir|heartbeat|election|snapshot count|advertise client URLs|initial advertise peer URLs|initial cluster) = (.{0,4000})$/;
const SETTING_NAMES: Readonly<Record<string, string>> = {
  'data dir': 'data-dir',
  'member dir': 'member-dir',
  'dedicated WAL dir': 'wal-dir',
  heartbeat: 'heartbeat-interval',
  election: 'election-timeout',
  'snapshot count': 'snapshot-count',
  'advertise client URLs': 'advertise-client-urls',
  'initial advertise peer URLs': 'initial-advertise-peer-urls',
  'initial cluster': 'initial-cluster',
};
const ETCD_LIKE =
  /^$|etcd|^k3s|^rke2|^kernel$|^systemd$|^microk8s|^k8s-dqlite|^docker|^podman|^conmon|^crio|^[0-9a-f]{12}$/i;

/** Whether a journal identifier belongs to a process whose lines say nothing about etcd. */
export function isForeign(identifier: string): boolean {
  return !ETCD_LIKE.test(identifier);
}

/** Reads a line that is not JSON: syslog wrappers, capnslog, zap console, klog, logfmt, Go panics, anything else. */
export function scanText(state: ScanState, text: string, from: number, to: number, depth: number): void {
  const c = text.charCodeAt(from);
  const head = text.slice(from, Math.min(to, from + 400));
  if (depth < 4 && head.includes('\u001b')) {
    const clean = unsoiled(text.slice(from, to));
    if (clean.length < to - from) {
      scanLine(state, clean, 0, clean.length, depth + 1);
      return;
    }
  }
  if (c >= 48 && c <= 57) {
    if (isoAt(text, from, to, state.time)) {
      scanDated(state, text, from, to, depth);
      return;
    }
    if (text.charCodeAt(from + 4) === 47 && scanGoLog(state, text, from, to)) return;
  } else if (c >= 65 && c <= 90) {
    if (scanSyslogFull(state, text, from, to, depth, head)) return;
    if (scanSyslog(state, text, from, to, depth, head) || scanKlog(state, text, from, to, depth, head)) return;
  } else if (c === 114 && text.charCodeAt(from + 8) === 47 && scanGoLog(state, text, from, to)) {
    return;
  } else if (c === 116 && text.startsWith('time="', from) && scanLogfmt(state, text, from, to, depth)) {
    return;
  }
  if (scanPrefixed(state, text, from, to, depth)) return;
  if (GO_START.test(head)) {
    placeLine(state, 'go-trace', text, from, to, Number.NaN, false, head.startsWith('panic: ') ? 'panic' : 'unknown');
    matchLine(state, text.slice(from, to), 'unknown', true);
    if (head.startsWith('panic: ') || head.startsWith('fatal error: ')) recordFatal(state, 'panic');
    return;
  }
  if (GO_STACK.test(head)) {
    placeLine(state, 'go-trace', text, from, to, Number.NaN, false, 'unknown');
    return;
  }
  placeLine(state, 'plain', text, from, to, Number.NaN, false, state.wrapperLevel);
  const message = text.slice(from, to);
  if (state.configLinesLeft > 0) noteSetting(state, withoutPackage(message));
  matchLine(state, message, state.wrapperLevel, false);
}

/** A line that begins with an ISO date: capnslog, zap console, `journalctl -o short-iso`, or a date before anything else. */
function scanDated(state: ScanState, text: string, from: number, to: number, depth: number): void {
  const { ms, end, zoned } = state.time;
  if (text.charCodeAt(end) === 32 && text.startsWith(' | ', end + 2)) {
    const level = levelOf(text.charAt(end + 1));
    placeLine(state, 'capnslog', text, from, to, ms, zoned, level);
    const message = text.slice(end + 5, to);
    if (state.configLinesLeft > 0) noteSetting(state, withoutPackage(message));
    matchLine(state, message, level, true);
    if (level === 'fatal') recordFatal(state, level);
    return;
  }
  if (scanTimestamped(state, text, to, depth)) return;
  if (text.charCodeAt(end) === 9) {
    scanConsole(state, text, from, to, end + 1, ms, zoned);
    return;
  }
  const rest = text.slice(end + 1, Math.min(to, end + 400));
  const source = SYSLOG_SOURCE.exec(rest);
  if (text.charCodeAt(end) === 32 && depth < 4 && source !== null && rest.indexOf(' ') < source[0].length - 2) {
    unwrap(state, 'journald-short-iso', ms, zoned, source[1] ?? '', text, end + 1 + source[0].length, to, depth);
    return;
  }
  placeLine(state, 'plain', text, from, to, ms, zoned, state.wrapperLevel);
  matchLine(state, text.slice(Math.min(end + 1, to), to), state.wrapperLevel, false);
}

/** `<time>\tWARN\t[logger]\t<file:line>\t<message>\t{fields}` */
function scanConsole(
  state: ScanState,
  text: string,
  from: number,
  to: number,
  at: number,
  ms: number,
  zoned: boolean,
): void {
  const columns = text.slice(at, Math.min(to, at + 65536)).split('\t');
  const level = levelOf(columns[0] ?? '');
  placeLine(state, 'zap-console', text, from, to, ms, zoned, level);
  let column = 1;
  while (column < columns.length - 1 && column < 3 && /^[\w./-]{1,80}(?::\d+)?$/.test(columns[column] ?? '')) column++;
  const message = columns[column] ?? '';
  const before = columns.slice(0, column + 1).join('\t').length;
  const fieldsAt = columns.length > column + 1 && text.charCodeAt(at + before + 1) === 123 ? at + before + 2 : -1;
  recordZap(state, level, message, fieldsAt);
}

function scanSyslog(state: ScanState, text: string, from: number, to: number, depth: number, head: string): boolean {
  if (depth >= 4) return false;
  const stamp = SYSLOG.exec(head);
  if (stamp === null) return false;
  const rest = head.slice(stamp[0].length);
  const source = SYSLOG_SOURCE.exec(rest);
  const last = state.lastTime > 0 ? state.lastTime : undefined;
  const time = syslogTime(head, state.referenceTime ?? last);
  const inner = from + stamp[0].length + (source === null ? 0 : source[0].length);
  unwrap(state, 'journald-short', time, false, source?.[1] ?? '', text, inner, to, depth);
  return true;
}

function scanSyslogFull(
  state: ScanState,
  text: string,
  from: number,
  to: number,
  depth: number,
  head: string,
): boolean {
  if (depth >= 4 || !SYSLOG_FULL.test(head) || !isoAt(text, from + 4, to, state.time)) return false;
  const { ms, end } = state.time;
  const zone = ZONE.exec(text.slice(end, Math.min(to, end + 12)));
  if (zone === null) return false;
  const at = end + zone[0].length;
  const source = SYSLOG_SOURCE.exec(text.slice(at, Math.min(to, at + 400)));
  if (source === null) return false;
  unwrap(state, 'journald-short', ms, zone[1] === 'UTC', source[1] ?? '', text, at + source[0].length, to, depth);
  return true;
}

function unwrap(
  state: ScanState,
  wrapper: 'journald-short' | 'journald-short-iso',
  time: number,
  zoned: boolean,
  identifier: string,
  text: string,
  from: number,
  to: number,
  depth: number,
): void {
  state.wrappers[wrapper]++;
  if (Number.isNaN(state.wrapperTime) || !state.wrapperZoned) {
    state.wrapperTime = time;
    state.wrapperZoned = zoned;
  }
  if (isForeign(identifier)) state.foreignLines++;
  else if (from >= to) state.forms.empty++;
  else scanLine(state, text, from, to, depth + 1);
}

function scanGoLog(state: ScanState, text: string, from: number, to: number): boolean {
  const match = GO_LOG.exec(text.slice(from, Math.min(to, from + 64)));
  if (match === null) return false;
  const stamp = `${match[1]}-${match[2]}-${match[3]} ${match[4]}`;
  const level = levelOf(match[5] ?? '');
  const time = isoAt(stamp, 0, stamp.length, state.time) ? state.time.ms : Number.NaN;
  placeLine(state, 'capnslog', text, from, to, time, false, level);
  matchLine(state, text.slice(from + match[0].length, to), level, true);
  if (level === 'fatal' || level === 'panic') recordFatal(state, level);
  return true;
}

/** `etcdserver: heartbeat = 100ms` -> `heartbeat = 100ms`; journald lines have no package to begin with. */
function withoutPackage(message: string): string {
  const colon = message.indexOf(': ');
  if (colon <= 0 || colon > 40) return message;
  for (let i = 0; i < colon; i++) {
    const c = message.charCodeAt(i);
    const isWord = (c >= 97 && c <= 122) || (c >= 48 && c <= 57) || c === 47 || c === 46 || c === 45 || c === 95;
    if (!isWord) return message;
  }
  return message.slice(colon + 2);
}

function noteSetting(state: ScanState, message: string): void {
  state.configLinesLeft--;
  const match = SETTING.exec(message.trimEnd());
  if (match?.[1] !== undefined) addConfig(state, SETTING_NAMES[match[1]] ?? match[1], match[2] ?? '');
}
