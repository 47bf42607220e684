import { newCursor, nextField, unescapeJson } from './fields.js';
import { matchText, nameKey, type Compiled, type FieldPlan, type Match, type TextMatch } from './matcher.js';
import { linesBefore } from './look-back.js';
import { noteTime } from './pace.js';
import { CONFIG_LINES, type Findings, type ScanState } from './scan-state.js';
import { addToSeries } from './series.js';
import {
  addField,
  beginLine,
  endLine,
  newSignatureBuilder,
  sampleOf,
  type SignatureBuilder,
} from './signature-stats.js';
import type { LogLevel, ProcessStart } from './types.js';
import { decodeLatin1, readable } from './values.js';

const CACHE_SIZE = 4096;
const CACHED_CHARS = 512;
export const MAX_UNKNOWN = 400;
const MAX_FATAL = 40;
const MAX_STARTS = 64;
const MAX_CONFIG_FIELDS = 120;
const CONFIG_CHARS = 4096;
const cursor = newCursor();

/** Whether a level means that something is wrong. */
export function isWarning(level: LogLevel): boolean {
  return level === 'warn' || level === 'error' || level === 'panic' || level === 'fatal';
}

/** Accounts for one line's time and level. The line itself is `state.ref`. */
export function noteLine(state: ScanState, level: LogLevel, time: number, zoned: boolean): void {
  state.ref.time = time;
  state.levels[level]++;
  noteTime(state, time, zoned);
  if (isWarning(level) && !Number.isNaN(time)) addToSeries(state.warnings, time, Number.NaN);
}

/** Counts a signature for the current line. `fieldsAt` is where its JSON fields begin, -1 when it has none. */
export function recordMatch(state: ScanState, compiled: Compiled, groups: Match['groups'], fieldsAt: number): void {
  const { ref } = state;
  let builder = state.signatures[compiled.index];
  if (builder === undefined) {
    builder = newSignatureBuilder(compiled, state.learnt.widths.signatures[compiled.index]);
    state.signatures[compiled.index] = builder;
  }
  if (builder.pending === undefined) state.touched.push(builder);
  beginLine(builder, ref);
  if (fieldsAt >= 0 && compiled.fields.length > 0) readFields(state, builder, fieldsAt);
  if (groups !== undefined) {
    for (const plan of compiled.groups) {
      const value = groups[plan.group];
      if (value !== undefined) addField(builder, ref, plan, value, 0, value.length);
    }
  }
  endLine(builder, ref);
  const { id } = compiled.signature;
  if (compiled.group === 'starting-etcd') noteStart(state, groups, fieldsAt);
  else if (compiled.group === 'signal-shutdown') state.orderlyStop = true;
  else if (id === 'max-cpus-34') addConfig(state, 'max-cpu-set', groups?.['set'] ?? '');
}

function readFields(state: ScanState, builder: SignatureBuilder, fieldsAt: number): void {
  const { ref } = state;
  const { text, to: limit } = ref;
  const { fields } = builder.compiled;
  const size = fields.length;
  let expected = 0;
  let read = 0;
  cursor.at = fieldsAt;
  while (read < size && nextField(text, limit, cursor)) {
    const key = nameKey(text, cursor.keyFrom, cursor.keyTo);
    // zap prints the fields of one message in one order, so the next one is mostly the expected one.
    for (let tries = 0; tries < size; tries++) {
      const plan = fields[expected] as FieldPlan;
      expected = expected + 1 === size ? 0 : expected + 1;
      if (plan.key === key) {
        const { from, to } = cursor;
        read++;
        addField(builder, ref, plan, text, from, to);
        if (plan.type === 'error') recordErrors(state, text.slice(from, to));
        break;
      }
    }
  }
}

/** Looks for known errors in an error value; each counts under its own signature, with the same line as its sample. */
export function recordErrors(state: ScanState, value: string): void {
  const cached = state.learnt.errorCache.get(value);
  const match = cached ?? matchText(state.matcher, unescapeJson(value), 'error');
  if (cached === undefined) remember(state.learnt.errorCache, value, match);
  for (const { compiled, groups } of match.anywhere) recordMatch(state, compiled, groups, -1);
}

/** Matches a zap message (already found to be no literal) by pattern, through a cache of what was seen before. */
export function matchMessage(state: ScanState, message: string): TextMatch {
  const cached = state.learnt.messageCache.get(message);
  if (cached !== undefined) return cached;
  const match = matchText(state.matcher, unescapeJson(message), 'zap-message');
  remember(state.learnt.messageCache, message, match);
  return match;
}

