import { type Claim, defineRule, inconclusive, necessary, supporting } from '../../rule.js';
import { foreignData } from '../evidence/foreign-data.js';
import { linesOf, valuesOf } from '../evidence/log-lines.js';

const SIGNATURES = ['cluster-id-mismatch-server', 'cluster-id-mismatch-stream', 'cluster-id-mismatch-post'];

export default defineRule({
  id: 'cluster-id-mismatch',
  title: 'Two different clusters talk to each other',
  category: 'lifecycle',
  role: 'cause',
  scope: 'cluster',
  why: 'A member of another cluster on a known address takes writes that this cluster never sees, and the cluster is a member short.',
  needs: [],
  wants: ['membership', 'log', 'reachability', 'config', 'copies'],
  explains: [
    'dead-member-in-list',
    'removed-member-still-running',
    'member-partitioned',
    'data-inconsistency-between-members',
    'vm-pause-or-steal',
  ],
  messages: {
    split: '{subject} answers for cluster {odd}, the other members for cluster {main}.',
    data: 'The data of {subject} belongs to cluster {odd}, that of the others to {main}: it cannot join them.',
    founder:
      '{subject} was started as a new cluster ({remote}) beside the one whose members it knows, and they refuse it.',
    stray: 'A process of another cluster ({remote}) keeps contacting the peer ports of {subject}.',
    past: 'A process of another cluster ({remote}) contacted the peer ports of {subject} before the window.',
  },
  basis: 'direct',
  remedy: [
    {
      text: 'List the cluster id of every endpoint',
      tag: 'read-only',
      command: 'etcdctl endpoint status --cluster -w json',
    },
    {
      text: 'Take the stray member out of the endpoints of clients, so that no more writes go to it',
      tag: 'brief-interruption',
    },
    { text: 'Stop the stray process; give separate clusters separate addresses and tokens', tag: 'restarts' },
    {
      text: 'A member that founded a cluster alone: after its data were copied, empty its data dir, and add it properly (member remove, member add, start as existing)',
      tag: 'destructive',
    },
  ],
  doNot: [
    'wipe the stray member before its data were looked at: clients may have written to it',
    'restore single members of a cluster from a snapshot: after a restore all members must come from the same one',
  ],
  owner: 'operator',
  alternatives: [
    { rule: 'removed-member-still-running', why: 'The stranger would have the same cluster id.' },
    {
      rule: 'advertise-url-misconfigured',
      why: 'The members would be of one cluster, with a wrong address between them.',
    },
  ],
  wouldDisprove: ['the same cluster id from all endpoints and no further line about it'],
  nextEvidence: [
    {
      what: 'flags (--initial-cluster-token) and the history of restores of the odd member',
      command: 'sudo etcd-collect   # on its node',
    },
  ],
  thresholds: [],
  evaluate: (ctx) => {
    const { membership } = ctx.want;
    const foreign = foreignData(ctx.want.copies);
    if (membership === undefined)
      return foreign.length > 0 || ctx.want.copies !== undefined
        ? foreign
        : inconclusive('no member gave a member list, and no data dir was read');
    const reports = [...ctx.each('log')].flatMap(([id, log]) => {
      const lines = linesOf(log, SIGNATURES);
      return lines === undefined || lines.total === 0 ? [] : [{ id, log, ...lines }];
    });
    const sources = reports.flatMap((report) => report.sources).slice(0, 3);
    const size = (clusterId: string): number =>
      membership.views.filter((view) => view.clusterId === clusterId).length * 1000 +
      Math.max(...membership.views.filter((view) => view.clusterId === clusterId).map((view) => view.ids.length), 0);
    const ids = [...new Set(membership.views.map((view) => view.clusterId))].sort((a, b) => size(b) - size(a));
    const main = ids[0] ?? '';
    const listed = new Set(membership.views.filter((view) => view.clusterId === main).flatMap((view) => view.ids));
    // One process answers under the id that this cluster lists for its address and under its own: told once.
    const odd = membership.views
      .filter((view) => view.clusterId !== main)
      .sort((a, b) => Number(listed.has(b.viewer)) - Number(listed.has(a.viewer)))
      .filter((view, i, all) => all.findIndex((other) => ctx.nameOf(other.viewer) === ctx.nameOf(view.viewer)) === i);
    if (odd.length > 0) {
      const split: Claim = {
        message: 'split',
        data: { odd: [...new Set(odd.map((view) => view.clusterId))].join(', '), main },
        subjects: odd.map((view) => view.viewer),
        severity: 'high',
        evidence: [
          necessary(true, 'The members answer with different cluster ids', {
            observed: membership.views.map((view) => `${ctx.nameOf(view.viewer)}: ${view.clusterId}`).join(', '),
            from: ['membership'],
          }),
          supporting(
            ctx.each('log').size === 0 ? undefined : reports.length > 0,
            'Members log that the cluster ids differ',
            {
              ...(reports.length === 0
                ? {}
                : { observed: `in the log of ${reports.map((report) => ctx.nameOf(report.id)).join(', ')}` }),
              sources,
            },
          ),
        ],
      };
      return [split];
    }
    if (ctx.each('log').size === 0) return foreign;
    const now = reports.filter((report) => report.inWindow > 0);
    const concerned = now.length > 0 ? now : reports;
    // A process that never served has no view; its own log says which cluster it takes itself for.
    const ownIds = concerned.map(({ id, log }) => ({
      id,
      clusters: SIGNATURES.flatMap((each) => [...valuesOf(log, each, 'local-member-cluster-id').keys()]),
    }));
    const founders = ownIds.filter(
      ({ clusters }) => clusters.length > 0 && !clusters.some((each) => membership.clusterIds.includes(each)),
    );
    const remotes = new Set(
      concerned.flatMap(({ log }) =>
        SIGNATURES.flatMap((id) => [...valuesOf(log, id, 'remote-peer-cluster-id').keys()]),
      ),
    );
    for (const id of membership.clusterIds) remotes.delete(id);
    const count = concerned.reduce((sum, report) => sum + (now.length > 0 ? report.inWindow : report.total), 0);
    const silent = [...ctx.each('reachability')].filter(([, each]) => each.answered === false).map(([id]) => id);
    const own = founders.map(({ id }) => id);
    // One voter out of reach while a foreign cluster knocks: most likely it is that one, started anew.
    const founded = own.length > 0 ? own : silent.length === 1 ? silent : [];
    const found = now.length > 0 && founded.length > 0;
    const stray: Claim = {
      message: found ? 'founder' : now.length > 0 ? 'stray' : 'past',
      data: { remote: [...remotes].join(', ') || 'id not logged' },
      severity: found ? 'high' : now.length > 0 ? 'warning' : 'info',
      when: now.length > 0 ? 'now' : 'past',
      ...(concerned.length === 0 ? {} : { subjects: found ? founded : concerned.map(({ id }) => id) }),
      evidence: [
        necessary(count > 0, 'Members log requests with another cluster id', {
          observed: `${count} lines${now.length > 0 ? ' in the window' : ''}`,
          limit: '0',
          sources,
        }),
        ...(found && own.length === 0
          ? [
              necessary(undefined, 'That the one member out of reach is who knocks', {
                observed: founded.map(ctx.nameOf).join(', '),
                from: ['reachability'],
              }),
            ]
          : []),
        ...(own.length > 0 && found
          ? [
              supporting(true, 'Its own log names a cluster that no answering member belongs to', {
                observed: founders.flatMap(({ clusters }) => clusters).join(', '),
                from: ['log'],
              }),
            ]
          : []),
      ],
    };
    return [...foreign, stray];
  },
});
