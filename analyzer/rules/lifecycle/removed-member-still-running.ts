import { type Claim, defineRule, necessary, supporting } from '../../rule.js';
import { linesOf, timesOf, valuesOf } from '../evidence/log-lines.js';

const NAMED_BY = [
  ['stream-rejected-removed', 'remote-peer-id-from'],
  ['raft-msg-removed', 'removed-member-id'],
] as const;

/** Rejections within this time belong to one run of the removed member; own estimate. */
const ONE_RUN_MS = 1000;

/** Last time of each burst, ascending. */
const burstsOf = (times: readonly number[]): readonly number[] => {
  const sorted = [...times].sort((a, b) => a - b);
  return sorted.filter((at, i) => {
    const next = sorted[i + 1];
    return next === undefined || next - at > ONE_RUN_MS;
  });
};

export default defineRule({
  id: 'removed-member-still-running',
  title: 'A removed member keeps running or restarting',
  category: 'lifecycle',
  role: 'cause',
  scope: 'cluster',
  why: 'It belongs to the cluster no more, yet clients may still talk to it, its supervisor starts it again and again, and it loads the others with refused connections.',
  needs: ['membership'],
  wants: ['log', 'reachability'],
  explains: ['crash-loop', 'dead-member-in-list', 'reconfig-rejected', 'read-index-slow'],
  messages: {
    rejected: 'The members keep rejecting {subject}, which was removed from the cluster and still runs.',
    rejectedBefore:
      'The members rejected {subject} before the window: it was removed from the cluster and ran after that.',
    stranger: '{subject} answers as a member of this cluster, and no other member lists it.',
    restarting: '{subject} was removed from the cluster; it is started again and ends each time.',
  },
  basis: 'direct',
  remedy: [
    {
      text: 'Make sure that the removal was meant, and which node it is',
      tag: 'read-only',
      command: 'etcdctl member list -w table',
    },
    { text: 'Take it out of the endpoints of clients', tag: 'brief-interruption' },
    {
      text: 'Stop and disable the process on its node',
      tag: 'restarts',
      command: 'systemctl disable --now etcd   # on the removed node',
    },
    {
      text: 'If the node shall come back: add it under a new id and start it with an empty data dir',
      tag: 'destructive',
      command: 'etcdctl member add <name> --peer-urls=<url>',
    },
  ],
  doNot: ['start it again on its old data: the cluster will never take that member id back'],
  owner: 'operator',
  alternatives: [
    { rule: 'cluster-id-mismatch', why: 'The stranger would have another cluster id.' },
    { rule: 'upgrade-36-membership-drift', why: 'Nobody would have removed the member lately.' },
  ],
  wouldDisprove: ['the member in the list of the others', 'no rejection over several minutes'],
  nextEvidence: [{ what: 'process and log on the removed node', command: 'sudo etcd-collect   # on that node' }],
  thresholds: ['removed-returns', 'restart-recent-minutes'],
  evaluate: (ctx) => {
    const { membership } = ctx.need;
    const logs = [...ctx.each('log')];
    const listed = new Set(membership.members.map((member) => member.id));
    const recent = ctx.window.to - ctx.limit('restart-recent-minutes') * 60_000;
    const rejected = new Set(
      logs.flatMap(([, log]) => NAMED_BY.flatMap(([id, field]) => [...valuesOf(log, id, field).keys()])),
    );
    const claims: Claim[] = [];
    for (const id of rejected) {
      if (listed.has(id)) continue;
      const lines = logs.flatMap(([, log]) =>
        NAMED_BY.flatMap(([signature, field]) =>
          valuesOf(log, signature, field).has(id) ? (linesOf(log, [signature]) ?? []) : [],
        ),
      );
      const inWindow = lines.reduce((sum, line) => sum + line.inWindow, 0);
      const times = logs.flatMap(([, log]) =>
        NAMED_BY.flatMap(([signature, field]) =>
          valuesOf(log, signature, field).has(id) ? timesOf(log, [signature]) : [],
        ),
      );
      const bursts = burstsOf(times);
      const goesOn = inWindow > 0 || (bursts.length >= ctx.limit('removed-returns') && (bursts.at(-1) ?? 0) >= recent);
      claims.push({
        message: goesOn ? 'rejected' : 'rejectedBefore',
        subjects: [id],
        severity: 'warning',
        when: goesOn ? 'now' : 'past',
        evidence: [
          necessary(lines.length > 0, 'Members reject it because it was removed', {
            observed: `${inWindow} lines in the window; it came ${bursts.length === 1 ? 'once' : `${bursts.length} times`} in all`,
            threshold: 'removed-returns',
            sources: lines.flatMap((line) => line.sources).slice(0, 3),
          }),
          supporting(true, 'No member list has it', { from: ['membership'] }),
        ],
      });
    }
    for (const id of membership.strangers) {
      const own = membership.views.find((view) => view.viewer === id);
      const same =
        own === undefined
          ? undefined
          : membership.views.some((view) => view.viewer !== id && view.clusterId === own.clusterId);
      claims.push({
        message: 'stranger',
        subjects: [id],
        severity: 'warning',
        evidence: [
          necessary(true, 'It answers, and is in no member list but its own', { from: ['membership'] }),
          necessary(same, 'It has the cluster id of the others', { observed: own?.clusterId ?? '?' }),
        ],
      });
    }
    for (const [id, log] of logs) {
      const lines = linesOf(log, ['data-dir-must-be-removed']);
      const again = lines !== undefined && lines.total > 1 && (lines.last ?? 0) >= recent;
      claims.push({
        message: 'restarting',
        subjects: [id],
        severity: 'warning',
        evidence: [
          necessary(
            again && ctx.each('reachability').get(id)?.answered !== true,
            'Its own log says more than once that it was removed',
            {
              observed: `${lines?.total ?? 0} lines`,
              limit: '1',
              sources: lines?.sources ?? [],
            },
          ),
          necessary(
            !(listed.has(id) && membership.views.some((view) => view.ids.includes(id))),
            'The others list it no more',
            {
              from: ['membership'],
            },
          ),
        ],
      });
    }
    return claims;
  },
});
