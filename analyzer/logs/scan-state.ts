import type { Matcher, TextMatch } from './matcher.js';
import { newSeries, type SeriesBuilder } from './series.js';
import type { LineRef, SignatureBuilder, SignatureTally } from './signature-stats.js';
import type { TimeScan } from './timestamps.js';
import type {
  ClockJump,
  LineForm,
  LineWrapper,
  LogGap,
  LogLevel,
  LogSample,
  ProcessStart,
  UnknownMessage,
} from './types.js';

export interface UnknownBuilder extends UnknownMessage {
  first: number;
  last: number;
}

/**
 * What is known about a run of lines: plain data, so that it can be handed from thread to thread, and joined with what is known
 * about the lines before (`join.ts`). All parts are bounded.
 */
export interface Findings {
  lines: number;
  forms: Record<LineForm, number>;
  wrappers: Record<LineWrapper, number>;
  levels: Record<LogLevel, number>;
  zoned: number;
  assumedUtc: number;
  untimed: number;
  foreignLines: number;
  firstTime: number;
  lastTime: number;
  /** Time of the first timed line and its number. */
  headTime: number;
  headLine: number;
  previousTime: number;
  /** Distances between neighbouring lines, by power of two milliseconds. */
  paces: Float64Array;
  gaps: LogGap[];
  clockJumps: ClockJump[];
  warnings: SeriesBuilder;
  /** By place of the signature in the matcher. */
  signatures: (SignatureTally | undefined)[];
  unknown: Map<string, UnknownBuilder>;
  unknownOthers: number;
  starts: ProcessStart[];
  startsOmitted: number;
  sawStart: boolean;
  orderlyStop: boolean;
  /** Whether an orderly stop was logged before the first start of this run of lines. */
  stopBeforeStart: boolean;
  /** Lines for which 3.4 may still print its configuration after a start. */
  configLinesLeft: number;
  /** Settings printed before any start of this run of lines: they may belong to a start before it. */
  headSettings: { key: string; value: string; linesLeft: number }[];
  fatal: (LogSample & { level: LogLevel })[];
  fatalOmitted: number;
}

/** What the segments of one log read so far taught: it saves time and changes no outcome. */
export interface Learnt {
  readonly messageCache: Map<string, TextMatch>;
  readonly errorCache: Map<string, TextMatch>;
  widths: Widths;
}

/** Bucket widths that the log needed so far, ms, by signature: all of it needs no narrower ones. */
export interface Widths {
  readonly warnings: number | undefined;
  readonly signatures: readonly (number | undefined)[];
}

export function newLearnt(): Learnt {
  return { messageCache: new Map(), errorCache: new Map(), widths: { warnings: undefined, signatures: [] } };
}

/** Findings while they grow, and what is needed for that. */
export interface ScanState extends Findings {
  readonly source: string;
  readonly referenceTime: number | undefined;
  readonly matcher: Matcher;
  signatures: (SignatureBuilder | undefined)[];
  /** Signatures seen in the current block; their last line must be copied before the block goes. */
  touched: SignatureBuilder[];
  readonly learnt: Learnt;
  /** Halves of lines which the container runtime split, by stream. */
  partial: Map<string, string>;
  /** Fields of the journal export record being read. */
  journal: Map<string, string> | undefined;
  /** The line at hand. */
  ref: LineRef;
  /** Time taken from the wrapper of the line at hand; NaN when it has none. */
  wrapperTime: number;
  wrapperZoned: boolean;
  wrapperLevel: LogLevel;
  /** The block of complete lines at hand and those before, to look back from a start. */
  block: string;
  blocksHeld: number;
  blockFrom: number;
  blockAt: number;
  blocksBefore: { text: string; from: number; to: number }[];
  time: TimeScan;
}

/** Lines after a start of 3.4 in which its settings are looked for. */
export const CONFIG_LINES = 400;

export function newScanState(
  source: string,
  referenceTime: number | undefined,
  matcher: Matcher,
  learnt: Learnt,
): ScanState {
  return {
    source,
    referenceTime,
    matcher,
    lines: 0,
    forms: { 'zap-json': 0, 'zap-console': 0, capnslog: 0, klog: 0, logfmt: 0, 'go-trace': 0, plain: 0, empty: 0 },
    wrappers: {
      cri: 0,
      'docker-json': 0,
      'journald-short': 0,
      'journald-short-iso': 0,
      'journald-json': 0,
      'journald-export': 0,
      timestamp: 0,
      prefix: 0,
      klog: 0,
      logfmt: 0,
    },
    levels: { debug: 0, info: 0, notice: 0, warn: 0, error: 0, panic: 0, fatal: 0, unknown: 0 },
    zoned: 0,
    assumedUtc: 0,
    untimed: 0,
    foreignLines: 0,
    firstTime: Number.POSITIVE_INFINITY,
    lastTime: Number.NEGATIVE_INFINITY,
    headTime: Number.NaN,
    headLine: 0,
    previousTime: Number.NaN,
    paces: new Float64Array(48),
    gaps: [],
    clockJumps: [],
    warnings: newSeries(learnt.widths.warnings),
    signatures: new Array<SignatureBuilder | undefined>(matcher.compiled.length).fill(undefined),
    touched: [],
    learnt,
    unknown: new Map(),
    unknownOthers: 0,
    starts: [],
    startsOmitted: 0,
    sawStart: false,
    orderlyStop: false,
    stopBeforeStart: false,
    configLinesLeft: 0,
    headSettings: [],
    fatal: [],
    fatalOmitted: 0,
    partial: new Map(),
    journal: undefined,
    ref: { source, line: 0, time: Number.NaN, text: '', from: 0, to: 0 },
    wrapperTime: Number.NaN,
    wrapperZoned: false,
    wrapperLevel: 'unknown',
    block: '',
    blocksHeld: 0,
    blockFrom: 0,
    blockAt: 0,
    blocksBefore: [],
    time: { ms: Number.NaN, end: 0, zoned: false },
  };
}
