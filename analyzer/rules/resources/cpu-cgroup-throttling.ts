import { contradicting, defineRule, inconclusive, necessary, supporting } from '../../rule.js';
import {
  percent,
  responsiveness,
  responsivenessThresholds,
  responsivenessWants,
  starvedExplains,
} from '../evidence/responsiveness.js';
import { fastElsewhere } from '../evidence/storage-stack.js';

export default defineRule({
  id: 'cpu-cgroup-throttling',
  title: 'CPU quota of the container throttles etcd',
  category: 'resources',
  role: 'cause',
  scope: 'member',
  why: 'A process that used up its quota stands still until the next period: heartbeats, elections and syncs are late although the host looks idle.',
  needs: ['cgroup'],
  wants: [...responsivenessWants, 'hostPressure', 'process', 'config', 'processSched', 'fsyncProbe'],
  explains: [...starvedExplains, 'disk-slow-device', 'disk-stall-intermittent', 'peer-rtt-high', 'peer-packet-loss'],
  messages: {
    throttled: '{subject} was throttled in {share} of its CPU periods (quota {quota}).',
    mild: '{subject} was throttled in {share} of its CPU periods (quota {quota}), without proof of harm in the window.',
  },
  basis: 'direct',
  remedy: [
    {
      text: 'Look at the limit and at how often it bites',
      tag: 'read-only',
      command: 'cat /sys/fs/cgroup/<cgroup of etcd>/cpu.max /sys/fs/cgroup/<cgroup of etcd>/cpu.stat',
    },
    {
      text: 'When the throttled member leads, move leadership to one that is not throttled',
      tag: 'brief-interruption',
      command: 'etcdctl --endpoints=<leader> move-leader <id of another member>',
    },
    {
      text: 'Raise the quota well above the peak, or remove it and protect etcd by weight (in Kubernetes: a request without a limit)',
      tag: 'brief-interruption',
      command:
        'echo max | sudo tee /sys/fs/cgroup/<cgroup of etcd>/cpu.max   # until it starts again; of a pod, also in the cgroup above it',
    },
    { text: 'Make the change permanent in the unit or manifest, one member at a time', tag: 'restarts' },
  ],
  doNot: [
    'replace the disk because the log says "slow disk": the text is fixed',
    'raise the election timeout instead of the quota',
  ],
  owner: 'platform',
  alternatives: [
    {
      rule: 'cpu-starvation-host',
      why: 'Other processes would hold the CPUs; no period of the cgroup would be throttled.',
    },
    { rule: 'disk-slow-device', why: 'Most syncs would be slow, not only those that a throttled period fell into.' },
    { rule: 'go-gc-pressure', why: 'A large heap would use up the quota.' },
    {
      rule: 'vm-pause-or-steal',
      why: 'The whole process would stand still for seconds, and steal time or its state would show it.',
    },
  ],
  wouldDisprove: ['nr_throttled of the cgroup does not grow while the member is slow'],
  nextEvidence: [
    { what: 'the same counters over a minute', command: 'watch -n 10 cat /sys/fs/cgroup/<cgroup of etcd>/cpu.stat' },
  ],
  thresholds: [
    ...responsivenessThresholds,
    'throttled-share',
    'throttled-high-share',
    'throttled-total-share',
    'fsync-slow-ms',
  ],
  evaluate: ({ need: { cgroup }, want, limit }) => {
    if (cgroup.quotaCores !== null && cgroup.levels.every((level) => level.throttledShare === null))
      return inconclusive('CPU counters of the cgroup were read once only, or no period passed');
    const worst = cgroup.worst;
    const share = worst?.throttledShare ?? 0;
    const harm = responsiveness(want, limit);
    const harmful = harm.hurt === true || share >= limit('throttled-total-share');
    const high = share >= limit('throttled-high-share') && harm.hurt === true;
    const quota = worst?.quotaCores ?? cgroup.quotaCores;
    const busy = want.process?.cpuCores ?? want.processSched?.cpuCores ?? null;
    const electing = (want.leaderChanges?.delta ?? 0) > 0;
    return [
      {
        message: harmful ? 'throttled' : 'mild',
        data: { share: percent(share), quota: quota === null ? 'unknown' : `${quota} cores` },
        severity: !harmful ? 'info' : high ? (electing && harm.grave ? 'critical' : 'high') : 'warning',
        role: harmful ? 'cause' : 'notice',
        evidence: [
          necessary(share > limit('throttled-share'), 'Periods of the CPU quota in which the process was held back', {
            observed: `${percent(share)} (${worst?.throttledPeriods ?? 0} of ${worst?.periods ?? 0})`,
            threshold: 'throttled-share',
            from: ['cgroup'],
          }),
          ...(quota === null || busy === null
            ? []
            : [
                supporting(busy > quota / 2, 'The process uses most of what it may', {
                  observed: `${Math.round(busy * 1000) / 1000} of ${quota} cores`,
                  from: ['process', 'cgroup'],
                }),
              ]),
          ...harm.evidence,
          ...fastElsewhere(want.fsyncProbe, limit('fsync-slow-ms')),
          ...(harm.hurt === false
            ? [
                contradicting(true, 'Heartbeats, applies and syncs are in time', {
                  answer: 'the kernel counted the throttled periods itself',
                  from: ['heartbeatFailures', 'slowOperations', 'walFsync'],
                }),
              ]
            : []),
        ],
      },
    ];
  },
});
