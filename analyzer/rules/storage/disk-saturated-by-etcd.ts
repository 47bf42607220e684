import { defineRule, inconclusive, necessary, supporting } from '../../rule.js';
import { deviceText } from '../evidence/device.js';
import { slowSync, slowSyncExplains, slowSyncThresholds, slowSyncWants } from '../evidence/slow-sync.js';

export default defineRule({
  id: 'disk-saturated-by-etcd',
  title: 'etcd writes more than its disk can sync',
  category: 'storage',
  role: 'cause',
  scope: 'member',
  why: 'A device at its limit makes every proposal wait; more clients or larger values make all writes slower.',
  needs: ['walFsync', 'config', 'diskActivity'],
  wants: [...slowSyncWants.filter((name) => name !== 'diskActivity'), 'storage', 'puts'],
  explains: [...slowSyncExplains, 'leader-on-slow-member', 'disk-stall-intermittent'],
  messages: {
    slow: 'WAL syncs on {subject} take {observed} while etcd itself fills the device {device} ({rate}).',
    mild: 'WAL syncs on {subject} take {observed} while etcd itself fills the device {device} ({rate}), without proof of harm in the window.',
  },
  basis: 'inferred',
  remedy: [
    {
      text: 'Find the client or key prefix that writes (request rates by method, audit log of the API server)',
      tag: 'read-only',
    },
    { text: 'Slow or batch that client', tag: 'brief-interruption' },
    {
      text: 'Split data with a high churn into an etcd cluster of its own (for Kubernetes: events)',
      tag: 'restarts',
      command: 'kube-apiserver --etcd-servers-overrides=/events#<url of the other cluster>',
    },
    {
      text: 'Give the WAL a device of its own, or a faster one, one member at a time',
      tag: 'restarts',
      command: 'etcd --wal-dir=<dir on the device>',
    },
  ],
  doNot: ['add members to write faster: every member syncs every write', 'turn on --unsafe-no-fsync'],
  owner: 'application',
  alternatives: [
    { rule: 'disk-contention-other-io', why: 'Other processes would account for most of the bytes.' },
    { rule: 'disk-slow-device', why: 'Syncs would be slow at an ordinary write rate.' },
    { rule: 'write-rate-overload', why: 'The disk would keep up, and applying would not.' },
    { rule: 'large-values-or-txns', why: 'Few requests with many bytes each would make the rate.' },
  ],
  wouldDisprove: [
    'slow syncs while clients write next to nothing',
    'per-process I/O counters that name another writer',
  ],
  nextEvidence: [
    {
      what: 'which clients write',
      command:
        'etcdctl watch --prefix "" --write-out=fields | grep \'^"Key"\' | head   # without grep it prints values too',
    },
  ],
  thresholds: slowSyncThresholds,
  evaluate: (ctx) => {
    const context = { ...ctx, want: { ...ctx.want, diskActivity: ctx.need.diskActivity } };
    const { sync, load, severity, core, more, probe } = slowSync(context);
    const { device } = load;
    if (device === undefined) return inconclusive('the device under the WAL is not among the host’s devices');
    if (sync.slow === undefined) return inconclusive('too few WAL syncs in the window to judge');
    const rate = `${Math.round(device.writesPerSecond)} writes/s, ${Math.round((device.writeBytesPerSecond / 1024 / 1024) * 10) / 10} MiB/s`;
    const pending = ctx.want.proposals?.pending;
    const puts = ctx.want.puts?.puts?.perSecond ?? undefined;
    return [
      {
        message: severity === 'info' ? 'mild' : 'slow',
        data: { observed: sync.observed, device: device.name, rate },
        severity,
        role: severity === 'info' ? 'notice' : 'cause',
        evidence: [
          ...core,
          necessary(load.busy, 'Requests queue on the device', {
            observed: `${deviceText(device)}, ${Math.round(device.queue * 10) / 10} in flight`,
            threshold: 'device-busy-share',
            from: ['diskActivity'],
          }),
          necessary(load.saturated, 'etcd accounts for most of the bytes, at a rate beyond an ordinary one', {
            observed: `${rate}${load.etcdShare === undefined ? '' : `, ${Math.round(load.etcdShare * 100)} % by etcd`}`,
            threshold: 'device-etcd-share',
            from: ['writers', 'diskActivity'],
          }),
          ...(pending === undefined
            ? []
            : [
                supporting(pending.min > 0, 'Proposals queue up in every round', {
                  observed: `${pending.min} to ${pending.max} pending`,
                  limit: '0',
                  from: ['proposals'],
                }),
              ]),
          ...(puts === undefined || puts === 0
            ? []
            : [supporting(true, 'Puts arrive', { observed: `${Math.round(puts)}/s`, from: ['puts'] })]),
          ...more,
          ...probe,
        ],
      },
    ];
  },
});
