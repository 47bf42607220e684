/** How one line was written by the process itself. */
export type LineForm = 'zap-json' | 'zap-console' | 'capnslog' | 'klog' | 'logfmt' | 'go-trace' | 'plain' | 'empty';

/**
 * What was put around the line on its way. `timestamp`: an RFC 3339 time (`kubectl logs --timestamps`). `prefix`: the name of a node,
 * pod or container (talosctl, `kubectl logs --prefix`, docker compose, stern). `klog`, `logfmt`: another program printed etcd's line.
 */
export type LineWrapper =
  | 'cri'
  | 'docker-json'
  | 'journald-short'
  | 'journald-short-iso'
  | 'journald-json'
  | 'journald-export'
  | 'timestamp'
  | 'prefix'
  | 'klog'
  | 'logfmt';

export type LogLevel = 'debug' | 'info' | 'notice' | 'warn' | 'error' | 'panic' | 'fatal' | 'unknown';

/** One line kept as evidence. `line` counts from 1 in the file as it was read (after gunzip); `time` is epoch ms. */
export interface LogSample {
  source: string;
  line: number;
  time?: number;
  /** At most 400 characters, control characters blanked. */
  text: string;
}

/** The numbers of one field over all lines of a signature. Durations in seconds, sizes in bytes. */
export interface NumberStats {
  unit: 'seconds' | 'bytes' | 'count';
  count: number;
  sum: number;
  min: number;
  /** The largest value; `raw` is its text as printed, exact where the number is above 2^53. */
  worst: { value: number; raw: string; sample: LogSample };
}

/** The values of one field with their counts: the most frequent ones, bounded. */
export interface TextStats {
  top: { value: string; count: number }[];
  /** Lines whose value found no more room in `top`. */
  others: number;
  last: string;
}

export interface Bucket {
  /** Epoch ms, a multiple of the width of its series. */
  start: number;
  count: number;
  /** Largest value of the first duration field in this bucket, seconds. */
  worst?: number;
}

/** Events over time. The width starts at 1 s and doubles until the non-empty buckets fit in the bound. */
export interface BucketSeries {
  widthMs: number;
  buckets: Bucket[];
}

export interface SignatureStats {
  id: string;
  /** Id of the meaning; the 3.4 text form and the zap form of a message share it. */
  group: string;
  count: number;
  /** How many of these lines had a time. */
  timed: number;
  /** Epoch ms of the earliest and latest timed line. */
  first?: number;
  last?: number;
  numbers: Map<string, NumberStats>;
  texts: Map<string, TextStats>;
  series: BucketSeries;
  /** Exact times of the latest lines, ascending, at most 512: windows that lie within are counted exactly. */
  recent: number[];
  /** Whether no line between the oldest of `recent` and the last one is missing. False after joining files that forgot some. */
  recentComplete: boolean;
  /** The first three and the last one; the worst ones are in `numbers`. */
  samples: LogSample[];
}

/** A message at warning level or above that no signature knows. Ids and numbers in it are masked. */
export interface UnknownMessage {
  message: string;
  level: LogLevel;
  count: number;
  first?: number;
  last?: number;
  sample: LogSample;
}

export interface LogGap {
  source: string;
  /** Line number after the silence. */
  line: number;
  from: number;
  to: number;
}

export interface ClockJump {
  source: string;
  line: number;
  /** Time of the line before, epoch ms. */
  before: number;
  after: number;
}

/** One start of the process. */
export interface ProcessStart {
  source: string;
  line: number;
  time?: number;
  version?: string;
  /** The lines just before it, oldest first: how the process before ended. */
  before: LogSample[];
  /** Whether an orderly stop was logged since the start before; undefined for the first start in a file. */
  orderlyStopBefore?: boolean;
  /** The configuration in force as the process printed it: raw text by field name; 64-bit values stay exact. */
  config: Record<string, string>;
}

/** What one log file, or several of one member, says. Bounded whatever the size of the log. */
export interface LogSummary {
  sources: { source: string; lines: number; bytes: number; firstTime?: number; lastTime?: number }[];
  lines: number;
  /** Bytes after gunzip. */
  bytes: number;
  compressed: boolean;
  forms: Partial<Record<LineForm, number>>;
  wrappers: Partial<Record<LineWrapper, number>>;
  levels: Partial<Record<LogLevel, number>>;
  /** Lines by the quality of their time: with a zone, with UTC assumed, with none. */
  times: { zoned: number; assumedUtc: number; none: number };
  /** Lines of other programs in the same stream: of another unit, or klog and logrus. Only etcd's own errors are looked for in them. */
  foreignLines: number;
  /** Lines over the length limit; their tail was not read. */
  oversizeLines: number;
  firstTime?: number;
  lastTime?: number;
  /** Silences that stand out against the usual pace of the file. A forward jump of the clock looks the same. */
  gaps: LogGap[];
  /** Backward steps of more than 2 s. */
  clockJumps: ClockJump[];
  signatures: Map<string, SignatureStats>;
  unknown: UnknownMessage[];
  unknownOthers: number;
  /** Warning level and above, over time. */
  warnings: BucketSeries;
  starts: ProcessStart[];
  /** Starts that found no more room in `starts`. */
  startsOmitted: number;
  startupConfig?: Record<string, string>;
  fatal: (LogSample & { level: LogLevel })[];
  fatalOmitted: number;
  /** What was wrong with the stream itself (truncated gzip, size limit). */
  damage: string[];
}
