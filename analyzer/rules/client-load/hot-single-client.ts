import type { MemberLog } from '../../facts/values/member.js';
import { defineRule, inconclusive, necessary } from '../../rule.js';
import { valuesOf } from '../evidence/log-lines.js';
import { percent } from '../evidence/responsiveness.js';

export default defineRule({
  id: 'hot-single-client',
  title: 'One client causes most of the load',
  category: 'client-load',
  role: 'notice',
  scope: 'member',
  why: 'When most slow requests come from one address, that is whom to talk to first.',
  needs: ['log'],
  wants: [],
  explains: [],
  messages: {
    one: '{share} of the slow requests that {subject} logged came from {client}.',
  },
  basis: 'direct',
  remedy: [
    {
      text: 'See what that client does',
      tag: 'read-only',
      command: 'grep "request stats" <log of etcd> | grep <address>',
    },
    { text: 'Fix or slow that client', tag: 'brief-interruption' },
  ],
  doNot: ['cut the client off before it is known what it is: it may be the API server'],
  owner: 'application',
  alternatives: [{ rule: 'large-range-reads', why: 'It says what is asked; this rule says who asks.' }],
  wouldDisprove: ['the load stays when this client is stopped'],
  nextEvidence: [
    {
      what: 'connections by remote address',
      command: "ss -tn sport = :2379 | awk '{print $5}' | cut -d: -f1 | sort | uniq -c | sort -rn",
    },
  ],
  thresholds: ['client-share', 'client-lines'],
  evaluate: ({ need: { log }, limit }) => {
    if (!log.coversWindow) return inconclusive('the log does not cover the sampling window');
    const lines = log.count('request-stats')?.inWindow ?? 0;
    const { address, share, addresses } = busiest(log);
    return [
      {
        message: 'one',
        data: { share: percent(share), client: address },
        severity: 'info',
        evidence: [
          necessary(lines >= limit('client-lines'), 'Slow requests were logged in the window', {
            observed: `${lines} lines`,
            threshold: 'client-lines',
            from: ['log'],
          }),
          // With a single address in all lines nothing stands out: a proxy, or clients on the same host.
          necessary(addresses > 1 && share >= limit('client-share'), 'One remote address stands out among several', {
            observed: `${address}: ${percent(share)} of ${addresses} addresses`,
            threshold: 'client-share',
            from: ['log'],
          }),
        ],
      },
    ];
  },
});

/** The address with the most slow requests; ports are taken off. */
const busiest = (log: MemberLog): { readonly address: string; readonly share: number; readonly addresses: number } => {
  const byAddress = new Map<string, number>();
  for (const [remote, count] of valuesOf(log, 'request-stats', 'remote')) {
    const address = remote.replace(/:\d+$/, '');
    byAddress.set(address, (byAddress.get(address) ?? 0) + count);
  }
  const total = [...byAddress.values()].reduce((sum, count) => sum + count, 0);
  const [address, count] = [...byAddress].sort((a, b) => b[1] - a[1])[0] ?? ['', 0];
  return { address, share: total === 0 ? 0 : count / total, addresses: byAddress.size };
};
