import { type Claim, defineRule, inconclusive, necessary, supporting } from '../../rule.js';
import { linesOf } from '../evidence/log-lines.js';

export default defineRule({
  id: 'unsafe-flags',
  title: 'Unsafe or left-over flags are in force',
  category: 'config',
  role: 'cause',
  scope: 'member',
  why: 'These flags break promises that the rest of the cluster relies on: that acknowledged writes survive a crash, and that membership changes only by agreement.',
  needs: ['config'],
  wants: ['walFsync', 'proposals', 'log', 'membership'],
  explains: ['raft-log-lost', 'removed-member-still-running', 'data-inconsistency-between-members'],
  messages: {
    unsynced: '{subject} runs with --unsafe-no-fsync: it acknowledges writes that a crash of its host will lose.',
    silent:
      '{subject} appended entries without a single WAL sync: it acknowledges writes that a crash of its host will lose.',
    forced: '{subject} still has --force-new-cluster among its settings: its next start makes it a cluster of its own.',
    split:
      '{subject} was started with --force-new-cluster and goes on alone under the old cluster id, while there are members that it does not list: two histories grow apart.',
    lax: '{subject} runs with --strict-reconfig-check=false: membership changes that cost the quorum are not refused.',
  },
  basis: 'direct',
  remedy: [
    {
      text: 'Find where the flag is set: command line, environment or configuration file',
      tag: 'read-only',
      command:
        'tr "\\0" "\\n" < /proc/<pid of etcd>/cmdline; tr "\\0" "\\n" < /proc/<pid of etcd>/environ | grep ^ETCD_',
    },
    { text: 'Take a snapshot before anything is restarted', tag: 'read-only', command: 'etcdctl snapshot save <file>' },
    { text: 'Remove the flag and restart the members one at a time, waiting for health in between', tag: 'restarts' },
    {
      text: 'After a use of --force-new-cluster, compare the member lists of all members before others join again with empty data directories',
      tag: 'read-only',
      command: 'etcdctl member list -w table --endpoints <one member after the other>',
    },
  ],
  doNot: ['restart a member that has --force-new-cluster set', 'restart several members at once'],
  owner: 'operator',
  alternatives: [{ rule: 'raft-log-lost', why: 'The data would have been lost or replaced by hand.' }],
  wouldDisprove: [
    'a command line, environment and configuration file without the flag',
    'a WAL sync counter that grows with the writes',
  ],
  nextEvidence: [
    { what: 'the settings the process was started with', command: 'sudo etcd-collect   # on the member’s node' },
  ],
  thresholds: ['unsynced-entries'],
  evaluate: (ctx) => {
    const { config } = ctx.need;
    const id = ctx.subject.id;
    const isKnown = config.known.includes(id);
    const setting = (name: string): string | undefined => (isKnown ? config.members[id]?.[name]?.value : undefined);
    const origin = (name: string): string => config.members[id]?.[name]?.origin ?? 'unknown';
    const sync = ctx.want.walFsync;
    const applied = ctx.want.proposals?.applied?.delta ?? null;
    const unsynced =
      sync === undefined || applied === null || applied < ctx.limit('unsynced-entries') || sync.window === null
        ? undefined
        : sync.window.count === 0;
    const syncText = `${sync?.window?.count ?? 0} syncs for ${applied ?? 0} entries in the window`;
    const claims: Claim[] = [];
    const noFsync = setting('unsafe-no-fsync');
    if (noFsync === 'true')
      claims.push({
        message: 'unsynced',
        severity: 'high',
        evidence: [
          necessary(true, '--unsafe-no-fsync is in force', {
            observed: `true (${origin('unsafe-no-fsync')})`,
            from: ['config'],
          }),
          supporting(unsynced, 'Entries are applied and the WAL is never synced', {
            observed: syncText,
            from: ['walFsync', 'proposals'],
          }),
        ],
      });
    else if (unsynced === true)
      claims.push({
        message: 'silent',
        severity: 'high',
        basis: 'inferred',
        evidence: [
          necessary(unsynced, 'Entries are applied and the WAL is never synced', {
            observed: syncText,
            threshold: 'unsynced-entries',
            from: ['walFsync', 'proposals'],
          }),
          necessary(noFsync === undefined ? undefined : false, 'The settings in force say so', {
            observed: noFsync ?? 'not seen',
          }),
        ],
      });
    if (setting('force-new-cluster') === 'true') {
      const alone = linesOf(ctx.want.log, ['single-member-ff'])?.total;
      const list = ctx.want.membership?.views.find((view) => view.viewer === id)?.ids;
      const others = ctx.members.filter((other) => other.id !== id && list?.includes(other.id) === false);
      // Whatever it takes now, the others do not have: two histories under one cluster id.
      const left = list?.length === 1 && others.length > 0;
      claims.push({
        message: left ? 'split' : 'forced',
        severity: left ? 'critical' : 'high',
        urgent: left,
        evidence: [
          necessary(true, '--force-new-cluster is set', {
            observed: `true (${origin('force-new-cluster')})`,
            from: ['config'],
          }),
          ...(left
            ? [
                supporting(true, 'It is alone in its member list, and there are others that it does not list', {
                  observed: others.map((other) => ctx.nameOf(other.id)).join(', '),
                  from: ['membership'],
                }),
              ]
            : []),
          ...(alone !== undefined && alone > 0
            ? [supporting(true, 'The process started as a single node', { from: ['log'] })]
            : []),
        ],
      });
    }
    if (setting('strict-reconfig-check') === 'false')
      claims.push({
        message: 'lax',
        severity: 'warning',
        role: 'risk',
        evidence: [
          necessary(true, '--strict-reconfig-check=false is in force', {
            observed: `false (${origin('strict-reconfig-check')})`,
            from: ['config'],
          }),
        ],
      });
    if (claims.length === 0 && !isKnown)
      return inconclusive('its settings were not seen: neither flags nor a start-up line');
    return claims;
  },
});
