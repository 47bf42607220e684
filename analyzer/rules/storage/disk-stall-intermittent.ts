import type { Latency } from '../../facts/values/common.js';
import { histogramDelta, shareAbove } from '../../metrics/histogram.js';
import type { Histogram } from '../../metrics/histogram.js';
import { type Claim, contradicting, defineRule, inconclusive, necessary, supporting } from '../../rule.js';
import { cpuWithheld } from '../evidence/cpu.js';
import { stackEvidence } from '../evidence/storage-stack.js';

/** Observations provably above `boundMs`. */
const countAbove = (histogram: Histogram | undefined, boundMs: number): number =>
  histogram === undefined ? 0 : Math.round((shareAbove(histogram, boundMs)?.atLeast ?? 0) * histogram.count);

const beforeWindow = (latency: Latency | undefined, boundMs: number): number =>
  latency?.window == null
    ? 0
    : countAbove(histogramDelta(latency.window.histogram, latency.sinceStart.histogram), boundMs);

export default defineRule({
  id: 'disk-stall-intermittent',
  title: 'Storage stalls for seconds now and then',
  category: 'storage',
  role: 'cause',
  scope: 'member',
  why: 'A single sync that hangs for seconds stops all writes and may cost the leader its office, although averages look fine.',
  needs: ['walFsync'],
  wants: [
    'log',
    'leaderChanges',
    'heartbeatFailures',
    'kernelEvents',
    'backendCommit',
    'peerMatrix',
    'walWrite',
    'cpu',
    'cgroup',
    'processSched',
    'hostPressure',
    'process',
    'blockDevices',
  ],
  explains: [
    'api-server-waits-for-etcd',
    'leader-flapping',
    'stalled-leader-lease-revocation',
    'backend-commit-slow',
    'proposals-pending-pileup',
    'apply-backlog',
    'read-index-slow',
  ],
  messages: {
    now: '{count} WAL syncs on {subject} took longer than a second in the window, while half of them took {usual}.',
    past: '{count} WAL syncs on {subject} took longer than a second before the window{worst}.',
  },
  basis: 'inferred',
  remedy: [
    {
      text: 'Compare the times with events of the storage: controller, path failover, hypervisor, thin pool, volume snapshots',
      tag: 'read-only',
      command: 'sudo journalctl -k --since "<time of the first stall>"',
    },
    {
      text: 'Move leadership to a member on other storage',
      tag: 'brief-interruption',
      command: 'etcdctl --endpoints=<leader> move-leader <id of another member>',
    },
    { text: 'Keep volume snapshots and RAID checks out of working hours', tag: 'brief-interruption' },
    { text: 'Replace or re-home the volume', tag: 'disruptive' },
  ],
  doNot: ['hide the stalls behind a very large election timeout: a stalled leader then blocks writes for longer'],
  owner: 'infrastructure',
  alternatives: [
    { rule: 'disk-slow-device', why: 'All syncs would be slower, not single ones.' },
    { rule: 'vm-pause-or-steal', why: 'Every timer of the machine would stand still, and the network with it.' },
    { rule: 'disk-iops-throttled', why: 'Syncs would be slow at a constant level under a limit.' },
  ],
  wouldDisprove: [
    'steal time or a clock jump at the times of the stalls',
    'an fdatasync test over hours without a value above one second',
  ],
  nextEvidence: [
    { what: 'the kernel log around the stalls', command: 'sudo journalctl -k -o short-iso --since "-2h"' },
  ],
  thresholds: ['stall-ms', 'stall-count', 'fsync-slow-ms', 'probe-late-ms', 'probe-peer-ratio'],
  evaluate: (ctx) => {
    const bound = ctx.limit('stall-ms');
    const { window } = ctx.need.walFsync;
    const lines = ctx.want.log?.count('wal-slow-fdatasync') ?? undefined;
    // Long ago is no incident: the log's reach (two hours by default) or an uptime of a few hours dates what was before the window.
    const uptime = ctx.want.process?.uptimeSeconds ?? null;
    const young = uptime !== null && uptime < 6 * 3600;
    const syncs = {
      inWindow: Math.max(countAbove(window?.histogram, bound), lines?.inWindow ?? 0),
      before: Math.max(beforeWindow(ctx.need.walFsync, bound), lines?.before ?? 0),
    };
    const commits = {
      inWindow: countAbove(ctx.want.backendCommit?.window?.histogram, bound),
      before: beforeWindow(ctx.want.backendCommit, bound),
    };
    // A frozen file system stops writes before they become syncs; only 3.6 and later time those.
    const writes = countAbove(ctx.want.walWrite?.window?.histogram, bound);
    // A commit does more than sync: alone it counts when it is not the only one.
    const several = commits.inWindow + (young ? commits.before : 0) >= ctx.limit('stall-count');
    const inWindow = Math.max(syncs.inWindow, writes, several ? commits.inWindow : 0);
    const { before } = syncs;
    if (window === null && lines === undefined)
      return inconclusive('syncs of the window could not be told from those before it');
    const usual = window?.p50 ?? null;
    const fastMedian = usual === null ? undefined : usual.hiMs !== null && usual.hiMs <= ctx.limit('fsync-slow-ms');
    const kernel = ctx.want.kernelEvents?.counts;
    const troubled = kernel === undefined ? undefined : (kernel['io-error'] ?? 0) + (kernel['hung-task'] ?? 0) > 0;
    const withheld = cpuWithheld(ctx.want);
    const steal = ctx.want.cpu?.stealPercent;
    const stolen = withheld.withheld === true || (steal !== undefined && steal > 5);
    const elections = (ctx.want.leaderChanges?.delta ?? 0) > 0;
    const link = ctx.want.peerMatrix?.members.find((each) => each.member === ctx.subject.id);
    const deaf =
      link?.fromOthersMs != null &&
      link.amongOthersMs !== null &&
      link.fromOthersMs >= ctx.limit('probe-late-ms') &&
      link.fromOthersMs >= ctx.limit('probe-peer-ratio') * link.amongOthersMs;
    const shared = [
      ...(deaf
        ? [
            contradicting(true, 'It answers the probes of its peers late as well, which takes no disk', {
              observed: `${Math.round(link.fromOthersMs ?? 0)} ms`,
              threshold: 'probe-peer-ratio',
              from: ['peerMatrix'],
            }),
          ]
        : []),
      ...(troubled === undefined
        ? []
        : [supporting(troubled, 'The kernel logged device trouble or hung tasks', { from: ['kernelEvents'] })]),
      ...(stolen
        ? [
            contradicting(true, 'CPU time was withheld in the window, which stops syncs as well', {
              observed: `${withheld.observed}${steal === undefined ? '' : `, steal ${Math.round(steal)} %`}`,
              from: ['cgroup', 'processSched', 'hostPressure', 'cpu'],
            }),
          ]
        : []),
    ];
    const claims: Claim[] = [
      {
        message: 'now',
        data: {
          count: inWindow,
          usual: usual?.hiMs === null || usual === null ? 'an unknown time' : `at most ${usual.hiMs} ms`,
        },
        severity: elections || inWindow >= ctx.limit('stall-count') ? 'high' : 'warning',
        evidence: [
          necessary(inWindow > 0, 'Syncs, writes or commits beyond a second in the window', {
            observed: `${syncs.inWindow} syncs, ${writes} writes, ${commits.inWindow} commits`,
            threshold: 'stall-ms',
            from: ['walFsync', 'walWrite', 'backendCommit', 'log'],
          }),
          necessary(inWindow > 0 ? fastMedian : undefined, 'The others are fast: isolated stalls, not a slow device', {
            threshold: 'fsync-slow-ms',
            from: ['walFsync'],
          }),
          ...(elections ? [supporting(true, 'The leader changed in the window', { from: ['leaderChanges'] })] : []),
          ...stackEvidence(ctx.want.blockDevices, ctx.subject.id),
          ...shared,
        ],
      },
    ];
    const recent = (lines?.before ?? 0) >= ctx.limit('stall-count') || young;
    const worst = lines?.worstSeconds ?? null;
    if (inWindow === 0)
      claims.push({
        message: 'past',
        data: { count: before, worst: worst === null ? '' : `, the longest ${Math.round(worst * 10) / 10} s` },
        severity: 'warning',
        when: 'past',
        evidence: [
          necessary(before >= ctx.limit('stall-count') && recent, 'Syncs beyond a second before the window', {
            observed: `${before}`,
            threshold: 'stall-count',
            from: ['walFsync', 'log'],
          }),
          ...shared.slice(0, troubled === true ? 1 : 0),
        ],
      });
    return claims;
  },
});
