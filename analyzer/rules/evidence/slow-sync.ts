import type { Config, History } from '../../facts/values/cluster.js';
import type { Counter, Latency } from '../../facts/values/common.js';
import type { BlockDevices, DiskActivity, FsyncProbe, Writers } from '../../facts/values/host.js';
import type {
  BackendCommit,
  Cgroup,
  HostPressure,
  MemberLog,
  ProcessSched,
  Proposals,
  SlowOperations,
} from '../../facts/values/member.js';
import type { Severity } from '../../finding.js';
import type { ThresholdId } from '../../knowledge/thresholds.js';
import { contradicting, type EvidenceInput, necessary, supporting } from '../../rule.js';
import { deviceText } from './device.js';
import { type DiskLoad, diskLoad } from './disk-load.js';
import { fsyncHarm } from './harm.js';
import { began } from './history.js';
import { tailOf } from './latency.js';
import { probeEvidence, stackEvidence } from './storage-stack.js';
import { type CpuVerdict, cpuExplains, hurts, syncSeverity, type WalSync, walSync } from './wal-sync.js';

/** Facts that the rules about slow syncs look at beside `walFsync` and `config`. */
export const slowSyncWants = [
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
  'blockDevices',
  'fsyncProbe',
  'history',
] as const;

export const slowSyncThresholds = [
  'fsync-slow-ms',
  'fsync-harmful-ms',
  'fsync-high-ms',
  'fsync-alert-ms',
  'fsync-critical-ms',
  'fsync-tail-share',
  'commit-slow-ms',
  'device-busy-share',
  'device-etcd-share',
  'device-demand-bytes',
  'device-demand-writes',
] as const satisfies readonly ThresholdId[];

/** Findings that slow syncs account for, whatever makes them slow. */
export const slowSyncExplains = [
  'api-server-waits-for-etcd',
  'backend-commit-slow',
  'leader-flapping',
  'stalled-leader-lease-revocation',
  'slow-follower-lag',
  'proposals-pending-pileup',
  'read-index-slow',
  'apply-backlog',
] as const;

export interface SlowSyncContext {
  readonly subject: { readonly id: string };
  readonly need: { readonly walFsync: Latency; readonly config: Config };
  readonly want: {
    readonly backendCommit?: BackendCommit | undefined;
    readonly walWrite?: Latency | undefined;
    readonly diskActivity?: DiskActivity | undefined;
    readonly writers?: Writers | undefined;
    readonly cgroup?: Cgroup | undefined;
    readonly processSched?: ProcessSched | undefined;
    readonly hostPressure?: HostPressure | undefined;
    readonly log?: MemberLog | undefined;
    readonly heartbeatFailures?: Counter | undefined;
    readonly slowOperations?: SlowOperations | undefined;
    readonly proposals?: Proposals | undefined;
    readonly leaderChanges?: Counter | undefined;
    readonly blockDevices?: BlockDevices | undefined;
    readonly fsyncProbe?: FsyncProbe | undefined;
    readonly history?: History | undefined;
  };
  readonly limit: (id: (typeof slowSyncThresholds)[number]) => number;
}

export interface SlowSync {
  readonly sync: WalSync;
  readonly cpu: CpuVerdict;
  readonly load: DiskLoad;
  readonly severity: Severity;
  /** Necessary for every claim about the disk: slow syncs, and CPU that does not account for them. */
  readonly core: readonly EvidenceInput[];
  /** Commits, kernel's view, consequences. */
  readonly more: readonly EvidenceInput[];
  /** What a measurement of the collector beside the WAL says (--allow-load): fast, it clears the device. */
  readonly probe: readonly EvidenceInput[];
}

/** What all rules about slow WAL syncs judge alike; they differ in who is to blame. */
export const slowSync = (ctx: SlowSyncContext): SlowSync => {
  const { want, limit } = ctx;
  const id = ctx.subject.id;
  const sync = walSync(ctx.need.walFsync, limit('fsync-slow-ms'), limit('fsync-tail-share'));
  const cpu = cpuExplains(sync, want);
  const load = diskLoad(want, id, {
    bytesPerSecond: limit('device-demand-bytes'),
    writesPerSecond: limit('device-demand-writes'),
    busyShare: limit('device-busy-share'),
    etcdShare: limit('device-etcd-share'),
  });
  const awaitMs =
    load.device === undefined ? undefined : Math.max(load.device.writeAwaitMs ?? 0, load.device.flushAwaitMs ?? 0);
  const slowDevice = awaitMs === undefined ? undefined : awaitMs > limit('fsync-slow-ms');
  const electionMs = ctx.need.config.timing[id]?.electionMs;
  const severity = syncSeverity(
    sync,
    {
      harmfulMs: limit('fsync-harmful-ms'),
      highMs: electionMs === undefined ? limit('fsync-high-ms') : electionMs / 10,
      alertMs: limit('fsync-alert-ms'),
      criticalMs: limit('fsync-critical-ms'),
    },
    hurts(want),
    slowDevice === true || load.busy === true,
  );
  const commit =
    want.backendCommit === undefined
      ? undefined
      : tailOf(want.backendCommit, limit('commit-slow-ms'), limit('fsync-tail-share'));
  const write =
    want.walWrite === undefined ? undefined : tailOf(want.walWrite, limit('fsync-slow-ms'), limit('fsync-tail-share'));
  const device = load.device;
  return {
    sync,
    cpu,
    load,
    severity,
    core: [
      necessary(sync.slow, 'WAL syncs take too long', {
        observed: sync.observed,
        threshold: 'fsync-slow-ms',
        from: ['walFsync'],
      }),
      necessary(cpu.explains === undefined ? undefined : !cpu.explains, 'Missing CPU time does not account for it', {
        observed: cpu.observed,
        from: ['cgroup', 'processSched', 'hostPressure'],
      }),
    ],
    more: [
      ...(sync.shifted
        ? [
            supporting(true, 'More than half of the syncs are slow: the whole distribution moved, as a disk moves it', {
              observed: sync.observed,
              threshold: 'fsync-slow-ms',
              from: ['walFsync'],
            }),
          ]
        : []),
      ...(device === undefined || slowDevice === undefined
        ? []
        : slowDevice
          ? [
              supporting(true, 'The kernel sees slow writes or flushes on the device', {
                observed: deviceText(device),
                threshold: 'fsync-slow-ms',
                from: ['diskActivity'],
              }),
            ]
          : [
              contradicting(true, 'The kernel’s own write and flush times of the device are short', {
                observed: deviceText(device),
                from: ['diskActivity'],
                answer:
                  'the delay then arises above the block layer: file system, I/O limit, storage driver or virtualisation',
              }),
            ]),
      ...(commit === undefined
        ? []
        : [
            supporting(commit.slow, 'Backend commits, which sync too, are slow as well', {
              observed: commit.observed,
              threshold: 'commit-slow-ms',
              from: ['backendCommit'],
            }),
          ]),
      ...(write?.slow === true
        ? [
            contradicting(
              true,
              'Writes into the page cache, before any sync, are slow too: that is CPU or memory, not the device',
              {
                observed: write.observed,
                from: ['walWrite'],
              },
            ),
          ]
        : []),
      ...fsyncHarm(want).evidence,
      ...stackEvidence(want.blockDevices, id),
      ...began(
        want.history,
        'wal-fsync-p99',
        id,
        limit('fsync-slow-ms') / 1000,
        `a p99 of the syncs above ${limit('fsync-slow-ms')} ms`,
      ),
    ],
    probe: probeEvidence(want.fsyncProbe, limit('fsync-slow-ms')),
  };
};
