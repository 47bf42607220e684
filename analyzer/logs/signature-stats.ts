import type { Compiled, FieldPlan } from './matcher.js';
import { addToSeries, finishSeries, newSeries, type SeriesBuilder } from './series.js';
import type { LogSample, NumberStats, SignatureStats, TextStats } from './types.js';
import { canonicalId, decodeLatin1, durationAt, readable } from './values.js';

export const SAMPLE_CHARS = 400;
export const FIRST_SAMPLES = 3;
export const RECENT = 512;
export const MAX_VALUES = 64;
const TOP_VALUES = 16;
const VALUE_CHARS = 160;

/** A line being recorded: `text[from, to)` of a latin1 string; `time` NaN when unknown. */
export interface LineRef {
  source: string;
  line: number;
  time: number;
  text: string;
  from: number;
  to: number;
}

export interface NumberBuilder {
  unit: NumberStats['unit'];
  count: number;
  sum: number;
  min: number;
  max: number;
  raw: string;
  sample: LogSample;
}

interface TextEntry {
  value: string;
  /** As printed. */
  raw: string;
  count: number;
}

export interface TextBuilder {
  values: Map<string, TextEntry>;
  others: number;
  last: string;
  /** The latest value that was found, as printed: often the next one is the same. */
  raw: string;
  entry: TextEntry;
}

/** Statistics of one signature over a run of lines: plain data. */
export interface SignatureTally {
  count: number;
  timed: number;
  first: number;
  last: number;
  /** By slot of the field. */
  numbers: (NumberBuilder | undefined)[];
  texts: (TextBuilder | undefined)[];
  series: SeriesBuilder;
  recent: Float64Array;
  /** Whether the times never went back, so that the ring holds the latest ones. */
  inOrder: boolean;
  samples: LogSample[];
  lastSample: LogSample | undefined;
}

/** The statistics while they grow. */
export interface SignatureBuilder extends SignatureTally {
  readonly compiled: Compiled;
  /** First duration of the current line, seconds: what the buckets keep the maximum of. */
  lineWorst: number;
  /** The latest line, not copied yet: `settle` does so before its block is let go. */
  pending: LineRef | undefined;
}

export function newSignatureBuilder(compiled: Compiled, widthMs: number | undefined): SignatureBuilder {
  return {
    compiled,
    count: 0,
    timed: 0,
    first: Number.POSITIVE_INFINITY,
    last: Number.NEGATIVE_INFINITY,
    numbers: compiled.slots.map(() => undefined),
    texts: compiled.slots.map(() => undefined),
    series: newSeries(widthMs),
    recent: new Float64Array(RECENT),
    inOrder: true,
    samples: [],
    lineWorst: Number.NaN,
    pending: undefined,
    lastSample: undefined,
  };
}

export function sampleOf(ref: LineRef): LogSample {
  const text = readable(ref.text.slice(ref.from, Math.min(ref.to, ref.from + SAMPLE_CHARS + 1)), SAMPLE_CHARS);
  const sample: LogSample = { source: ref.source, line: ref.line, text };
  if (!Number.isNaN(ref.time)) sample.time = ref.time;
  return sample;
}

/** Counts one line. Fields follow through `addField`, then `endLine`. */
export function beginLine(builder: SignatureBuilder, ref: LineRef): void {
  builder.count++;
  builder.lineWorst = Number.NaN;
  if (builder.samples.length < FIRST_SAMPLES) builder.samples.push(sampleOf(ref));
}

export function endLine(builder: SignatureBuilder, ref: LineRef): void {
  const { time } = ref;
  if (!Number.isNaN(time)) {
    builder.recent[builder.timed % RECENT] = time;
    builder.timed++;
    if (time < builder.first) builder.first = time;
    if (time >= builder.last) builder.last = time;
    else builder.inOrder = false;
    addToSeries(builder.series, time, builder.lineWorst);
  }
  if (builder.pending === undefined) {
    builder.pending = { ...ref };
  } else {
    const { pending } = builder;
    pending.line = ref.line;
    pending.time = time;
    pending.text = ref.text;
    pending.from = ref.from;
    pending.to = ref.to;
  }
}

/** Copies the latest line out of its block, so that the block can be freed. */
export function settle(builder: SignatureBuilder): void {
  if (builder.pending === undefined) return;
  builder.lastSample = sampleOf(builder.pending);
  builder.pending = undefined;
}

