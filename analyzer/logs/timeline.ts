import type { LogSummary } from './types.js';

/** One row of the timeline: how often one kind of event came, per bucket. */
export interface TimelineLane {
  /** Member or host the log belongs to, as given. */
  owner: string;
  /** Group id of the signature, or `warnings`, `starts`, `fatal`. */
  event: string;
  counts: number[];
  total: number;
  /** Largest duration per bucket in seconds, where the event has one. */
  worst?: (number | undefined)[];
}

export interface Timeline {
  from: number;
  to: number;
  widthMs: number;
  lanes: TimelineLane[];
}

export interface TimelineInput {
  owner: string;
  summary: LogSummary;
  /** Added to every time of this log, ms: the owner's clock offset. */
  offsetMs?: number;
}

export interface TimelineOptions {
  /** Epoch ms; default: the range of the logs. */
  from?: number;
  to?: number;
  /** Number of buckets, default 120. */
  buckets?: number;
  /** Only these group ids (besides warnings, starts and fatal lines). */
  events?: readonly string[];
}

/**
 * Puts the events of several logs on one axis. Where a log's own buckets are wider than the axis, an event shows at the start of
 * its bucket. Returns undefined when no line has a time.
 */
export function timelineOf(inputs: readonly TimelineInput[], options: TimelineOptions = {}): Timeline | undefined {
  const times = inputs.flatMap(({ summary, offsetMs = 0 }) =>
    summary.firstTime === undefined || summary.lastTime === undefined
      ? []
      : [summary.firstTime + offsetMs, summary.lastTime + offsetMs],
  );
  const from = options.from ?? (times.length > 0 ? Math.min(...times) : undefined);
  const to = options.to ?? (times.length > 0 ? Math.max(...times) + 1 : undefined);
  if (from === undefined || to === undefined || !(to > from)) return undefined;
  const size = Math.max(1, Math.min(options.buckets ?? 120, 2000));
  const widthMs = (to - from) / size;
  const lanes = new Map<string, TimelineLane>();
  const add = (owner: string, event: string, time: number, count: number, worst?: number): void => {
    if (time < from || time >= to) return;
    const key = `${owner}\n${event}`;
    let lane = lanes.get(key);
    if (lane === undefined) {
      lane = { owner, event, counts: new Array<number>(size).fill(0), total: 0 };
      lanes.set(key, lane);
    }
    const slot = Math.min(size - 1, Math.floor((time - from) / widthMs));
    lane.counts[slot] = (lane.counts[slot] ?? 0) + count;
    lane.total += count;
    if (worst !== undefined) {
      lane.worst ??= new Array<number | undefined>(size).fill(undefined);
      lane.worst[slot] = Math.max(lane.worst[slot] ?? worst, worst);
    }
  };
  const wanted = options.events === undefined ? undefined : new Set(options.events);
  for (const { owner, summary, offsetMs = 0 } of inputs) {
    for (const { group, series } of summary.signatures.values()) {
      if (wanted !== undefined && !wanted.has(group)) continue;
      for (const { start, count, worst } of series.buckets) add(owner, group, start + offsetMs, count, worst);
    }
    for (const { start, count } of summary.warnings.buckets) add(owner, 'warnings', start + offsetMs, count);
    for (const { time } of summary.starts) if (time !== undefined) add(owner, 'starts', time + offsetMs, 1);
    for (const { time } of summary.fatal) if (time !== undefined) add(owner, 'fatal', time + offsetMs, 1);
  }
  const sorted = [...lanes.values()].sort((a, b) =>
    a.owner !== b.owner ? (a.owner < b.owner ? -1 : 1) : a.event < b.event ? -1 : 1,
  );
  return { from, to, widthMs, lanes: sorted };
}