function remember(cache: Map<string, TextMatch>, key: string, match: TextMatch): void {
  if (key.length > CACHED_CHARS) return;
  if (cache.size >= CACHE_SIZE) cache.clear();
  // The key must not keep the block alive from which it was cut.
  cache.set(Buffer.from(key, 'latin1').toString('latin1'), match);
}

/** Counts a warning that no signature knows, ids and numbers masked. */
export function recordUnknown(state: ScanState, level: LogLevel, message: string): void {
  const masked = readable(message, 200)
    .replace(/\b(?:[0-9a-f]{12,16}|0x[0-9a-f]+)\b/g, '<id>')
    .replace(/\d+(?:\.\d+)*/g, '#');
  const { time } = state.ref;
  const known = state.unknown.get(masked);
  if (known === undefined) {
    if (state.unknown.size >= MAX_UNKNOWN) {
      state.unknownOthers++;
      return;
    }
    state.unknown.set(masked, {
      message: masked,
      level,
      count: 1,
      first: time,
      last: time,
      sample: sampleOf(state.ref),
    });
    return;
  }
  known.count++;
  if (!(time >= known.first)) known.first = !Number.isNaN(time) ? time : known.first;
  if (!(time <= known.last)) known.last = !Number.isNaN(time) ? time : known.last;
}

/** Keeps a line at level panic or fatal, or the first line of a Go panic. The first half and the last half of the bound stay. */
export function recordFatal(state: ScanState, level: LogLevel): void {
  keepFatal(state, { ...sampleOf(state.ref), level });
}

export function keepFatal(state: Findings, line: Findings['fatal'][number]): void {
  if (state.fatal.length >= MAX_FATAL) {
    state.fatal.splice(MAX_FATAL / 2, 1);
    state.fatalOmitted++;
  }
  state.fatal.push(line);
}

/** Keeps a start: the first 4 and the last ones. */
export function keepStart(state: Findings, start: ProcessStart): void {
  if (state.starts.length >= MAX_STARTS) {
    state.starts.splice(4, 1);
    state.startsOmitted++;
  }
  state.starts.push(start);
}

function noteStart(state: ScanState, groups: Match['groups'], fieldsAt: number): void {
  const { ref } = state;
  const config: Record<string, string> = {};
  cursor.at = fieldsAt;
  while (fieldsAt >= 0 && Object.keys(config).length < MAX_CONFIG_FIELDS && nextField(ref.text, ref.to, cursor)) {
    const value = ref.text.slice(cursor.from, Math.min(cursor.to, cursor.from + CONFIG_CHARS));
    const key = readable(ref.text.slice(cursor.keyFrom, cursor.keyTo), 100);
    if (key !== '__proto__') config[key] = decodeLatin1(cursor.isString ? unescapeJson(value) : value);
  }
  if (groups?.['version'] !== undefined) config['etcd-version'] = decodeLatin1(groups['version']);
  const version = config['etcd-version'];
  keepStart(state, {
    source: ref.source,
    line: ref.line,
    ...(!Number.isNaN(ref.time) ? { time: ref.time } : {}),
    ...(version === undefined ? {} : { version }),
    before: linesBefore(state),
    ...(state.sawStart ? { orderlyStopBefore: state.orderlyStop } : {}),
    config,
  });
  if (!state.sawStart) state.stopBeforeStart = state.orderlyStop;
  state.sawStart = true;
  state.orderlyStop = false;
  state.configLinesLeft = fieldsAt < 0 ? CONFIG_LINES : 0;
}

/** Adds a setting which 3.4 prints on a line of its own to the latest start. */
export function addConfig(state: ScanState, key: string, value: string): void {
  const { configLinesLeft: linesLeft, headSettings } = state;
  if (linesLeft <= 0) return;
  const start = state.starts.at(-1);
  if (start === undefined) {
    if (!headSettings.some((setting) => setting.key === key))
      headSettings.push({ key, value: decodeLatin1(value), linesLeft });
  } else if (!(key in start.config)) start.config[key] = decodeLatin1(value);
}

/** Reads the `error` of a zap line that has no signature of its own. */
export function recordErrorField(state: ScanState, fieldsAt: number): void {
  const { ref } = state;
  cursor.at = fieldsAt;
  while (nextField(ref.text, ref.to, cursor)) {
    const { keyFrom, keyTo, from, to } = cursor;
    const isError = keyTo - keyFrom === 5 && ref.text.startsWith('error', keyFrom);
    if (isError) {
      recordErrors(state, ref.text.slice(from, to));
      return;
    }
  }
}
