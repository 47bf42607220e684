import { defineRule, supporting } from '../../rule.js';
import { damageClaims } from '../evidence/damage.js';

const REFUSED = ['downgrade-invalid', 'schema-validate-failed'] as const;

export default defineRule({
  id: 'downgrade-or-storage-version-blocked',
  title: 'Binary too old for the data, or downgrade not prepared',
  category: 'version',
  role: 'cause',
  scope: 'member',
  why: 'A server does not start on data of a newer minor release unless the cluster was prepared for the downgrade first.',
  needs: [],
  wants: ['log', 'reachability', 'process', 'kernelEvents', 'versions'],
  explains: ['crash-loop', 'dead-member-in-list', 'version-skew'],
  messages: {
    down: '{subject} refuses to start: its binary is older than what the cluster or its data need{detail}.',
    past: 'A start of {subject} was refused for its version before the window{detail}; it serves again.',
  },
  basis: 'direct',
  remedy: [
    {
      text: 'See which version the others run and which one the cluster decided on',
      tag: 'read-only',
      command: 'etcdctl endpoint status --cluster -w table',
    },
    { text: 'Put the binary back that ran before on this member', tag: 'restarts' },
    {
      text: 'If the downgrade is wanted: validate and enable it on the cluster first, then replace one binary at a time',
      tag: 'brief-interruption',
      command: 'etcdctl downgrade validate <target>; etcdctl downgrade enable <target>',
    },
  ],
  doNot: [
    'migrate the storage version of the only copy of the data',
    'start it with --force-new-cluster',
    'wipe its data dir while the majority is at risk',
  ],
  owner: 'operator',
  alternatives: [
    { rule: 'version-skew', why: 'The members would run, at different versions.' },
    { rule: 'v2store-content-blocks-36', why: 'The binary would be too new for what the old store holds.' },
  ],
  wouldDisprove: ['a start of the same binary on the same data'],
  nextEvidence: [
    {
      what: 'the versions of binary, cluster and storage',
      command: 'etcd --version; etcdctl endpoint status --cluster -w json',
    },
  ],
  thresholds: [],
  evaluate: (ctx) => {
    const texts = (field: string): string | undefined =>
      ctx.want.log?.count('downgrade-invalid')?.stats.at(-1)?.texts.get(field)?.last;
    const [server, cluster] = [texts('current-server-version'), texts('determined-cluster-version')];
    const { versions } = ctx.want;
    return damageClaims(ctx.want, ctx.window, REFUSED, {
      text: 'The log says that the binary does not fit the cluster version or the schema of its data',
      severity: 'high',
      data: { detail: server === undefined || cluster === undefined ? '' : ` (binary ${server}, cluster ${cluster})` },
      evidence: [
        supporting(
          versions === undefined ? undefined : versions.mixed ? true : undefined,
          'Members run different versions',
          {
            observed: versions?.server.join(', ') ?? 'unknown',
            from: ['versions'],
          },
        ),
      ],
    });
  },
});
