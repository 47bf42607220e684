import { defineRule, inconclusive, necessary, supporting } from '../../rule.js';
import { deviceText } from '../evidence/device.js';
import { slowSync, slowSyncExplains, slowSyncThresholds, slowSyncWants } from '../evidence/slow-sync.js';

export default defineRule({
  id: 'disk-contention-other-io',
  title: 'Another workload fills the disk that etcd syncs to',
  category: 'storage',
  role: 'cause',
  scope: 'member',
  why: 'etcd’s small syncs queue behind the bulk I/O of a neighbour; writes of the cluster then follow the neighbour’s schedule.',
  needs: ['walFsync', 'config', 'diskActivity'],
  wants: [...slowSyncWants.filter((name) => name !== 'diskActivity'), 'filesystems'],
  explains: [...slowSyncExplains, 'leader-on-slow-member', 'disk-stall-intermittent'],
  messages: {
    slow: 'WAL syncs on {subject} take {observed} while other processes fill the device {device}: {others}.',
    mild: 'Other processes fill the device {device} and WAL syncs on {subject} take {observed}, without proof of harm in the window: {others}.',
  },
  basis: 'inferred',
  remedy: [
    { text: 'Find the process that reads or writes', tag: 'read-only', command: 'sudo iotop -obPn 5' },
    { text: 'Pause or reschedule it (backup, image pull, log rotation, batch job)', tag: 'brief-interruption' },
    {
      text: 'Give etcd precedence on the device until it has one of its own',
      tag: 'brief-interruption',
      command: 'sudo ionice -c2 -n0 -p <pid of etcd>',
    },
    { text: 'Move WAL and data to a device of their own, one member at a time', tag: 'restarts' },
  ],
  doNot: [
    'raise timeouts and leave the neighbour in place',
    'run backups or defragmentation of several members at the same time',
  ],
  owner: 'operator',
  alternatives: [
    { rule: 'disk-slow-device', why: 'Syncs would be slow on a device that is not busy, too.' },
    { rule: 'disk-saturated-by-etcd', why: 'etcd itself would account for most of the bytes.' },
    { rule: 'disk-iops-throttled', why: 'A limiter would hold the rate constant while the device has time left.' },
  ],
  wouldDisprove: [
    'slow syncs while the neighbour is stopped',
    'per-process I/O counters that name etcd as the main writer in the window',
  ],
  nextEvidence: [
    { what: 'I/O of all processes of the host (needs root)', command: 'sudo etcd-collect   # on the member’s node' },
  ],
  thresholds: [...slowSyncThresholds, 'io-pressure-percent'],
  evaluate: (ctx) => {
    const context = { ...ctx, want: { ...ctx.want, diskActivity: ctx.need.diskActivity } };
    const { sync, load, severity, core, more, probe } = slowSync(context);
    const { device } = load;
    if (device === undefined) return inconclusive('the device under the WAL is not among the host’s devices');
    if (sync.slow === undefined) return inconclusive('too few WAL syncs in the window to judge');
    const pressure = ctx.want.hostPressure?.io?.some.windowPercent ?? undefined;
    const shared = ctx.want.filesystems?.filesystems.find((fs) => fs.member === ctx.subject.id);
    return [
      {
        message: severity === 'info' ? 'mild' : 'slow',
        data: { observed: sync.observed, device: device.name, others: load.others ?? 'not named by their counters' },
        severity,
        role: severity === 'info' ? 'notice' : 'cause',
        evidence: [
          ...core,
          necessary(load.busy, 'Requests queue on the device', {
            observed: `${deviceText(device)}, ${Math.round(device.queue * 10) / 10} in flight`,
            threshold: 'device-busy-share',
            from: ['diskActivity'],
          }),
          necessary(load.contended, 'Most of its traffic is not etcd’s', {
            observed:
              load.etcdShare === undefined
                ? 'not observed'
                : `etcd writes ${Math.round(load.etcdShare * 100)} % of the bytes${load.others === undefined ? '' : `; ${load.others}`}`,
            threshold: 'device-etcd-share',
            from: ['writers'],
          }),
          supporting(
            pressure === undefined ? undefined : pressure > ctx.limit('io-pressure-percent'),
            'Tasks of the host wait for I/O',
            {
              ...(pressure === undefined ? {} : { observed: `${Math.round(pressure)} %` }),
              threshold: 'io-pressure-percent',
              from: ['hostPressure'],
            },
          ),
          ...(shared?.onRoot === true
            ? [
                supporting(true, 'The data lie on the root file system', {
                  observed: shared.mountPoint,
                  from: ['filesystems'],
                }),
              ]
            : []),
          ...more,
          ...probe,
        ],
      },
    ];
  },
});
