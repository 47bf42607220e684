import type { Report } from '../../schemas/index.js';
import type { Facts } from '../fact.js';
import type { MemberLog } from '../facts/values/member.js';
import { timelineOf } from '../logs/index.js';
import { clockOffsetOf } from '../facts/clock.js';
import { nameOf } from '../run-rule.js';

type Lane = Report['timeline']['lanes'][number];
type Tone = Lane['events'][number]['tone'];

/** What a reader needs to see on the timeline, in words; everything else is in the log itself. */
const shown: Readonly<Record<string, readonly [string, Tone]>> = {
  starts: ['process start', 'info'],
  fatal: ['fatal or panic', 'error'],
  warnings: ['warnings', 'info'],
  'raft-became-leader': ['became leader', 'election'],
  'raft-lost-leader': ['lost its leader', 'election'],
  'raft-new-election': ['starts an election', 'election'],
  'raft-quorum-inactive': ['stepped down: quorum not active', 'election'],
  'raft-transfer-start': ['leadership transfer', 'info'],
  'signal-shutdown': ['orderly stop', 'info'],
  'leader-heartbeat-late': ['late heartbeat', 'warning'],
  'wal-slow-fdatasync': ['WAL sync longer than 1 s', 'warning'],
  'apply-took-too-long': ['slow apply', 'warning'],
  'readindex-slow': ['slow read index', 'warning'],
  'prober-unhealthy': ['peer unhealthy', 'warning'],
  'prober-clock-drift': ['clock drift', 'warning'],
  'stream-lost': ['lost peer stream', 'warning'],
  'peer-inactive': ['peer inactive', 'warning'],
  'raft-drop-send': ['sending buffer full', 'warning'],
  'raft-drop-recv': ['receiving buffer full', 'warning'],
  'defrag-start': ['defragmentation', 'info'],
  'compaction-finished': ['compaction', 'info'],
  'snapshot-sending': ['sends snapshot', 'info'],
  'snapshot-applying': ['installs snapshot', 'info'],
  'alarm-raised': ['alarm raised', 'error'],
  'oom-kernel': ['killed for memory', 'error'],
  'systemd-oom-kill': ['killed for memory', 'error'],
  'systemd-process-killed': ['killed by a signal', 'error'],
  'quota-raise-alarm': ['quota exceeded', 'error'],
  'initial-hash-failed': ['refuses to start: corruption check', 'error'],
  'err-db-space': ['database space exceeded', 'error'],
  enospc: ['no space left on device', 'error'],
  'found-inconsistency': ['data inconsistency', 'error'],
};

/** At most this much before the window: older events crowd the picture and stand in the log. */
const BEFORE_MS = 60 * 60 * 1000;
const BUCKETS = 180;

/** Members of one cluster begin to log moments apart; a log that begins or ends this much later than the axis has a hole there. */
const EDGE_MS = 60_000;

/** Silences of a log, on the clock of the collector. What another slice of the same log covers is no silence. */
const gapsOf = (log: MemberLog, from: number, to: number, offsetMs: number): Lane['gaps'] => {
  const gaps: Lane['gaps'] = [];
  const add = (start: number, end: number): void => {
    const [a, b] = [Math.max(start, from), Math.min(end, to)];
    if (b > a) gaps.push({ from: new Date(a).toISOString(), to: new Date(b).toISOString() });
  };
  if (log.from !== null && log.from + offsetMs > from + EDGE_MS) add(from, log.from + offsetMs);
  for (const { summary } of log.summaries) {
    for (const gap of summary.gaps) {
      const covered = log.summaries.some(
        (other) =>
          other.summary !== summary &&
          (other.summary.firstTime ?? Number.POSITIVE_INFINITY) < gap.to &&
          (other.summary.lastTime ?? Number.NEGATIVE_INFINITY) > gap.from &&
          !other.summary.gaps.some((own) => own.from < gap.to && own.to > gap.from),
      );
      if (!covered) add(gap.from + offsetMs, gap.to + offsetMs);
    }
  }
  if (log.to !== null && log.to + offsetMs < to - EDGE_MS) add(log.to + offsetMs, to);
  return gaps.slice(0, 20);
};

/** Starts of a process that did not stop in good order before, once each, however many slices hold them. */
const crashes = (log: MemberLog, from: number, to: number, offsetMs: number): Lane['events'] => {
  const times = log.summaries.flatMap(({ summary }) =>
    summary.starts.flatMap(({ time, orderlyStopBefore }) =>
      time !== undefined && orderlyStopBefore === false ? [time + offsetMs] : [],
    ),
  );
  return [...new Set(times)]
    .filter((time) => time >= from && time <= to)
    .map((time) => ({
      at: new Date(time).toISOString(),
      kind: 'starts-after-crash',
      label: 'start without an orderly stop before',
      count: 1,
      tone: 'error' as const,
    }));
};

/** Log events of all members on one axis: up to an hour before the window, and the window. */
export const timeline = (facts: Facts): Report['timeline'] => {
  const { case: input } = facts;
  // The axis is the collector's clock; a member whose clock is ahead prints times that are too late by its offset.
  const logs = input.members.map((member) => ({
    member,
    seen: facts.member(member.id, 'log'),
    offsetMs: -clockOffsetOf(input, member.id),
  }));
  const starts = logs.flatMap(({ seen, offsetMs }) =>
    seen.ok && seen.value.from !== null ? [seen.value.from + offsetMs] : [],
  );
  const to = Math.max(input.window.to, input.collection.to);
  const from =
    starts.length === 0
      ? input.window.from
      : Math.max(Math.min(input.window.from, ...starts), input.window.from - BEFORE_MS);
  const iso = (at: number): string => new Date(at).toISOString();
  const lanes: Lane[] = logs.map(({ member, seen, offsetMs }) => {
    const lane = { member: member.id, name: nameOf(input, member.id) };
    if (!seen.ok) return { ...lane, events: [], gaps: [{ from: iso(from), to: iso(to) }] };
    const counts = new Map<string, Map<number, number>>();
    let width = 0;
    // Slices of one log overlap: the largest count of a bucket is the true one, the sum would count lines twice.
    for (const { summary } of seen.value.summaries) {
      const axis = timelineOf([{ owner: member.id, summary, offsetMs }], {
        from,
        to: to + 1,
        buckets: BUCKETS,
        events: Object.keys(shown),
      });
      if (axis === undefined) continue;
      width = axis.widthMs;
      for (const row of axis.lanes) {
        const slots = counts.get(row.event) ?? new Map<number, number>();
        for (const [slot, count] of row.counts.entries())
          if (count > 0) slots.set(slot, Math.max(slots.get(slot) ?? 0, count));
        counts.set(row.event, slots);
      }
    }
    const events = [...counts].flatMap(([kind, slots]) => {
      const [label, tone] = shown[kind] ?? [kind, 'info' as Tone];
      return kind === 'warnings'
        ? []
        : [...slots].map(([slot, count]) => ({ at: iso(from + slot * width), kind, label, count, tone }));
    });
    events.push(...crashes(seen.value, from, to, offsetMs));
    events.sort((a, b) => (a.at === b.at ? (a.kind < b.kind ? -1 : 1) : a.at < b.at ? -1 : 1));
    return { ...lane, events, gaps: gapsOf(seen.value, from, to, offsetMs) };
  });
  return { from: iso(from), to: iso(to), window: { from: iso(input.window.from), to: iso(input.window.to) }, lanes };
};