/** Reads the value `text[from, to)` (without quotes) of one field of the current line. */
export function addField(
  builder: SignatureBuilder,
  ref: LineRef,
  plan: FieldPlan,
  text: string,
  from: number,
  to: number,
): void {
  const { slot, type } = plan;
  switch (type) {
    case 'duration': {
      const seconds = durationAt(text, from, to);
      if (Number.isNaN(seconds)) return;
      // The first duration field is the one that was measured; the others are limits.
      if (Number.isNaN(builder.lineWorst)) builder.lineWorst = seconds;
      addNumber(builder, ref, slot, 'seconds', seconds, text, from, to);
      return;
    }
    case 'bytes':
    case 'count': {
      if (to - from > 32) return;
      let value = numberAt(text, from, to);
      if (Number.isNaN(value)) value = Number(text.slice(from, to));
      if (!Number.isNaN(value))
        addNumber(builder, ref, slot, type === 'bytes' ? 'bytes' : 'count', value, text, from, to);
      return;
    }
    case 'response':
      addAnswer(builder, ref, slot, text, from, to);
      return;
    case 'setting':
      // It changes with a restart at most; a look at some of the lines finds that.
      if (builder.count > 4 && builder.count % 256 !== 0) return;
      textBuilder(builder, slot).last = readable(text.slice(from, Math.min(to, from + VALUE_CHARS)), VALUE_CHARS);
      return;
    case 'exact':
      textBuilder(builder, slot).last = readable(text.slice(from, Math.min(to, from + VALUE_CHARS)), VALUE_CHARS);
      return;
    case 'id':
    case 'text':
    case 'error':
      addText(textBuilder(builder, slot), text, from, Math.min(to, from + VALUE_CHARS + 1), type);
  }
}

/** -Infinity without a time. */
const minuteOf = (time: number | undefined): number =>
  time === undefined || Number.isNaN(time) ? Number.NEGATIVE_INFINITY : Math.floor(time / 60_000);

/**
 * Whether `b` is worse than `a`, which was read before it: larger, or as large and of a later minute. What is worst now is worth more
 * than what was; by the minute, since a sample costs more than a comparison and equal values come by the thousand.
 */
export const isWorse = (
  a: { readonly value: number; readonly time: number | undefined },
  b: { readonly value: number; readonly time: number | undefined },
): boolean => b.value > a.value || (b.value === a.value && minuteOf(b.time) > minuteOf(a.time));

function addNumber(
  builder: SignatureBuilder,
  ref: LineRef,
  slot: number,
  unit: NumberStats['unit'],
  value: number,
  text: string,
  from: number,
  to: number,
): void {
  if (Number.isNaN(value)) return;
  const stats = builder.numbers[slot];
  if (stats === undefined) {
    const raw = decodeLatin1(text.slice(from, to));
    builder.numbers[slot] = { unit, count: 1, sum: value, min: value, max: value, raw, sample: sampleOf(ref) };
    return;
  }
  stats.count++;
  stats.sum += value;
  if (value < stats.min) stats.min = value;
  if (value >= stats.max && isWorse({ value: stats.max, time: stats.sample.time }, { value, time: ref.time })) {
    stats.max = value;
    stats.raw = decodeLatin1(text.slice(from, to));
    stats.sample = sampleOf(ref);
  }
}

/** `range_response_count:12 size:3456`, or `responses:<...> size:3456` for a transaction. */
function addAnswer(
  builder: SignatureBuilder,
  ref: LineRef,
  slot: number,
  text: string,
  from: number,
  to: number,
): void {
  const size = digitsBefore(text, from, to);
  // `...size:` is the only name that ends in `e:` there.
  if (size < to && text.charCodeAt(size - 1) === 58 && text.charCodeAt(size - 2) === 101) {
    addNumber(builder, ref, slot, 'bytes', numberAt(text, size, to), text, size, to);
  }
  const count = from + 'range_response_count:'.length;
  if (count < to && text.charCodeAt(count - 1) === 58 && text.charCodeAt(from) === 114) {
    let end = count;
    while (end < to && text.charCodeAt(end) !== 32) end++;
    addNumber(builder, ref, slot + 1, 'count', numberAt(text, count, end), text, count, end);
  }
}

