import { defineRule, inconclusive, necessary, supporting } from '../../rule.js';
import { slowSync, slowSyncExplains, slowSyncThresholds, slowSyncWants } from '../evidence/slow-sync.js';
import { fastElsewhere } from '../evidence/storage-stack.js';

export default defineRule({
  id: 'disk-iops-throttled',
  title: 'An I/O limit holds etcd’s syncs back',
  category: 'storage',
  role: 'cause',
  scope: 'member',
  why: 'Under a limit on requests or bytes per second each sync waits for its turn, however fast the device is.',
  needs: ['walFsync', 'config', 'cgroup'],
  wants: slowSyncWants.filter((name) => name !== 'cgroup'),
  explains: [...slowSyncExplains, 'leader-on-slow-member', 'disk-stall-intermittent', 'disk-slow-device'],
  messages: {
    slow: 'WAL syncs on {subject} take {observed}; its cgroup limits I/O to {limit}.',
    mild: 'WAL syncs on {subject} take {observed} under a cgroup I/O limit of {limit}, without proof of harm in the window.',
  },
  basis: 'inferred',
  remedy: [
    {
      text: 'Read the limit and who set it (container runtime, systemd unit)',
      tag: 'read-only',
      command: 'cat /sys/fs/cgroup/<cgroup of etcd>/io.max',
    },
    {
      text: 'Remove it from etcd’s cgroup, or raise it well above the sync rate',
      tag: 'brief-interruption',
      command:
        'echo "<major:minor> rbps=max wbps=max riops=max wiops=max" | sudo tee /sys/fs/cgroup/<cgroup of etcd>/io.max   # until it starts again',
    },
    { text: 'Limit the neighbours instead, or raise the volume’s provisioned IOPS', tag: 'brief-interruption' },
  ],
  doNot: ['raise the election timeout and keep the limit', 'turn on --unsafe-no-fsync'],
  owner: 'platform',
  alternatives: [
    { rule: 'disk-slow-device', why: 'Without a limit the device or what lies above it is slow by itself.' },
    { rule: 'disk-contention-other-io', why: 'The device would be busy with the writes of others.' },
  ],
  wouldDisprove: ['slow syncs after the limit is gone', 'a limit far above the rate of syncs and writes in the window'],
  nextEvidence: [
    { what: 'provisioned and burst IOPS of a cloud volume over the incident, from the provider’s metrics' },
  ],
  thresholds: slowSyncThresholds,
  evaluate: (ctx) => {
    const context = { ...ctx, want: { ...ctx.want, cgroup: ctx.need.cgroup } };
    const { sync, load, severity, core, more } = slowSync(context);
    const limits = ctx.need.cgroup.levels.map((level) => level.ioMax).filter((text) => text !== null && isLimit(text));
    if (limits.length > 0 && sync.slow === undefined) return inconclusive('too few WAL syncs in the window to judge');
    const limit = limits.join('; ').trim();
    const idle = load.device === undefined ? undefined : load.busy === false;
    return [
      {
        message: severity === 'info' ? 'mild' : 'slow',
        data: { observed: sync.observed, limit },
        severity,
        role: severity === 'info' ? 'notice' : 'cause',
        evidence: [
          necessary(limits.length > 0, 'A cgroup of the process limits I/O', {
            observed: limit === '' ? 'no limit' : limit,
            from: ['cgroup'],
          }),
          ...core,
          necessary(limits.length > 0 ? sync.shifted : undefined, 'Most syncs are slow, not only the tail', {
            observed: sync.observed,
            from: ['walFsync'],
          }),
          supporting(idle, 'The device itself has time left', {
            ...(load.device === undefined ? {} : { observed: `${Math.round(load.device.utilisation * 100)} % busy` }),
            from: ['diskActivity'],
          }),
          ...more,
          ...fastElsewhere(ctx.want.fsyncProbe, ctx.limit('fsync-slow-ms')),
        ],
      },
    ];
  },
});

/** `io.max` with at least one number: `8:0 rbps=max wbps=max riops=max wiops=120`; files of version 1: `blkio.throttle.write_iops_device 8:0 120`. */
const isLimit = (text: string): boolean => /(?:[rw](?:bps|iops)=|\b\d+:\d+ )\d+/.test(text);
