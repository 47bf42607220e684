import { defineRule, necessary, supporting } from '../../rule.js';
import { quotaForecasts } from '../evidence/forecast.js';
import { logged, nospaceClaims, nospaceThresholds } from '../evidence/nospace-claims.js';

const MIB = 1024 * 1024;
const tenths = (value: number): number => Math.round(value * 10) / 10;

export default defineRule({
  id: 'quota-nospace-live-data',
  title: 'Live data use up the quota',
  category: 'quota',
  role: 'cause',
  scope: 'cluster',
  why: 'With the NOSPACE alarm armed the whole cluster refuses writes, and neither compaction nor defragmentation frees enough.',
  needs: ['storage'],
  wants: ['alarms', 'log', 'history', 'keyspace'],
  explains: ['liveness-probe-kill-loop'],
  messages: {
    full: 'Writes are refused: NOSPACE is armed, and {worst} is full: {observed}, most of it live keys.',
    growing:
      'The database of {worst} grows by data in use and reaches its quota in {hours}, at the pace of the last hours.',
    near: '{worst} is about to reach its quota ({observed}) with live keys; then all writes are refused.',
  },
  basis: 'direct',
  remedy: [
    {
      text: 'Keep a copy of the data',
      tag: 'read-only',
      command: 'etcdctl --endpoints=<one member> snapshot save backup.db',
    },
    {
      text: 'Find the prefix that holds the most keys',
      tag: 'read-only',
      command:
        'etcdctl get / --prefix --keys-only --limit=100000 | awk -F/ \'NF{print $2"/"$3}\' | sort | uniq -c | sort -n | tail',
    },
    {
      text: 'Raise the quota alike on all members, up to 8 GiB, where memory and disk allow; one member at a time, then disarm',
      tag: 'restarts',
      command: 'etcd --quota-backend-bytes=<bytes>; etcdctl alarm disarm',
    },
    { text: 'Move data with a high volume into an etcd cluster of their own', tag: 'disruptive' },
    {
      text: 'Or delete what is not needed, in small batches (deletes are allowed), then compact, defragment each member, disarm',
      tag: 'destructive',
      command:
        'etcdctl del <prefix> --prefix; etcdctl compact <revision>; etcdctl --endpoints=<one member> defrag; etcdctl alarm disarm',
    },
  ],
  doNot: [
    'delete a huge range in one request',
    'disarm the alarm before space is free',
    'set different quotas on the members',
  ],
  owner: 'application',
  alternatives: [
    {
      rule: 'quota-nospace-no-compaction',
      why: 'Revisions since the last compaction would outnumber the keys by far.',
    },
    { rule: 'quota-nospace-fragmentation', why: 'Less than half of the file would be in use.' },
    { rule: 'quota-misconfigured', why: 'The quota itself would be the odd one: small, or different between members.' },
  ],
  wouldDisprove: ['a compaction that frees more than half of the size in use'],
  nextEvidence: [
    {
      what: 'keys by kind of Kubernetes object (counts and sizes)',
      command: 'sudo etcd-collect --allow-load --keyspace',
    },
  ],
  thresholds: [...nospaceThresholds, 'quota-reached-hours'],
  evaluate: (ctx) => {
    const claims = nospaceClaims(ctx, ['live'], (worst) => {
      const { compactGap, currentRevision, keys } = worst.storage;
      const { keyspace } = ctx.want;
      const logs = ctx.each('log');
      return [
        necessary(true, 'Most of the stored revisions are live keys', {
          observed: `${keys?.last ?? '?'} live keys, ${compactGap ?? currentRevision ?? '?'} revisions since the last compaction`,
          threshold: 'quota-live-share',
          from: ['storage'],
          about: worst.id,
        }),
        supporting(
          worst.storage.freeShare === null ? undefined : worst.storage.freeShare < 0.2,
          'Nearly all pages are in use',
          {
            ...(worst.storage.freeShare === null
              ? {}
              : { observed: `${Math.round(worst.storage.freeShare * 100)} % free` }),
            from: ['storage'],
            about: worst.id,
          },
        ),
        ...(keyspace === undefined || keyspace.prefixes.length === 0
          ? []
          : [
              supporting(true, 'Where most keys are', {
                observed: keyspace.prefixes
                  .slice(0, 3)
                  .map(({ prefix, keys: below }) => `${prefix} ${below}`)
                  .join(', '),
                from: ['keyspace'],
              }),
            ]),
        ...(logged(logs, 'quota-raise-alarm') + logged(logs, 'alarm-raised') > 0
          ? [supporting(true, 'The log has the moment the alarm was raised', { from: ['log'], about: worst.id })]
          : []),
      ];
    });
    if (!Array.isArray(claims) || claims.length > 0) return claims;
    const soon = quotaForecasts(ctx.want.history, ctx.each('storage')).filter(
      ({ latest }) => latest <= ctx.limit('quota-reached-hours'),
    );
    const first = soon[0];
    if (first === undefined) return claims;
    const { member, growth, earliest, latest } = first;
    const hours = `${tenths(earliest)} to ${tenths(latest)} hours`;
    return [
      {
        message: 'growing',
        data: { worst: ctx.nameOf(member), hours },
        severity: 'warning',
        role: 'risk',
        basis: 'inferred',
        subjects: soon.map((each) => each.member),
        evidence: [
          necessary(true, 'The database grew through the last hours, and its pages are in use', {
            observed: `${tenths(growth.perHour / MIB)} MiB per hour, give or take ${tenths(growth.errorPerHour / MIB)}, over ${tenths(growth.hours)} hours`,
            from: ['history'],
          }),
          necessary(true, 'At that pace it reaches its quota', {
            observed: `in ${hours}`,
            threshold: 'quota-reached-hours',
            from: ['history', 'storage'],
            about: member,
          }),
        ],
      },
    ];
  },
});
