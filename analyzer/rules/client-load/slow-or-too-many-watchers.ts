import { defineRule, inconclusive, necessary, supporting } from '../../rule.js';
import { linesOf } from '../evidence/log-lines.js';
import { rate, responsiveness, responsivenessThresholds, responsivenessWants } from '../evidence/responsiveness.js';

export default defineRule({
  id: 'slow-or-too-many-watchers',
  title: 'Slow or excessive watchers',
  category: 'client-load',
  role: 'cause',
  scope: 'member',
  why: 'Events for watchers that do not keep up pile up in memory, and clients act on old data.',
  needs: ['watchers'],
  wants: [...responsivenessWants, 'process', 'traffic', 'log', 'requests'],
  explains: ['oom-killed', 'watch-compacted-revision', 'go-gc-pressure'],
  messages: {
    slow: 'At least {slow} of {watchers} watchers on {subject} are behind in every round, with up to {pending} events waiting.',
    many: '{subject} serves {watchers} watchers on {streams} streams.',
  },
  basis: 'direct',
  remedy: [
    {
      text: 'Find the clients: watch streams by connection, and which of them do not read',
      tag: 'read-only',
      command: "ss -tn sport = :2379 | awk '$3 > 0'   # Send-Q: the client does not read",
    },
    { text: 'Fix or disconnect the client that does not read', tag: 'brief-interruption' },
    {
      text: 'Share watches (one per prefix and process, or etcd grpc-proxy), and do without prevKV on busy prefixes',
      tag: 'brief-interruption',
    },
  ],
  doNot: ['restart the member: all watchers come back at once and catch up together'],
  owner: 'application',
  alternatives: [
    {
      rule: 'watch-stream-starvation',
      why: 'Large answers on the same connection would hold the events back.',
    },
  ],
  wouldDisprove: ['etcd_debugging_mvcc_slow_watcher_total is 0 in one of the rounds'],
  nextEvidence: [
    {
      what: 'the trend of slow watchers and waiting events',
      command: 'curl -s <client url>/metrics | grep -E "slow_watcher|pending_events|watcher_total|watch_stream"',
    },
  ],
  thresholds: [...responsivenessThresholds, 'slow-watchers', 'pending-events', 'many-watchers', 'notable-watchers'],
  evaluate: ({ need: { watchers }, want, limit }) => {
    if (watchers.slow === null && watchers.watchers === null)
      return inconclusive('the server exports no watcher counts');
    const slow = watchers.slow?.min ?? 0;
    const rounds = watchers.slow?.series.length ?? 0;
    const pending = watchers.pendingEvents?.max ?? 0;
    const total = watchers.watchers?.last ?? 0;
    const behind = slow > 0 && rounds > 1 && (slow >= limit('slow-watchers') || pending >= limit('pending-events'));
    const harm = responsiveness(want, limit);
    const many = total >= limit('many-watchers');
    const growing = (watchers.pendingEvents?.last ?? 0) > (watchers.pendingEvents?.first ?? 0);
    const overloaded = many && harm.hurt === true;
    const failed = linesOf(want.log, ['watch-send-failed'])?.inWindow ?? 0;
    const events = watchers.events?.perSecond ?? 0;
    return [
      {
        message: behind ? 'slow' : 'many',
        data: behind
          ? { slow, watchers: total, pending }
          : { watchers: total, streams: watchers.streams?.last ?? 'an unknown number of' },
        severity: behind || overloaded ? (growing && harm.grave ? 'high' : 'warning') : 'info',
        role: behind || overloaded ? 'cause' : 'notice',
        evidence: [
          behind
            ? necessary(true, 'Watchers that are behind, in every round', {
                observed: `${slow} to ${watchers.slow?.max ?? slow}`,
                threshold: 'slow-watchers',
                from: ['watchers'],
              })
            : necessary(total >= limit('notable-watchers'), 'Watchers on this member', {
                observed: `${total}`,
                threshold: many ? 'many-watchers' : 'notable-watchers',
                from: ['watchers'],
              }),
          ...(behind
            ? [
                supporting(pending >= limit('pending-events') ? true : undefined, 'Events wait for them', {
                  observed: `${pending}`,
                  threshold: 'pending-events',
                  from: ['watchers'],
                }),
                supporting(growing ? true : undefined, 'More and more events wait', { from: ['watchers'] }),
              ]
            : []),
          ...(events > 0 ? [supporting(true, 'Events are sent', { observed: rate(events), from: ['watchers'] })] : []),
          ...(failed > 0
            ? [
                supporting(true, 'Sending to watch clients fails', {
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
