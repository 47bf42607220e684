import type { Storage } from '../../facts/values/member.js';
import { defineRule, inconclusive, necessary, supporting } from '../../rule.js';
import { growthOf, hoursUntil, pointsOf } from '../evidence/history.js';

/** Revisions kept: since the last compaction, or all when there never was one; null when unknown. */
const historyOf = (storage: Storage): number | null => {
  const never = storage.compactRevision !== null && BigInt(storage.compactRevision) <= 0n;
  const gap = never ? storage.currentRevision : storage.compactGap;
  return gap === null ? null : Number(gap);
};

/** Minutes of an --auto-compaction-retention: `1h`, `30m`, a bare number of hours; null for revisions or 0. */
const minutesOf = (retention: string | undefined, mode: string | undefined): number | null => {
  if (retention === undefined || mode === 'revision') return null;
  if (/^\d+$/.test(retention)) return Number(retention) * 60 || null;
  const parts = [...retention.matchAll(/(\d+(?:\.\d+)?)(h|m|s)/g)];
  const minutes = parts.reduce(
    (sum, [, value, unit]) => sum + Number(value) * (unit === 'h' ? 60 : unit === 'm' ? 1 : 1 / 60),
    0,
  );
  return minutes > 0 ? minutes : null;
};

const tenths = (hours: number): number => Math.round(hours * 10) / 10;
const hoursText = ({ earliest, latest }: { readonly earliest: number; readonly latest: number }): string =>
  `${tenths(earliest)} to ${tenths(latest)}`;

