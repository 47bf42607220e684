import { type InputFacts, readBytes } from './input.js';
import { joinFindings } from './join.js';
import type { Compiled } from './matcher.js';
import { standOutGaps } from './pace.js';
import type { Findings, UnknownBuilder } from './scan-state.js';
import { createSegmentReader, type Segment, type SegmentResult, signatureMatcher, widthsOf } from './segment.js';
import { finishSeries } from './series.js';
import { finishSignature } from './signature-stats.js';
import { createSplitter, type SegmentSink } from './split.js';
import type { LogSummary, UnknownMessage } from './types.js';

const TOP_UNKNOWN = 50;
/** Far above what a bundle may hold; stops a gzip bomb. */
const DEFAULT_MAX_BYTES = 16 * 2 ** 30;

export interface SummarizeOptions {
  /** Path of the file, kept with every sample. */
  source: string;
  /** Epoch ms shortly after the last line was written; gives syslog timestamps their year. */
  referenceTime?: number;
  /** Most bytes to read after gunzip. Default 16 GiB. */
  maxBytes?: number;
  /** Bytes from which on a log is read in several segments; the outcome depends on it in rounding only. For tests. */
  segmentBytes?: number;
}

/**
 * Reads one log file of a member in one pass and bounded memory, whatever its form, wrapper and compression. What the file
 * contains never makes it throw; errors of the stream itself are passed on.
 */
export function summarizeLog(stream: AsyncIterable<Uint8Array>, options: SummarizeOptions): Promise<LogSummary> {
  return summarizeThrough(stream, options, segmentsHere(options));
}

/** The same with the segments read elsewhere. */
export async function summarizeThrough(
  stream: AsyncIterable<Uint8Array>,
  options: SummarizeOptions,
  sink: SegmentSink,
): Promise<LogSummary> {
  const splitter = createSplitter(sink, options.segmentBytes);
  const facts = await readBytes(stream, options.maxBytes ?? DEFAULT_MAX_BYTES, (bytes) => {
    splitter.feed(bytes);
    return sink.settled();
  });
  splitter.end();
  return finish(options.source, await sink.finish(), facts);
}

/** Reads the segments one after another in this thread. */
function segmentsHere(options: SummarizeOptions): SegmentSink {
  const reader = createSegmentReader(options);
  let joined: SegmentResult | undefined;
  let current: Segment | undefined;
  const close = (): void => {
    if (current !== undefined) joined = joinSegments(joined, current.finish(), options.source);
    current = undefined;
  };
  return {
    open: (tail) => {
      close();
      current = reader.open(tail, joined && widthsOf(joined));
    },
    write: (bytes) => current?.write(bytes),
    settled: () => undefined,
    finish: async () => {
      close();
      return joined ?? reader.open(undefined).finish();
    },
  };
}

/** What two neighbouring runs of segments say together. */
export function joinSegments(before: SegmentResult | undefined, next: SegmentResult, source: string): SegmentResult {
  if (before === undefined) return next;
  joinFindings(before.findings, next.findings, source);
  return { findings: before.findings, oversizeLines: before.oversizeLines + next.oversizeLines };
}

function finish(source: string, { findings: state, oversizeLines }: SegmentResult, facts: InputFacts): LogSummary {
  const timed = state.zoned + state.assumedUtc > 0;
  const range = timed ? { firstTime: state.firstTime, lastTime: state.lastTime } : {};
  const signatures = finishSignatures(signatureMatcher().compiled, state);
  const unknown = [...state.unknown.values()].sort((a, b) => b.count - a.count || (a.message < b.message ? -1 : 1));
  const config = state.starts.at(-1)?.config;
  return {
    sources: [{ source, lines: state.lines, bytes: facts.bytes, ...range }],
    lines: state.lines,
    bytes: facts.bytes,
    compressed: facts.compressed,
    forms: nonZero(state.forms),
    wrappers: nonZero(state.wrappers),
    levels: nonZero(state.levels),
    times: { zoned: state.zoned, assumedUtc: state.assumedUtc, none: state.untimed },
    foreignLines: state.foreignLines,
    oversizeLines,
    ...range,
    gaps: standOutGaps(state),
    clockJumps: state.clockJumps,
    signatures,
    unknown: unknown.slice(0, TOP_UNKNOWN).map(finishUnknown),
    unknownOthers: unknown.slice(TOP_UNKNOWN).reduce((sum, { count }) => sum + count, state.unknownOthers),
    warnings: finishSeries(state.warnings),
    starts: state.starts,
    startsOmitted: state.startsOmitted,
    ...(config === undefined || Object.keys(config).length === 0 ? {} : { startupConfig: config }),
    fatal: state.fatal,
    fatalOmitted: state.fatalOmitted,
    damage: facts.damage,
  };
}

function finishSignatures(compiled: readonly Compiled[], { signatures }: Findings): LogSummary['signatures'] {
  const found = compiled.flatMap((entry, index) => {
    const tally = signatures[index];
    return tally === undefined ? [] : [finishSignature(entry, tally)];
  });
  return new Map(found.sort((a, b) => (a.id < b.id ? -1 : 1)).map((stats) => [stats.id, stats]));
}

function nonZero<K extends string>(counts: Record<K, number>): Partial<Record<K, number>> {
  const entries = Object.entries<number>(counts).filter(([, count]) => count > 0);
  return Object.fromEntries(entries) as Partial<Record<K, number>>;
}

function finishUnknown({ message, level, count, first, last, sample }: UnknownBuilder): UnknownMessage {
  return {
    message,
    level,
    count,
    ...(!Number.isNaN(first) ? { first } : {}),
    ...(!Number.isNaN(last) ? { last } : {}),
    sample,
  };
}
