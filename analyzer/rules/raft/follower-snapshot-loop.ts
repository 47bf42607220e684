import { defineRule, necessary, supporting } from '../../rule.js';
import { linesOf, timesOf, valuesOf } from '../evidence/log-lines.js';

const HOUR_MS = 3_600_000;

export default defineRule({
  id: 'follower-snapshot-loop',
  title: 'A follower needs snapshot after snapshot',
  category: 'raft',
  role: 'cause',
  scope: 'cluster',
  why: 'Each round sends the whole database; the follower falls behind again meanwhile and never becomes a reserve, while disk and network are loaded.',
  needs: ['snapshots'],
  wants: ['log', 'raftLag', 'config', 'storage'],
  explains: ['learner-stuck', 'slow-follower-lag', 'wal-snap-file-growth'],
  messages: {
    now: '{subject} was sent {count} snapshots within an hour and still needs them.',
    past: '{subject} was sent {count} snapshots within an hour; none in the window.',
  },
  basis: 'inferred',
  remedy: [
    { text: 'See why a transfer fails or takes long: link, disk and free space of the receiver', tag: 'read-only' },
    { text: 'Lower the write rate until the follower has caught up', tag: 'brief-interruption' },
    {
      text: 'Make the database smaller before the next transfer: compact, then defragment the members one by one, the leader last',
      tag: 'disruptive',
      command: 'etcdctl compact <revision>; etcdctl defrag --endpoints <one member>',
    },
    {
      text: 'Let the leader keep more entries for slow followers (costs memory)',
      tag: 'restarts',
      command: '--snapshot-catchup-entries=<entries>',
    },
  ],
  doNot: [
    'restart the follower in the middle of a transfer: it starts from the beginning',
    'defragment a member while it installs a snapshot on versions before 3.4.38, 3.5.23 and 3.6.5',
  ],
  owner: 'operator',
  alternatives: [
    { rule: 'learner-stuck', why: 'The receiver would be a learner.' },
    { rule: 'peer-packet-loss', why: 'Transfers would break off half-way, and retransmits grow.' },
    { rule: 'disk-full-enospc', why: 'The receiver would have no room for the file.' },
  ],
  wouldDisprove: ['no further snapshot to this member within an hour, and a lag near zero'],
  nextEvidence: [{ what: 'logs of the leader and of the receiver over an hour', command: 'etcd-collect --since 2h' }],
  thresholds: ['snapshot-repeats', 'raft-catch-up-entries'],
  evaluate: (ctx) => {
    const snapshots = [...ctx.each('snapshots')];
    const logs = [...ctx.each('log')];
    const from = ctx.window.to - HOUR_MS;
    const receivers = new Set([
      ...snapshots.flatMap(([, value]) =>
        value.byPeer.filter((peer) => peer.direction === 'sent').map(({ peer }) => peer),
      ),
      ...logs.flatMap(([, log]) => [...valuesOf(log, 'snapshot-sending', 'remote-peer-id').keys()]),
    ]);
    return [...receivers].map((id) => {
      const toPeer = snapshots.flatMap(([, value]) =>
        value.byPeer.filter((peer) => peer.peer === id && peer.direction === 'sent'),
      );
      const grown = toPeer.reduce((sum, { counter }) => sum + (counter.delta ?? 0), 0);
      const failed = toPeer.filter((peer) => peer.failed).reduce((sum, { counter }) => sum + (counter.delta ?? 0), 0);
      const sending = logs.flatMap(([, log]) => {
        const share = valuesOf(log, 'snapshot-sending', 'remote-peer-id');
        const lines = linesOf(log, ['snapshot-sending']);
        const times = timesOf(log, ['snapshot-sending']).filter((at) => at >= from && at <= ctx.window.to);
        // Times are kept per message, not per peer: only where one peer got them all are they this peer's.
        return share.size === 1 && share.has(id) && lines !== undefined ? [{ ...lines, times }] : [];
      });
      const logged = sending.reduce((sum, { times }) => sum + times.length, 0);
      const inWindow = sending.reduce((sum, lines) => sum + lines.inWindow, 0);
      const count = Math.max(logged, grown);
      const inflight = snapshots.some(([, value]) => (value.sendInflight?.last ?? 0) > 0);
      const active = grown > 0 || inWindow > 0;
      const lag = ctx.want.raftLag?.members.find((member) => member.member === id);
      return {
        message: active ? 'now' : 'past',
        data: { count },
        subjects: [id],
        severity: active ? ('high' as const) : ('info' as const),
        when: active ? ('now' as const) : ('past' as const),
        evidence: [
          necessary(count >= ctx.limit('snapshot-repeats'), 'Snapshots sent to this member within an hour', {
            observed: `${logged} logged, ${grown} counted in the window`,
            threshold: 'snapshot-repeats',
            sources: sending.flatMap(({ sources }) => sources).slice(0, 2),
          }),
          supporting(failed > 0 || undefined, 'Transfers failed in the window', { observed: String(failed) }),
          supporting(inflight || undefined, 'A transfer is under way', { observed: inflight ? '1 or more' : '0' }),
          supporting(
            lag === undefined ? undefined : lag.minProven > ctx.limit('raft-catch-up-entries'),
            'It is further behind than the entries that the leader keeps',
            { observed: `${lag?.minProven ?? '?'} entries`, threshold: 'raft-catch-up-entries', from: ['raftLag'] },
          ),
        ],
      };
    });
  },
});
