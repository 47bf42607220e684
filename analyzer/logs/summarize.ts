import { logSignatures } from '../knowledge/log-signatures.js';
import { readBlocks, type InputFacts } from './input.js';
import { buildMatcher, type Matcher } from './matcher.js';
import { standOutGaps } from './pace.js';
import { finishScan, scanBlock } from './scan.js';
import { newScanState, type ScanState, type UnknownBuilder } from './scan-state.js';
import { finishSeries } from './series.js';
import { finishSignature } from './signature-stats.js';
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
}

let matcher: Matcher | undefined;

/**
 * Reads one log file of a member in one pass and bounded memory, whatever its form, wrapper and compression. What the file
 * contains never makes it throw; errors of the stream itself are passed on.
 */
export async function summarizeLog(stream: AsyncIterable<Uint8Array>, options: SummarizeOptions): Promise<LogSummary> {
  matcher ??= buildMatcher(logSignatures());
  const state = newScanState(options.source, options.referenceTime, matcher);
  const facts = await readBlocks(stream, options.maxBytes ?? DEFAULT_MAX_BYTES, (text, from, to) =>
    scanBlock(state, text, from, to),
  );
  finishScan(state);
  return finish(state, facts);
}

function finish(state: ScanState, facts: InputFacts): LogSummary {
  const timed = state.zoned + state.assumedUtc > 0;
  const range = timed ? { firstTime: state.firstTime, lastTime: state.lastTime } : {};
  const signatures = state.signatures
    .filter((builder) => builder !== undefined)
    .map(finishSignature)
    .sort((a, b) => (a.id < b.id ? -1 : 1));
  const unknown = [...state.unknown.values()].sort((a, b) => b.count - a.count || (a.message < b.message ? -1 : 1));
  const config = state.starts.at(-1)?.config;
  return {
    sources: [{ source: state.source, lines: state.lines, bytes: facts.bytes, ...range }],
    lines: state.lines,
    bytes: facts.bytes,
    compressed: facts.compressed,
    forms: nonZero(state.forms),
    wrappers: nonZero(state.wrappers),
    levels: nonZero(state.levels),
    times: { zoned: state.zoned, assumedUtc: state.assumedUtc, none: state.untimed },
    foreignLines: state.foreignLines,
    oversizeLines: facts.oversizeLines,
    ...range,
    gaps: standOutGaps(state),
    clockJumps: state.clockJumps,
    signatures: new Map(signatures.map((stats) => [stats.id, stats])),
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