function digitsBefore(text: string, from: number, to: number): number {
  let i = to;
  while (i > from) {
    const c = text.charCodeAt(i - 1);
    if (c < 48 || c > 57) break;
    i--;
  }
  return i;
}

function numberAt(text: string, from: number, to: number): number {
  let value = 0;
  for (let i = from; i < to; i++) {
    const c = text.charCodeAt(i);
    if (c < 48 || c > 57) return Number.NaN;
    value = value * 10 + (c - 48);
  }
  return value;
}

function textBuilder(builder: SignatureBuilder, slot: number): TextBuilder {
  let stats = builder.texts[slot];
  if (stats === undefined) {
    stats = { values: new Map(), others: 0, last: '', raw: '', entry: { value: '', count: 0, raw: '' } };
    builder.texts[slot] = stats;
  }
  return stats;
}

function addText(stats: TextBuilder, text: string, from: number, to: number, type: 'id' | 'text' | 'error'): void {
  if (to - from === stats.raw.length && to > from && text.startsWith(stats.raw, from)) {
    stats.entry.count++;
    return;
  }
  const value = text.slice(from, to);
  const known = stats.values.get(value);
  if (known !== undefined) {
    known.count++;
    stats.last = known.value;
    stats.raw = known.raw;
    stats.entry = known;
    return;
  }
  let shown = readable(value, VALUE_CHARS);
  if (type === 'id') shown = canonicalId(shown);
  // Local ports differ on each connection; with them no two errors are equal.
  if (type === 'error') shown = shown.replace(/:\d{1,5}->/g, ':*->');
  stats.last = shown;
  stats.raw = '';
  const same = shown === value ? undefined : stats.values.get(shown);
  if (same !== undefined) same.count++;
  else if (stats.values.size < MAX_VALUES) {
    const entry = { value: shown, count: 1, raw: decodeRaw(value) };
    stats.values.set(shown, entry);
    // The raw spelling too, so that the next line finds it at once.
    if (type === 'id' && shown !== value) stats.values.set(entry.raw, entry);
  } else stats.others++;
}

/** A flat copy that does not keep its block alive. */
function decodeRaw(value: string): string {
  return Buffer.from(value, 'latin1').toString('latin1');
}

/** What was counted, without what only serves the counting. Call `settle` first. */
export function tallyOf(builder: SignatureBuilder): SignatureTally {
  const { count, timed, first, last, numbers, texts, series, recent, inOrder, samples, lastSample } = builder;
  return { count, timed, first, last, numbers, texts, series, recent, inOrder, samples, lastSample };
}

/** The finished statistics. */
export function finishSignature(compiled: Compiled, builder: SignatureTally): SignatureStats {
  const { count, timed } = builder;
  const stats: SignatureStats = {
    id: compiled.signature.id,
    group: compiled.group,
    count,
    timed,
    numbers: named(compiled.slots, builder.numbers, finishNumber),
    texts: named(compiled.slots, builder.texts, finishText),
    series: finishSeries(builder.series),
    recent: [...builder.recent.subarray(0, Math.min(timed, RECENT))].sort((a, b) => a - b),
    recentComplete: builder.inOrder,
    samples: [...builder.samples],
  };
  if (timed > 0) {
    stats.first = builder.first;
    stats.last = builder.last;
  }
  if (builder.lastSample !== undefined && count > FIRST_SAMPLES) stats.samples.push(builder.lastSample);
  return stats;
}

function named<B, T>(slots: readonly string[], built: readonly (B | undefined)[], finish: (b: B) => T): Map<string, T> {
  return new Map(slots.flatMap((name, slot) => (built[slot] === undefined ? [] : [[name, finish(built[slot])]])));
}

function finishNumber({ unit, count, sum, min, max, raw, sample }: NumberBuilder): NumberStats {
  return { unit, count, sum, min, worst: { value: max, raw, sample } };
}

function finishText({ values, others, last }: TextBuilder): TextStats {
  const sorted = [...new Set(values.values())].sort((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1));
  const rest = sorted.slice(TOP_VALUES).reduce((sum, { count }) => sum + count, others);
  return { top: sorted.slice(0, TOP_VALUES).map(({ value, count }) => ({ value, count })), others: rest, last };
}
