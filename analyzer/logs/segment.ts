import { logSignatures } from '../knowledge/log-signatures.js';
import { createLineSplitter } from './input.js';
import { rememberBlock } from './look-back.js';
import { buildMatcher, type Matcher } from './matcher.js';
import { finishScan, scanBlock } from './scan.js';
import { CONFIG_LINES, type Findings, newLearnt, newScanState, type ScanState, type Widths } from './scan-state.js';
import { tallyOf } from './signature-stats.js';

/** What one segment of a log says: plain data. */
export interface SegmentResult {
  readonly findings: Findings;
  readonly oversizeLines: number;
}

/** One run of lines while it is read. */
export interface Segment {
  readonly write: (bytes: Uint8Array) => void;
  readonly finish: () => SegmentResult;
}

let matcher: Matcher | undefined;

/** The signatures, prepared once per thread. */
export function signatureMatcher(): Matcher {
  matcher ??= buildMatcher(logSignatures());
  return matcher;
}

/**
 * Reads segments of one log. `tail` is the end of the segment before, none at the beginning of a log; `widths` what the segments
 * before needed, as far as it is known, which saves narrow buckets that would be joined at once.
 */
export interface SegmentReader {
  readonly open: (tail: Uint8Array | undefined, widths?: Widths) => Segment;
}

export function createSegmentReader(options: {
  readonly source: string;
  readonly referenceTime?: number;
}): SegmentReader {
  const learnt = newLearnt();
  return {
    open: (tail, widths) => {
      if (widths !== undefined) learnt.widths = widths;
      const state = newScanState(options.source, options.referenceTime, signatureMatcher(), { ...learnt });
      if (tail !== undefined) continueAfter(state, tail);
      const lines = createLineSplitter((text, from, to) => scanBlock(state, text, from, to));
      return {
        write: lines.feed,
        finish: () => {
          lines.end();
          finishScan(state);
          return { findings: findingsOf(state), oversizeLines: lines.oversizeLines() };
        },
      };
    },
  };
}

/** The bucket widths of what was joined so far. */
export function widthsOf({ findings }: SegmentResult): Widths {
  return {
    warnings: findings.warnings.widthMs,
    signatures: findings.signatures.map((tally) => tally?.series.widthMs),
  };
}

/** Settings and the lines before a start reach across the cut; everything else is put together by `joinFindings`. */
function continueAfter(state: ScanState, tail: Uint8Array): void {
  state.configLinesLeft = CONFIG_LINES;
  const text = Buffer.from(tail.buffer, tail.byteOffset, tail.byteLength).toString('latin1');
  // The first line of the tail may have lost its beginning.
  const from = text.indexOf('\n') + 1;
  if (from < text.length) rememberBlock(state, text, from, text.length);
}

function findingsOf(state: ScanState): Findings {
  return {
    lines: state.lines,
    forms: state.forms,
    wrappers: state.wrappers,
    levels: state.levels,
    zoned: state.zoned,
    assumedUtc: state.assumedUtc,
    untimed: state.untimed,
    foreignLines: state.foreignLines,
    firstTime: state.firstTime,
    lastTime: state.lastTime,
    headTime: state.headTime,
    headLine: state.headLine,
    previousTime: state.previousTime,
    paces: state.paces,
    gaps: state.gaps,
    clockJumps: state.clockJumps,
    warnings: state.warnings,
    signatures: state.signatures.map((builder) => (builder === undefined ? undefined : tallyOf(builder))),
    unknown: state.unknown,
    unknownOthers: state.unknownOthers,
    starts: state.starts,
    startsOmitted: state.startsOmitted,
    sawStart: state.sawStart,
    orderlyStop: state.orderlyStop,
    stopBeforeStart: state.stopBeforeStart,
    configLinesLeft: state.configLinesLeft,
    headSettings: state.headSettings,
    fatal: state.fatal,
    fatalOmitted: state.fatalOmitted,
  };
}
