import { contradicting, defineRule, necessary, supporting } from '../../rule.js';
import { linesOf } from '../evidence/log-lines.js';

export default defineRule({
  id: 'read-index-slow',
  title: 'Linearizable reads wait for the quorum',
  category: 'raft',
  role: 'symptom',
  scope: 'member',
  why: 'Default reads ask the leader and a majority first; when that is slow, the smallest read is slow, and every client notices.',
  needs: ['reachability'],
  wants: ['readLatency', 'slowOperations', 'log', 'quorum', 'leaderView', 'proposals'],
  explains: ['api-server-waits-for-etcd'],
  messages: {
    slow: 'Linearizable reads through {subject} wait for the confirmation of the quorum: {observed}.',
    failing: 'Linearizable reads through {subject} fail, while serializable reads answer.',
  },
  basis: 'inferred',
  remedy: [
    {
      text: 'Find out why leader or quorum confirm late: leader’s CPU and disk, round trips, elections',
      tag: 'read-only',
    },
    {
      text: 'Move the lead away from a loaded member',
      tag: 'brief-interruption',
      command: 'etcdctl --endpoints=<leader> move-leader <id of a healthy member>',
    },
  ],
  doNot: ['switch all clients to serializable reads: they would read old data without knowing'],
  owner: 'operator',
  alternatives: [
    { rule: 'large-range-reads', why: 'Serializable reads of the same size would be slow too.' },
    { rule: 'apply-backlog', why: 'The read index would come in time, and the apply would lag.' },
    { rule: 'cpu-starvation-host', why: 'Everything on this member would be slow.' },
  ],
  wouldDisprove: ['linearizable reads through this member that take as long as serializable ones'],
  nextEvidence: [{ what: 'several linearizable and serializable reads through each member', command: 'etcd-collect' }],
  thresholds: ['read-index-retries', 'read-index-ms'],
  evaluate: (ctx) => {
    const reads = ctx.want.readLatency;
    const retries = linesOf(ctx.want.log, ['readindex-slow']);
    const timeouts = linesOf(ctx.want.log, ['readindex-timeout']);
    const counted = ctx.want.slowOperations?.readIndexSlow?.delta ?? undefined;
    const linear = reads?.linearizable;
    const serial = reads?.serializable;
    const failing = linear === undefined ? undefined : linear.attempts > 0 && linear.ok === 0 && (serial?.ok ?? 0) > 0;
    const probed =
      linear?.medianMs === null || linear === undefined || serial?.medianMs === null || serial === undefined
        ? undefined
        : linear.medianMs > ctx.limit('read-index-ms') && serial.medianMs * 10 < linear.medianMs;
    const logged =
      retries === undefined
        ? undefined
        : retries.inWindow >= ctx.limit('read-index-retries') || (timeouts?.inWindow ?? 0) > 0;
    // etcd counts time-outs, and every answer that comes after a retry was sent (ignored as out of date): one may be a single retry.
    const many = counted === undefined ? undefined : counted >= ctx.limit('read-index-retries');
    const seen = [failing, probed, logged, many];
    const any = seen.includes(true) ? true : seen.every((state) => state === undefined) ? undefined : false;
    const observed = [
      retries === undefined ? undefined : `${retries.inWindow} retries logged`,
      counted === undefined ? undefined : `${counted} slow read indexes counted`,
      linear?.medianMs === null || linear === undefined ? undefined : `${Math.round(linear.medianMs)} ms in the probe`,
    ]
      .filter((part) => part !== undefined)
      .join(', ');
    return [
      {
        message: failing === true ? 'failing' : 'slow',
        data: { observed },
        severity: failing === true ? 'high' : 'warning',
        evidence: [
          necessary(any, 'Read indexes are confirmed late or not at all', {
            observed: observed === '' ? 'not observed' : observed,
            threshold: 'read-index-retries',
            from: ['slowOperations', 'readLatency'],
            sources: retries?.sources ?? [],
          }),
          supporting(failing === true ? true : probed, 'Serializable reads through the same member are fast', {
            ...(serial?.medianMs === null || serial === undefined
              ? {}
              : { observed: `${serial.medianMs.toFixed(1)} ms` }),
            threshold: 'read-index-ms',
            from: ['readLatency'],
          }),
          contradicting(serial === undefined ? undefined : serial.ok === 0, 'Serializable reads fail as well', {
            from: ['readLatency'],
          }),
        ],
      },
    ];
  },
});
