import { defineRule, inconclusive, necessary, supporting } from '../../rule.js';
import { linesOf } from '../evidence/log-lines.js';
import { ownLoad, ownLoadWants } from '../evidence/own-load.js';
import { rate, responsiveness, responsivenessThresholds, responsivenessWants } from '../evidence/responsiveness.js';

export default defineRule({
  id: 'lease-keepalive-overload',
  title: 'Lease keepalive load too high',
  category: 'client-load',
  role: 'cause',
  scope: 'member',
  why: 'Every renewal is served by the leader; thousands per second use up its CPU, renewals time out and leases expire.',
  needs: ['leases', 'requests'],
  wants: [...responsivenessWants, ...ownLoadWants, 'log', 'versions'],
  explains: ['cpu-starvation-host', 'lease-expiry-storm', 'read-index-slow'],
  messages: {
    overload: '{subject} serves {renewals} lease renewals and is late with its other work.',
    high: '{subject} serves {renewals} lease renewals, without proof of harm in the window.',
  },
  basis: 'inferred',
  remedy: [
    {
      text: 'Find who renews, and how often',
      tag: 'read-only',
      command: 'etcdctl lease list | wc -l; curl -s <client url>/metrics | grep -E "LeaseKeepAlive|lease_renewed"',
    },
    { text: 'Let clients share one lease for many keys, and live three times as long', tag: 'brief-interruption' },
    {
      text: 'Point clients with many leases at the leader: followers forward each renewal as a request of its own',
      tag: 'brief-interruption',
    },
    { text: 'Upgrade from 3.4.31-3.4.33 or 3.5.13-3.5.15, where a renewal costs more', tag: 'restarts' },
  ],
  doNot: ['shorten the time to live so that dead clients are noticed sooner: it multiplies the load'],
  owner: 'application',
  alternatives: [
    { rule: 'lease-expiry-storm', why: 'It is what follows when renewals come too late.' },
    { rule: 'cpu-starvation-host', why: 'Another process would use the CPU.' },
  ],
  wouldDisprove: ['the CPU use of the leader stays when renewals stop'],
  nextEvidence: [
    {
      what: 'renewals and CPU use over some minutes',
      command: 'curl -s <client url>/metrics | grep -E "lease_renewed_total|process_cpu_seconds_total"',
    },
  ],
  thresholds: [...responsivenessThresholds, 'lease-renew-rate', 'run-queue-wait-heavy'],
  evaluate: (ctx) => {
    const {
      need: { leases, requests },
      want,
      limit,
    } = ctx;
    const messages =
      requests.streamMessages.find((each) => each.method === 'LeaseKeepAlive' && each.direction === 'received')?.counter
        .perSecond ?? undefined;
    const renewed = leases.renewed?.perSecond ?? undefined;
    if (messages === undefined && renewed === undefined)
      return inconclusive('the growth of the renewal counters is unknown');
    const renewals = Math.max(messages ?? 0, renewed ?? 0);
    const harm = responsiveness(want, limit);
    const { full, evidence: load } = ownLoad(ctx);
    const failed = linesOf(want.log, ['lease-keepalive-recv-failed', 'err-timeout-applied'])?.inWindow ?? 0;
    const hurt = harm.hurt === true || full === true;
    return [
      {
        message: hurt ? 'overload' : 'high',
        data: { renewals: rate(renewals) },
        severity: !hurt ? 'info' : harm.grave ? 'high' : 'warning',
        role: hurt ? 'cause' : 'notice',
        evidence: [
          necessary(renewals >= limit('lease-renew-rate'), 'Renewals per second', {
            observed: rate(renewals),
            threshold: 'lease-renew-rate',
            from: ['leases', 'requests'],
          }),
          ...load,
          ...(failed > 0
            ? [
                supporting(true, 'Renewals break off or time out', {
                  observed: `${failed} lines in the window`,
                  limit: '0',
                  from: ['log'],
                }),
              ]
            : []),
          ...harm.evidence,
        ],
      },
    ];
  },
});