export default defineRule({
  id: 'auto-compaction-off',
  title: 'Nothing compacts the history',
  category: 'quota',
  role: 'risk',
  scope: 'cluster',
  why: 'Every change stays stored until a compaction: database, memory for the index and start-up time grow until the quota stops all writes.',
  needs: ['storage'],
  wants: ['config', 'log', 'process', 'staticPods', 'history'],
  explains: [],
  messages: {
    growing: '{worst} keeps {history} old revisions for {keys} live keys, and nothing compacts them{projection}.',
    kept: '{worst} keeps {history} old revisions for {keys} live keys, and no compaction is on record.',
  },
  basis: 'inferred',
  remedy: [
    {
      text: 'In Kubernetes look at the API server’s compaction and its errors',
      tag: 'read-only',
      command: 'kubectl -n kube-system logs <kube-apiserver pod> | grep -i compact',
    },
    {
      text: 'Compact once, outside of peak hours, in steps when the history is long',
      tag: 'brief-interruption',
      command: 'etcdctl compact <revision>',
    },
    {
      text: 'Without Kubernetes turn on auto-compaction, one member at a time',
      tag: 'restarts',
      command: 'etcd --auto-compaction-mode=periodic --auto-compaction-retention=1h',
    },
  ],
  doNot: [
    'compact to the current revision while clients watch from older ones',
    'compact a very long history in one step in working hours',
  ],
  owner: 'operator',
  alternatives: [
    { rule: 'compaction-stuck-or-failing', why: 'Attempts would be in the log, with errors.' },
    { rule: 'watch-compacted-revision', why: 'The opposite: compaction takes revisions that clients still ask for.' },
  ],
  wouldDisprove: ['a compacted revision that moves between two bundles an hour apart'],
  nextEvidence: [{ what: 'a second bundle after an hour', command: 'etcd-collect' }],
  thresholds: [
    'history-revisions',
    'history-ratio',
    'history-quiet-minutes',
    'quota-reached-hours',
    'quota-live-share',
  ],
  evaluate: (ctx) => {
    const storage = ctx.each('storage');
    const ranked = [...storage]
      .map(([id, value]) => ({ id, value, history: historyOf(value) }))
      .sort((a, b) => (b.history ?? -1) - (a.history ?? -1));
    const worst = ranked[0];
    if (worst === undefined || worst.history === null)
      return inconclusive('the server does not tell its current and compacted revision');
    const { id, value, history } = worst;
    const keys = value.keys?.last ?? null;
    const config = ctx.want.config?.members[id];
    const retention = config?.['auto-compaction-retention'];
    const configured = minutesOf(retention?.value, config?.['auto-compaction-mode']?.value);
    const quietMs = 60_000 * Math.max(ctx.limit('history-quiet-minutes'), 2 * (configured ?? 0));
    const logs = [...ctx.each('log').values()];
    const ends = [...storage.values()]
      .map((each) => each.lastCompactionAt ?? 0)
      .concat(logs.map((log) => log.count('compaction-finished')?.last ?? 0));
    const last = Math.max(0, ...ends);
    const moving = [...storage.values()].some((each) => each.compactedInWindow === true);
    const never = value.compactRevision !== null && BigInt(value.compactRevision) <= 0n;
    const observedMs = Math.max(
      (ctx.each('process').get(id)?.uptimeSeconds ?? 0) * (value.compactionTotal === null ? 0 : 1000),
      ...logs.map((log) => (log.from === null ? 0 : ctx.window.to - log.from)),
    );
    const quiet =
      moving || (last > 0 && ctx.window.to - last < quietMs)
        ? false
        : never || last > 0 || observedMs >= quietMs
          ? true
          : undefined;
    // Young clusters with retention set have not reached their first compaction yet.
    const early = configured !== null && observedMs < quietMs;
    // A file grows by steps, which half a minute hardly shows: hours of history know better.
    const past = ctx.want.history?.of('db-size', id).flatMap((series) => growthOf(pointsOf(series)) ?? [])[0];
    const until = past === undefined ? undefined : hoursUntil(past, Number(value.quotaBytes));
    const growth = value.sizeGrowthPerSecond ?? 0;
    const hours =
      past !== undefined
        ? (until?.earliest ?? null)
        : growth > 0
          ? (Number(value.quotaBytes) - Number(value.sizeBytes)) / growth / 3600
          : null;
    const soon = hours !== null && hours < ctx.limit('quota-reached-hours');
    // In Kubernetes the API server compacts, every five minutes unless it is told otherwise.
    const apiServerOff = ctx.want.staticPods?.pods.find(
      ({ component, flags }) =>
        component === 'kube-apiserver' && /^0[a-z]*$/.test(flags['etcd-compaction-interval'] ?? ''),
    );
    const half = (value.inUseShare ?? 0) > ctx.limit('quota-live-share');
    return [
      {
        message: soon || half ? 'growing' : 'kept',
        data: {
          worst: ctx.nameOf(id),
          history,
          keys: keys ?? 'an unknown number of',
          projection: soon
            ? until === undefined
              ? `; at the pace of the window the quota is reached in ${Math.round((hours ?? 0) * 10) / 10} hours`
              : `; at the pace of the last ${Math.round(past?.hours ?? 0)} hours the quota is reached in ${hoursText(until)} hours`
            : '',
        },
        severity: half ? 'warning' : 'info',
        subjects: ['cluster'],
        evidence: [
          necessary(
            history > ctx.limit('history-revisions') && (keys === null || history > keys * ctx.limit('history-ratio')),
            'Revisions kept against live keys',
            {
              observed: `${history} revisions, ${keys ?? '?'} keys`,
              threshold: 'history-revisions',
              from: ['storage'],
              about: id,
            },
          ),
          necessary(early ? false : quiet, 'No compaction for long', {
            observed: never ? 'never compacted' : last > 0 ? `last at ${new Date(last).toISOString()}` : 'none seen',
            threshold: 'history-quiet-minutes',
            from: ['storage', 'log'],
            about: id,
          }),
          ...(retention === undefined
            ? []
            : [
                supporting(configured === null && /^0/.test(retention.value), '--auto-compaction-retention is off', {
                  observed: `${retention.value} (${retention.origin})`,
                  from: ['config'],
                }),
              ]),
          ...(apiServerOff === undefined
            ? []
            : [
                supporting(true, 'The API server is told not to compact', {
                  observed: `--etcd-compaction-interval=${apiServerOff.flags['etcd-compaction-interval']}`,
                  from: ['staticPods'],
                }),
              ]),
        ],
      },
    ];
  },
});
