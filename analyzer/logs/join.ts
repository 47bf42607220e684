import { joinPace } from './pace.js';
import { keepFatal, keepStart, MAX_UNKNOWN } from './record.js';
import { CONFIG_LINES, type Findings } from './scan-state.js';
import { joinSeries } from './series.js';
import {
  FIRST_SAMPLES,
  MAX_VALUES,
  isWorse,
  type NumberBuilder,
  RECENT,
  type SignatureTally,
  type TextBuilder,
} from './signature-stats.js';
import type { LogSample } from './types.js';

/**
 * Adds to `into` what the lines right after it said, as if they had been read in one go: line numbers of `next` count from its own
 * beginning and are moved. `next` is used up. Only the choice of values among more than 64 distinct ones of a field may differ.
 */
export function joinFindings(into: Findings, next: Findings, source: string): void {
  const { lines } = into;
  joinPace(into, next, source, lines);
  joinStarts(into, next, lines);
  for (const line of next.fatal) keepFatal(into, moved(line, lines));
  into.fatalOmitted += next.fatalOmitted;
  addCounts(into.forms, next.forms);
  addCounts(into.wrappers, next.wrappers);
  addCounts(into.levels, next.levels);
  into.foreignLines += next.foreignLines;
  joinSeries(into.warnings, next.warnings);
  joinUnknown(into, next, lines);
  for (const [index, tally] of next.signatures.entries()) {
    if (tally === undefined) continue;
    const known = into.signatures[index];
    if (known === undefined) into.signatures[index] = movedTally(tally, lines);
    else joinTally(known, movedTally(tally, lines));
  }
  into.lines += next.lines;
}

function moved<T extends { line: number }>(sample: T, lines: number): T {
  return { ...sample, line: sample.line + lines };
}

function addCounts<K extends string>(into: Record<K, number>, next: Record<K, number>): void {
  for (const key of Object.keys(next) as K[]) into[key] += next[key];
}

function joinStarts(into: Findings, next: Findings, lines: number): void {
  const latest = into.starts.at(-1);
  for (const { key, value, linesLeft } of next.headSettings) {
    const left = into.configLinesLeft - (CONFIG_LINES - linesLeft);
    if (left <= 0) continue;
    if (latest !== undefined && !(key in latest.config)) latest.config[key] = value;
    else if (latest === undefined && !into.headSettings.some((setting) => setting.key === key))
      into.headSettings.push({ key, value, linesLeft: left });
  }
  for (const [index, start] of next.starts.entries()) {
    const known = index > 0 || !into.sawStart ? {} : { orderlyStopBefore: into.orderlyStop || next.stopBeforeStart };
    keepStart(into, { ...moved(start, lines), before: start.before.map((line) => moved(line, lines)), ...known });
  }
  into.startsOmitted += next.startsOmitted;
  if (next.sawStart) {
    if (!into.sawStart) into.stopBeforeStart = into.orderlyStop || next.stopBeforeStart;
    into.sawStart = true;
    into.orderlyStop = next.orderlyStop;
    into.configLinesLeft = next.configLinesLeft;
  } else {
    into.orderlyStop ||= next.orderlyStop;
    into.configLinesLeft = Math.max(0, into.configLinesLeft - (CONFIG_LINES - next.configLinesLeft));
  }
}

function joinUnknown(into: Findings, next: Findings, lines: number): void {
  into.unknownOthers += next.unknownOthers;
  for (const [message, entry] of next.unknown) {
    const known = into.unknown.get(message);
    if (known !== undefined) {
      known.count += entry.count;
      if (!(entry.first >= known.first) && !Number.isNaN(entry.first)) known.first = entry.first;
      if (!(entry.last <= known.last) && !Number.isNaN(entry.last)) known.last = entry.last;
    } else if (into.unknown.size < MAX_UNKNOWN) {
      into.unknown.set(message, { ...entry, sample: moved(entry.sample, lines) });
    } else into.unknownOthers += entry.count;
  }
}

function movedTally(tally: SignatureTally, lines: number): SignatureTally {
  const numbers = tally.numbers.map((one) => one && { ...one, sample: moved(one.sample, lines) });
  const samples = tally.samples.map((sample) => moved(sample, lines));
  const lastSample: LogSample | undefined = tally.lastSample && moved(tally.lastSample, lines);
  return { ...tally, numbers, samples, lastSample };
}

function joinTally(into: SignatureTally, next: SignatureTally): void {
  into.inOrder = into.inOrder && next.inOrder && next.first >= into.last;
  into.count += next.count;
  into.first = Math.min(into.first, next.first);
  into.last = Math.max(into.last, next.last);
  const kept = Math.min(next.timed, RECENT);
  const from = next.timed - kept;
  into.timed += from;
  for (let i = from; i < next.timed; i++) into.recent[into.timed++ % RECENT] = next.recent[i % RECENT] ?? Number.NaN;
  joinSeries(into.series, next.series);
  for (const sample of next.samples) if (into.samples.length < FIRST_SAMPLES) into.samples.push(sample);
  into.lastSample = next.lastSample ?? into.lastSample;
  for (const [slot, number] of next.numbers.entries()) {
    const known = into.numbers[slot];
    if (number !== undefined) into.numbers[slot] = known === undefined ? number : joinedNumbers(known, number);
  }
  for (const [slot, text] of next.texts.entries()) {
    const known = into.texts[slot];
    if (text === undefined) continue;
    if (known === undefined) into.texts[slot] = text;
    else joinTexts(known, text);
  }
}

function joinedNumbers(a: NumberBuilder, b: NumberBuilder): NumberBuilder {
  const worse = isWorse({ value: a.max, time: a.sample.time }, { value: b.max, time: b.sample.time });
  const { max, raw, sample } = worse ? b : a;
  return { unit: a.unit, count: a.count + b.count, sum: a.sum + b.sum, min: Math.min(a.min, b.min), max, raw, sample };
}

function joinTexts(into: TextBuilder, next: TextBuilder): void {
  for (const [key, entry] of next.values) {
    const known = into.values.get(entry.value);
    if (key !== entry.value) {
      // Another spelling, by which the next line finds the value at once.
      if (known !== undefined && into.values.size < MAX_VALUES) into.values.set(key, known);
    } else if (known !== undefined) known.count += entry.count;
    else if (into.values.size < MAX_VALUES) into.values.set(key, { ...entry });
    else into.others += entry.count;
  }
  into.others += next.others;
  into.last = next.last;
}
