import { histogramDelta, shareAbove } from '../../metrics/histogram.js';
import { type Claim, defineRule, inconclusive, necessary } from '../../rule.js';
import { slowSync, slowSyncExplains, slowSyncThresholds, slowSyncWants } from '../evidence/slow-sync.js';

/** Fewer syncs than this before the window say nothing about the past. */
const ENOUGH = 100;
/** The share of slow syncs before the window against that in it; own estimate. */
const MUCH = 4;

export default defineRule({
  id: 'disk-slow-device',
  title: 'Storage is too slow for WAL syncs',
  category: 'storage',
  role: 'cause',
  scope: 'member',
  why: 'Every write waits until a majority has synced its WAL; a slow disk under the leader slows the whole cluster and ends in elections.',
  needs: ['walFsync', 'config'],
  wants: slowSyncWants,
  explains: [...slowSyncExplains, 'leader-on-slow-member', 'disk-stall-intermittent'],
  messages: {
    slow: 'WAL syncs on {subject} take {observed}; etcd needs a p99 below 10 ms.',
    mild: 'WAL syncs on {subject} take {observed}: slower than recommended, without proof of harm in the window.',
    past: 'Before the sampling window {share} % of the WAL syncs on {subject} took more than {bound} ms; in the window they do not.',
  },
  basis: 'inferred',
  remedy: [
    {
      text: 'Look for what the device is and who shares it (volume type, IOPS limit, RAID rebuild, neighbours on the hypervisor)',
      tag: 'read-only',
      command: 'lsblk -o NAME,MODEL,ROTA,SIZE,MOUNTPOINTS; iostat -x 1 10',
    },
    {
      text: 'When the slow member leads, move leadership to a member with a fast disk',
      tag: 'brief-interruption',
      command: 'etcdctl --endpoints=<leader> move-leader <id of a healthy member>',
    },
    {
      text: 'Move WAL and data to a local SSD or a volume with provisioned IOPS, one member at a time',
      tag: 'restarts',
    },
    { text: 'Collect again and compare the sync distribution', tag: 'read-only', command: 'etcd-collect' },
  ],
  doNot: [
    'turn on --unsafe-no-fsync or put the data dir on tmpfs: acknowledged writes would be lost',
    'raise the election timeout as the cure; at most as a bridge, and on all members alike',
    'restore a backup: the data are sound',
  ],
  owner: 'infrastructure',
  alternatives: [
    {
      rule: 'disk-contention-other-io',
      why: 'Another writer would fill the device while etcd accounts for the smaller part of its writes.',
    },
    { rule: 'disk-saturated-by-etcd', why: 'The device would be busy with etcd’s own writes.' },
    { rule: 'disk-iops-throttled', why: 'A limit on the volume or the cgroup would hold back an idle device.' },
    { rule: 'disk-stall-intermittent', why: 'Most syncs would be fast, a few longer than a second.' },
    {
      rule: 'cpu-cgroup-throttling',
      why: 'Throttled periods of the cgroup would grow; most syncs would be fast and the tail about one period long.',
    },
    {
      rule: 'cpu-starvation-host',
      why: 'The process would wait for a CPU, and round trips to all peers would be inflated.',
    },
  ],
  wouldDisprove: [
    'an fdatasync test on the same mount with a p99 below 10 ms at the time of the incident',
    'CPU throttling or run-queue waiting of the etcd process in the same window',
  ],
  nextEvidence: [
    {
      what: 'device and pressure counters of the member’s host in the same window',
      command: 'sudo etcd-collect   # on the member’s node',
    },
  ],
  thresholds: [...slowSyncThresholds, 'fsync-past-share', 'fsync-past-low-share', 'fsync-past-late', 'fsync-past-ms'],
  evaluate: (ctx) => {
    const { sync, cpu, load, severity, core, more, probe } = slowSync(ctx);
    const { window, sinceStart } = ctx.need.walFsync;
    const before = window === null ? undefined : histogramDelta(window.histogram, sinceStart.histogram);
    const share =
      before === undefined || before.count < ENOUGH
        ? undefined
        : shareAbove(before, ctx.limit('fsync-past-ms'))?.atLeast;
    const still = window === null ? 0 : (shareAbove(window.histogram, ctx.limit('fsync-past-ms'))?.atLeast ?? 0);
    const failures = ctx.want.heartbeatFailures;
    const late = Math.max(
      ctx.want.log?.count('leader-heartbeat-late')?.before ?? 0,
      failures === undefined ? 0 : failures.sinceStart - (failures.delta ?? 0),
    );
    const wasSlow =
      share !== undefined &&
      (share > ctx.limit('fsync-past-share') ||
        (share > ctx.limit('fsync-past-low-share') && late >= ctx.limit('fsync-past-late')));
    const claims: Claim[] = [];
    // A busy CPU lengthens the tail in the window, without harm; what was before must stand out from that.
    const harmless = cpu.explains === true || severity === 'info';
    const slowNow = sync.slow === true && (!harmless || still * MUCH > (share ?? 0));
    if (!slowNow && share !== undefined) {
      const percent = `${Math.round(share * 100)}`;
      claims.push({
        message: 'past',
        data: { share: percent, bound: ctx.limit('fsync-past-ms') },
        severity: 'warning',
        when: 'past',
        evidence: [
          necessary(wasSlow, 'Slow syncs between the start of the process and the window', {
            observed: `${percent} % of ${before?.count ?? 0} above ${ctx.limit('fsync-past-ms')} ms${late > 0 ? `, ${late} late heartbeats` : ''}`,
            threshold: 'fsync-past-share',
            from: ['walFsync'],
          }),
        ],
      });
    }
    if (sync.slow === undefined)
      return wasSlow
        ? claims
        : inconclusive(`too few WAL syncs in the window to judge (${ctx.need.walFsync.window?.count ?? 0})`);
    const full = load.contended === true || load.saturated === true;
    return [
      ...claims,
      {
        message: severity === 'info' ? 'mild' : 'slow',
        data: { observed: sync.observed },
        severity,
        role: severity === 'info' ? 'notice' : 'cause',
        evidence: [
          ...core,
          ...(load.device === undefined
            ? []
            : [
                necessary(!full, 'The device is not simply full of work', {
                  observed: `${Math.round(load.device.utilisation * 100)} % busy, ${Math.round(load.device.queue * 10) / 10} requests in flight`,
                  threshold: 'device-busy-share',
                  from: ['diskActivity', 'writers'],
                }),
              ]),
          ...more,
          ...probe,
        ],
      },
    ];
  },
});
