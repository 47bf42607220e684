import { contradicting, defineRule, necessary, supporting } from '../../rule.js';
import { cpuWithheld } from '../evidence/cpu.js';
import { deviceOf, deviceText } from '../evidence/device.js';
import { fsyncHarm } from '../evidence/harm.js';
import { tailOf } from '../evidence/latency.js';

export default defineRule({
  id: 'disk-slow-device',
  title: 'Storage is too slow for WAL syncs',
  category: 'storage',
  role: 'cause',
  scope: 'member',
  why: 'Every write waits until a majority has synced its WAL; a slow disk under the leader slows the whole cluster and ends in elections.',
  needs: ['walFsync', 'config'],
  wants: [
    'backendCommit',
    'walWrite',
    'diskActivity',
    'writers',
    'cgroup',
    'processSched',
    'hostPressure',
    'log',
    'heartbeatFailures',
    'slowOperations',
    'proposals',
    'leaderChanges',
  ],
  explains: [
    'backend-commit-slow',
    'leader-flapping',
    'stalled-leader-lease-revocation',
    'slow-follower-lag',
    'proposals-pending-pileup',
    'read-index-slow',
    'apply-backlog',
    'leader-on-slow-member',
    'disk-stall-intermittent',
  ],
  messages: {
    slow: 'WAL syncs on {subject} take {observed}; etcd needs a p99 below 10 ms.',
    mild: 'WAL syncs on {subject} take {observed}: slower than recommended, without any effect seen in the window.',
  },
  basis: 'inferred',
  remedy: [
    {
      text: 'See who leads; when the slow member leads, move leadership to a member with a fast disk',
      tag: 'brief-interruption',
      command: 'etcdctl move-leader <id of a healthy member>',
    },
    {
      text: 'Look for what the device is and who shares it (volume type, IOPS limit, RAID rebuild, neighbours on the hypervisor)',
      tag: 'read-only',
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
    { rule: 'disk-stall-intermittent', why: 'Most syncs would be fast, a few longer than a second.' },
    {
      rule: 'cpu-cgroup-throttling',
      why: 'Throttled periods of the cgroup would grow; the sync itself would be fast.',
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
  thresholds: ['fsync-slow-ms', 'fsync-high-ms', 'fsync-critical-ms', 'fsync-tail-share'],
  evaluate: (ctx) => {
    const id = ctx.subject.id;
    const tail = tailOf(ctx.need.walFsync, ctx.limit('fsync-slow-ms'), ctx.limit('fsync-tail-share'));
    const harm = fsyncHarm(ctx.want);
    const withheld = cpuWithheld(ctx.want);
    const device = deviceOf(ctx.want.diskActivity, id);
    const writers = ctx.want.writers?.devices.find((candidate) => candidate.name === device?.name);
    const electionMs = ctx.need.config.timing[id]?.electionMs;
    const high = electionMs === undefined ? ctx.limit('fsync-high-ms') : electionMs / 10;
    const severity =
      tail.provenMs >= ctx.limit('fsync-critical-ms')
        ? 'critical'
        : tail.provenMs >= high
          ? 'high'
          : harm.any === true
            ? 'warning'
            : 'info';
    const commit = ctx.want.backendCommit;
    const slowDevice =
      device === undefined
        ? undefined
        : Math.max(device.writeAwaitMs ?? 0, device.flushAwaitMs ?? 0) > ctx.limit('fsync-slow-ms');
    return [
      {
        message: severity === 'info' ? 'mild' : 'slow',
        data: { observed: tail.observed },
        severity,
        role: severity === 'info' ? 'notice' : 'cause',
        evidence: [
          necessary(tail.slow, 'WAL fsync in the window', {
            observed: tail.observed,
            threshold: 'fsync-slow-ms',
            from: ['walFsync'],
          }),
          necessary(
            withheld.withheld === undefined ? undefined : !withheld.withheld,
            'CPU is not withheld from the process',
            {
              observed: withheld.observed,
              from: ['cgroup', 'processSched', 'hostPressure'],
            },
          ),
          necessary(
            writers === undefined || writers.etcdShare === null || device === undefined
              ? undefined
              : !(device.utilisation > 0.9),
            'The device is not simply full of work',
            {
              ...(device === undefined ? {} : { observed: `${Math.round(device.utilisation * 100)} % busy` }),
              limit: '90 %',
              from: ['diskActivity', 'writers'],
            },
          ),
          slowDevice === false
            ? contradicting(true, 'The kernel’s own write and flush times of the device are short', {
                ...(device === undefined ? {} : { observed: deviceText(device) }),
                from: ['diskActivity'],
                answer:
                  'the delay then arises above the block layer: file system, I/O throttling, storage driver or virtualisation',
              })
            : supporting(slowDevice, 'The kernel sees slow writes or flushes on the device', {
                ...(device === undefined ? {} : { observed: deviceText(device) }),
                threshold: 'fsync-slow-ms',
                from: ['diskActivity'],
              }),
          supporting(
            commit === undefined ? undefined : tailOf(commit, 32, 0.01).slow,
            'Backend commits, which sync too, are slow as well',
            {
              ...(commit === undefined ? {} : { observed: tailOf(commit, 32, 0.01).observed }),
              limit: '25 ms (above the 16-32 ms bucket)',
              from: ['backendCommit'],
            },
          ),
          ...harm.evidence,
        ],
      },
    ];
  },
});
