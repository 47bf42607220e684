import { defineRule, inconclusive, necessary, supporting } from '../../rule.js';

/** Beyond this a start without an end is a lost line; own estimate. */
const LONGEST_MS = 6 * 3_600_000;

export default defineRule({
  id: 'backup-long-read-txn',
  title: 'A snapshot keeps a long read of the database open',
  category: 'storage',
  role: 'symptom',
  scope: 'member',
  why: 'Pages that an open read may still need cannot be used again: the file grows for as long as the reader takes, and disk and network carry the copy.',
  needs: ['log'],
  wants: ['storage', 'snapFsync', 'traffic', 'diskActivity'],
  explains: ['auto-compaction-off', 'defrag-needed'],
  messages: {
    open: 'A client has been reading a snapshot from {subject} since {since}, and has not finished.',
    slow: 'A snapshot transfer from {subject} took long enough for etcd to warn{worst}.',
  },
  basis: 'direct',
  remedy: [
    {
      text: 'Find the reader: backup job, its schedule and its host',
      tag: 'read-only',
      command: 'ss -tnp "sport = :2379"',
    },
    {
      text: 'Take backups from a follower, one member at a time, outside of peak hours',
      tag: 'brief-interruption',
      command: 'etcdctl --endpoints=<a follower> snapshot save <file>',
    },
    { text: 'Stop a backup client that hangs', tag: 'brief-interruption' },
  ],
  doNot: ['throttle the backup client hard: a slower reader holds the pages for longer'],
  owner: 'operator',
  alternatives: [
    {
      rule: 'follower-snapshot-loop',
      why: 'The receiver would be a peer, named in the lines about sending a database snapshot.',
    },
    { rule: 'defrag-needed', why: 'Free pages are what such a read leaves behind.' },
  ],
  wouldDisprove: ['a line about the end of the transfer after its start'],
  nextEvidence: [{ what: 'log of the member up to now', command: 'etcd-collect --log <member>=<file>' }],
  thresholds: ['snapshot-open-seconds', 'snapshot-long-seconds', 'snapshot-quota-minutes'],
  evaluate: (ctx) => {
    const { log } = ctx.need;
    if (log.from === null) return inconclusive('the log holds no line with a time');
    const start = log.count('snapshot-to-client');
    const done = log.count('snapshot-to-client-done');
    const slow = log.count('snapshot-transfer-slow');
    const begun = start?.last ?? null;
    const age = begun === null ? 0 : ctx.window.to - begun;
    const open =
      begun !== null &&
      (done?.last ?? 0) < begun &&
      age > ctx.limit('snapshot-open-seconds') * 1000 &&
      age < LONGEST_MS;
    // The warning about a slow transfer repeats while it lasts; the sender of a snapshot to a peer logs it as well.
    const warned = slow !== null && start !== null && slow.inWindow > 0;
    const growth = ctx.want.storage?.sizeGrowthPerSecond ?? null;
    const { quotaBytes, sizeBytes } = ctx.want.storage ?? {};
    const minutes =
      growth === null || growth <= 0 || quotaBytes === undefined || sizeBytes === undefined
        ? null
        : (Number(quotaBytes) - Number(sizeBytes)) / growth / 60;
    const filling = minutes !== null && minutes < ctx.limit('snapshot-quota-minutes');
    const long = age > ctx.limit('snapshot-long-seconds') * 1000;
    const harmful = open && growth !== null && growth > 0 && (long || filling);
    return [
      {
        message: open ? 'open' : 'slow',
        data: {
          since: begun === null ? '' : new Date(begun).toISOString(),
          worst: slow?.worstSeconds == null ? '' : ` (${Math.round(slow.worstSeconds)} s)`,
        },
        severity: harmful ? 'warning' : 'info',
        role: !harmful ? 'notice' : filling ? 'cause' : 'symptom',
        evidence: [
          necessary(open || warned, 'A snapshot to a client without an end, or one that etcd warned about', {
            observed: open ? `open for ${Math.round(age / 1000)} s` : `${slow?.inWindow ?? 0} warnings in the window`,
            threshold: 'snapshot-open-seconds',
            from: ['log'],
          }),
          ...(open && slow !== null && slow.inWindow > 0
            ? [supporting(true, 'etcd warns about its length', { from: ['log'] })]
            : []),
          ...(growth === null
            ? []
            : [
                ...(filling
                  ? [
                      necessary(true, 'At this pace the file reaches its quota soon', {
                        observed: `in ${Math.round(minutes)} minutes`,
                        threshold: 'snapshot-quota-minutes',
                        from: ['storage'],
                      }),
                    ]
                  : []),
                supporting(growth > 0, 'The database file grows meanwhile', {
                  observed: `${Math.round(growth)} B/s`,
                  from: ['storage'],
                }),
              ]),
        ],
      },
    ];
  },
});
