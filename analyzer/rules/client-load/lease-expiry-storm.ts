import { type Claim, defineRule, inconclusive, necessary, supporting } from '../../rule.js';
import { linesOf } from '../evidence/log-lines.js';
import { rate, responsiveness, responsivenessThresholds, responsivenessWants } from '../evidence/responsiveness.js';

export default defineRule({
  id: 'lease-expiry-storm',
  title: 'Many leases expire together',
  category: 'client-load',
  role: 'cause',
  scope: 'member',
  why: 'Every expired lease is a write that deletes its keys; a burst of them delays all other writes, and clients lose locks and registrations.',
  needs: ['leases'],
  wants: [...responsivenessWants, 'leaderState', 'puts', 'log', 'config'],
  explains: [
    'apply-backlog',
    'proposals-pending-pileup',
    'slow-or-too-many-watchers',
    'read-index-slow',
    'write-rate-overload',
    'cpu-starvation-host',
  ],
  messages: {
    expiring: '{expired} leases expire on the leader {subject}.',
    granting: '{subject} grants {granted} new leases ({balance} alive): each will expire as a write of its own.',
  },
  basis: 'direct',
  remedy: [
    {
      text: 'Find who grants leases, and how long they live',
      tag: 'read-only',
      command: 'etcdctl lease list | head; etcdctl lease timetolive <lease id> --keys',
    },
    {
      text: 'Let the client keep and share one lease for many keys, with a time to live of minutes and some jitter',
      tag: 'brief-interruption',
    },
    { text: 'Upgrade to 3.7 when possible, where revocations go before other requests', tag: 'restarts' },
  ],
  doNot: [
    'revoke leases by hand in bulk: it is the same burst, and clients lose their keys',
    'restart the leader: all leases are prolonged and expire together later',
  ],
  owner: 'application',
  alternatives: [
    { rule: 'stalled-leader-lease-revocation', why: 'The burst would come right after a stall of the leader.' },
    { rule: 'lease-keepalive-overload', why: 'Renewals would fail before.' },
    { rule: 'write-rate-overload', why: 'The writes would be puts of clients.' },
  ],
  wouldDisprove: ['etcd_debugging_server_lease_expired_total of the leader stands still in the window'],
  nextEvidence: [{ what: 'number of leases and their times to live', command: 'etcdctl lease list | wc -l' }],
  thresholds: [...responsivenessThresholds, 'lease-expiry-rate', 'lease-grant-rate', 'lease-grant-balance'],
  evaluate: ({ need: { leases }, want, limit }) => {
    const expired = leases.expired?.perSecond ?? undefined;
    const granted = leases.granted?.perSecond ?? undefined;
    if (expired === undefined && granted === undefined)
      return inconclusive('the growth of the lease counters is unknown');
    const leads =
      want.leaderState?.isLeader === undefined || want.leaderState.isLeader === null
        ? undefined
        : want.leaderState.isLeader.last === 1;
    const harm = responsiveness(want, limit);
    const failed = linesOf(want.log, ['lease-revoke-failed'])?.inWindow ?? 0;
    const deletes = want.puts?.deletes?.perSecond ?? 0;
    const claims: Claim[] = [];
    const storm = expired !== undefined && expired >= limit('lease-expiry-rate');
    if (storm)
      claims.push({
        message: 'expiring',
        data: { expired: rate(expired) },
        severity: harm.grave ? 'high' : 'warning',
        evidence: [
          necessary(true, 'Leases that ran out (counted by the leader)', {
            observed: rate(expired),
            threshold: 'lease-expiry-rate',
            from: ['leases'],
          }),
          ...(leases.revoked?.perSecond == null
            ? []
            : [
                supporting(leases.revoked.perSecond > 0, 'They are revoked', {
                  observed: rate(leases.revoked.perSecond),
                  from: ['leases'],
                }),
              ]),
          ...(deletes > 0
            ? [supporting(true, 'Their keys are deleted', { observed: rate(deletes), from: ['puts'] })]
            : []),
          ...(failed > 0
            ? [
                supporting(true, 'Revocations fail', {
                  observed: `${failed} lines in the window`,
                  limit: '0',
                  from: ['log'],
                }),
              ]
            : []),
          ...harm.evidence,
        ],
      });
    else if (leads !== false)
      claims.push({
        message: 'granting',
        data: { granted: rate(granted ?? 0), balance: leases.balance ?? 'an unknown number' },
        severity: 'warning',
        role: harm.hurt === true ? 'cause' : 'risk',
        evidence: [
          necessary(granted === undefined ? undefined : granted >= limit('lease-grant-rate'), 'New leases per second', {
            observed: granted === undefined ? 'unknown' : rate(granted),
            threshold: 'lease-grant-rate',
            from: ['leases'],
          }),
          necessary(
            leases.balance === null ? undefined : leases.balance >= limit('lease-grant-balance'),
            'Leases granted and not revoked',
            {
              observed: leases.balance === null ? 'unknown' : `${leases.balance}`,
              threshold: 'lease-grant-balance',
              from: ['leases'],
            },
          ),
          ...harm.evidence,
        ],
      });
    return claims;
  },
});
