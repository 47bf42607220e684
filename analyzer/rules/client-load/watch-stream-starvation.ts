import { contradicting, defineRule, inconclusive, necessary, supporting } from '../../rule.js';
import { mib } from '../evidence/responsiveness.js';

/** First patch release of a minor whose HTTP/2 scheduler lets watches through; minors from 3.6 on have it. */
const fixed: Readonly<Record<string, number>> = { '3.4': 25, '3.5': 8 };

export default defineRule({
  id: 'watch-stream-starvation',
  title: 'Watches starve behind big responses on the same connection',
  category: 'client-load',
  role: 'cause',
  scope: 'member',
  why: 'API servers work with stale caches while etcd looks healthy: their watch events wait behind large answers.',
  needs: ['watchers', 'traffic'],
  wants: ['versions', 'config', 'puts', 'log'],
  explains: ['watch-compacted-revision', 'slow-or-too-many-watchers'],
  messages: {
    starved:
      'Watchers on {subject} are behind in every round while it sends {egress} per second, and version {version} lets large answers go first.',
  },
  basis: 'inferred',
  remedy: [
    { text: 'Reduce large lists: page through them, read from watch caches', tag: 'brief-interruption' },
    { text: 'Upgrade to the latest patch release of the minor, one member at a time', tag: 'restarts' },
    {
      text: 'With TLS, serve HTTP on a listener of its own, so that gRPC gets one for itself',
      tag: 'restarts',
      command: 'etcd --listen-client-http-urls=<url>',
    },
  ],
  doNot: ['restart API servers one after the other: each start lists everything again'],
  owner: 'operator',
  alternatives: [{ rule: 'slow-or-too-many-watchers', why: 'The client would be slow without heavy reads.' }],
  wouldDisprove: ['watchers stay behind when no large answers are sent'],
  nextEvidence: [
    {
      what: 'slow watchers against bytes sent, over minutes',
      command: 'curl -s <client url>/metrics | grep -E "slow_watcher|grpc_sent_bytes"',
    },
  ],
  thresholds: ['range-egress-bytes', 'slow-watchers'],
  evaluate: ({ need: { watchers, traffic }, want, subject, limit }) => {
    const egress = traffic.clientSent?.perSecond ?? undefined;
    if (egress === undefined || watchers.slow === null)
      return inconclusive('bytes sent to clients or slow watchers are not exported');
    const version = want.versions?.members.find((each) => each.member === subject.id)?.server;
    const [, minor, patch] = /^(\d+\.\d+)\.(\d+)/.exec(version ?? '') ?? [];
    const fix = minor === undefined ? undefined : fixed[minor];
    const old = version === undefined ? undefined : fix !== undefined && Number(patch) < fix;
    const tls = want.config?.members[subject.id]?.['cert-file'];
    const apart = want.config?.members[subject.id]?.['listen-client-http-urls'];
    return [
      {
        message: 'starved',
        data: { egress: mib(egress), version: version ?? 'unknown' },
        severity: 'warning',
        evidence: [
          necessary(watchers.slow.min > 0 && watchers.slow.series.length > 1, 'Watchers are behind in every round', {
            observed: `${watchers.slow.min} to ${watchers.slow.max}`,
            limit: '0',
            from: ['watchers'],
          }),
          necessary(egress >= limit('range-egress-bytes'), 'Much is sent to clients', {
            observed: `${mib(egress)}/s`,
            threshold: 'range-egress-bytes',
            from: ['traffic'],
          }),
          necessary(old, 'The version serves large answers before watch events', {
            observed: version ?? 'unknown',
            limit: fix === undefined ? 'before 3.4.25 or 3.5.8' : `before ${minor}.${fix}`,
            from: ['versions'],
          }),
          ...(tls === undefined
            ? []
            : [
                supporting(apart === undefined || apart.value === '', 'gRPC and HTTP share one TLS listener', {
                  from: ['config'],
                }),
              ]),
          contradicting(watchers.slow.min < limit('slow-watchers'), 'Only a few watchers are behind', {
            observed: `${watchers.slow.min}`,
            threshold: 'slow-watchers',
            from: ['watchers'],
            answer: 'all watches of one client may share one watcher of its connection',
          }),
        ],
      },
    ];
  },
});
