import type { Gauge } from '../../facts/values/common.js';
import { knownBugs } from '../../knowledge/known-bugs.js';
import { defineRule, inconclusive, necessary, supporting } from '../../rule.js';
import { isAffected } from '../evidence/etcd-version.js';
import { type Growth, growthOf, hoursUntil, lastStart, type Point, pointsOf } from '../evidence/history.js';
import { mib } from '../evidence/responsiveness.js';

const leaks = knownBugs.filter(({ leak }) => leak !== undefined);

const pointsIn = (gauge: Gauge | null | undefined): readonly Point[] =>
  (gauge?.series ?? []).map(({ at, value }) => ({ hours: at / 3_600_000, value }));

/** Growth over the time looked at, as a share of where it began. */
const shareOf = (growth: Growth): number =>
  growth.first <= 0 ? Number.POSITIVE_INFINITY : (growth.last - growth.first) / growth.first;

/** It grew by more than the scatter of the values explains. */
const grows = (growth: Growth, share: number): boolean =>
  growth.perHour > growth.errorPerHour && shareOf(growth) >= share;

const whole = (value: number): string => String(Math.round(value));
const hoursText = (hours: number): string => `${Math.round(hours * 10) / 10} h`;

export default defineRule({
  id: 'memory-leak-known-version',
  title: 'Memory or goroutines grow without end',
  category: 'resources',
  role: 'risk',
  scope: 'member',
  why: 'What grows at the same load ends at a memory limit, and the kernel kills the process; a newer patch often is the whole cure.',
  needs: ['process', 'versions'],
  wants: ['history', 'watchers', 'storage', 'cgroup', 'memory'],
  explains: ['oom-killed', 'go-gc-pressure', 'memory-pressure-swap'],
  messages: {
    known:
      '{what} of {subject} grew from {first} to {last} in {hours} at the same load; etcd {version} has known leaks, among them: {bug}.',
    unknown: '{what} of {subject} grew from {first} to {last} in {hours} at the same load.',
  },
  basis: 'inferred',
  remedy: [
    {
      text: 'Keep two heap and goroutine profiles, hours apart, for a report',
      tag: 'read-only',
      command:
        'curl -s <client url>/debug/pprof/heap > heap.pb.gz; curl -s "<client url>/debug/pprof/goroutine?debug=2" > goroutines.txt   # with --enable-pprof',
    },
    {
      text: 'Look for clients that open watches or leases and never end them',
      tag: 'read-only',
      command:
        'curl -s <client url>/metrics | grep -E "mvcc_watcher_total|watch_stream_total|lease_(granted|revoked)_total"',
    },
    { text: 'Restart the member for relief, one member at a time', tag: 'restarts' },
    { text: 'Upgrade to the newest patch of the same minor release, one member at a time', tag: 'restarts' },
  ],
  doNot: ['raise the memory limit as the cure: it only comes later'],
  owner: 'operator',
  alternatives: [
    { rule: 'go-gc-pressure', why: 'The heap would be large and stay at its level.' },
    { rule: 'slow-or-too-many-watchers', why: 'Watchers or their pending events would grow along.' },
    { rule: 'backup-long-read-txn', why: 'Only resident memory would grow, with the mapped database.' },
  ],
  wouldDisprove: ['a heap and a number of goroutines that come back to where they were without a restart'],
  nextEvidence: [
    { what: 'the hours before', command: 'etcd-collect --prometheus <url> --history 24h' },
    { what: 'a recording over hours', command: 'etcd-collect record' },
  ],
  thresholds: ['leak-hours', 'leak-growth-share', 'leak-limit-hours'],
  evaluate: (ctx) => {
    const { subject, need, want, limit } = ctx;
    const { history } = want;
    const since = history === undefined ? undefined : lastStart(history, subject.id);
    // The longer of the two: a Prometheus, or a recording.
    const over = (name: string, gauge?: Gauge | null): Growth | undefined => {
      const asked = history?.of(name, subject.id).map((series) => growthOf(pointsOf(series, since))) ?? [];
      const seen = [...asked, growthOf(pointsIn(gauge))].flatMap((growth) => growth ?? []);
      return seen.sort((a, b) => b.hours - a.hours)[0];
    };
    const heap = over('heap-in-use', need.process.heapInuseBytes);
    const goroutines = over('goroutines', need.process.goroutines);
    const version = need.versions.members.find(({ member }) => member === subject.id)?.server ?? '';
    const bugs = leaks.filter((bug) => isAffected(version, bug.fixedIn, bug.from));
    const hours = Math.max(heap?.hours ?? 0, goroutines?.hours ?? 0);
    if (hours < limit('leak-hours'))
      return inconclusive(
        `growth shows over hours only, and heap and goroutines are known for ${hoursText(hours)} (--prometheus, or a recording)${bugs.length === 0 ? '' : `; etcd ${version} has known leaks: ${bugs.map(({ id }) => id).join(', ')}`}`,
      );
    const share = limit('leak-growth-share');
    const [subjectOf, grown] =
      goroutines !== undefined && grows(goroutines, share)
        ? (['goroutines', goroutines] as const)
        : (['heap', heap ?? goroutines] as const);
    if (grown === undefined) return [];
    const load = (
      [
        ['keys', over('keys', want.storage?.keys)],
        ['watchers', over('watchers', want.watchers?.watchers)],
        ['open descriptors', over('open-fds', need.process.openFds)],
        ['ranges per second', over('ranges')],
        ['puts per second', over('puts')],
        ['bytes sent per second', over('client-bytes-sent')],
      ] as const
    ).flatMap(([name, growth]) => (growth === undefined ? [] : [{ name, growth }]));
    // Half of the growth explained by the load is a load that grows.
    const loaded = load.filter(({ growth }) => grows(growth, share / 2) && shareOf(growth) >= shareOf(grown) / 2);
    const cap = Number(want.cgroup?.memory?.limitBytes ?? want.memory?.totalBytes ?? Number.NaN);
    const until = heap === undefined || !Number.isFinite(cap) ? undefined : hoursUntil(heap, cap);
    const soon = until !== undefined && until.latest <= limit('leak-limit-hours');
    const both = heap !== undefined && goroutines !== undefined && grows(heap, share) && grows(goroutines, share);
    const text = subjectOf === 'heap' ? mib : whole;
    const bug = bugs.find(({ leak }) => leak === subjectOf) ?? bugs[0];
    return [
      {
        message: bug === undefined ? 'unknown' : 'known',
        data: {
          what: subjectOf === 'heap' ? 'The heap' : 'The number of goroutines',
          first: text(grown.first),
          last: text(grown.last),
          hours: hoursText(grown.hours),
          ...(bug === undefined ? {} : { version, bug: bug.effect }),
        },
        severity: soon ? 'high' : 'warning',
        role: soon ? 'cause' : 'risk',
        evidence: [
          necessary(grows(grown, share), 'Heap or goroutines grow by more than their scatter, since the last start', {
            observed: `${text(grown.first)} to ${text(grown.last)} in ${hoursText(grown.hours)}, ${Math.round(shareOf(grown) * 100)} %`,
            threshold: 'leak-growth-share',
            from: ['history', 'process'],
          }),
          necessary(
            load.length === 0 ? undefined : loaded.length === 0,
            'Keys, watchers, connections and requests do not grow along',
            {
              observed:
                load.map(({ name, growth }) => `${name} ${whole(growth.first)} to ${whole(growth.last)}`).join(', ') ||
                'not observed',
              from: ['history', 'storage', 'watchers'],
            },
          ),
          ...(both ? [supporting(true, 'Both the heap and the goroutines grow', { from: ['history'] })] : []),
          ...bugs
            .slice(0, 3)
            .map(({ id, effect, source }) =>
              supporting(true, `${id}: ${effect} (${source})`, { observed: version, from: ['versions'] }),
            ),
          ...(until === undefined
            ? []
            : [
                supporting(soon ? true : undefined, 'At this pace the memory is used up', {
                  observed: `in ${hoursText(until.earliest)} to ${hoursText(until.latest)}`,
                  threshold: 'leak-limit-hours',
                  from: ['cgroup', 'memory'],
                }),
              ]),
        ],
      },
    ];
  },
});
