import type { BlockDevice, BlockDevices } from '../../facts/values/host.js';
import type { FsyncProbe } from '../../facts/values/host.js';
import { contradicting, type EvidenceInput, supporting } from '../../rule.js';

/** Drivers of devices on another machine (kernel names). */
const REMOTE = /^(rbd|nbd|drbd|iscsi\w*|nvme[-_](tcp|rdma|fabrics)|aoe)$/;
/** Paravirtual disks call themselves rotational by default, whatever is behind them. */
const VIRTUAL = /^(virtio_blk|virtio|xen.*|vmw_pvscsi|loop|zram)$|^(vd|xvd|loop|dm-|zram|nbd|rbd)/;

/** All devices under the data of a member, as far as they were read. */
const stackOf = (blocks: BlockDevices | undefined, member: string): readonly BlockDevice[] => {
  const all = blocks?.devices ?? [];
  const own = all.filter(({ members }) => members?.includes(member) === true);
  const names = new Set(own.map(({ name }) => name));
  for (let grew = true; grew; ) {
    grew = false;
    for (const device of all) {
      if (!names.has(device.name)) continue;
      for (const below of [...(device.slaves ?? []), ...(device.parent === undefined ? [] : [device.parent])]) {
        if (names.has(below)) continue;
        names.add(below);
        grew = true;
      }
    }
  }
  return all.filter(({ name }) => names.has(name));
};

export interface StorageStack {
  /** A disk with turning platters. */
  readonly rotational: readonly string[];
  /** On another machine. */
  readonly remote: readonly string[];
  /** RAID without a device, or copying to one. */
  readonly degraded: readonly string[];
  /** Device-mapper device whose requests all wait. */
  readonly suspended: readonly string[];
  /** The driver says that the device is gone or does not answer. */
  readonly offline: readonly string[];
  /** SD card or stick. */
  readonly removable: readonly string[];
}

const named = (device: BlockDevice): string =>
  device.model === undefined ? device.name : `${device.name} (${device.model.trim()})`;

/** What the devices under a member's data are; undefined when they were not read. */
export const storageStack = (blocks: BlockDevices | undefined, member: string): StorageStack | undefined => {
  const stack = stackOf(blocks, member);
  if (stack.length === 0) return undefined;
  const those = (is: (device: BlockDevice) => boolean, text = named): string[] => stack.filter(is).map(text);
  return {
    rotational: those(
      (device) =>
        device.rotational === true &&
        device.mapper === undefined &&
        device.raid === undefined &&
        !VIRTUAL.test(device.driver ?? '') &&
        !VIRTUAL.test(device.name),
    ),
    remote: those((device) => REMOTE.test(device.driver ?? '') || /^(rbd|nbd|drbd)\d/.test(device.name)),
    degraded: those(
      ({ raid }) => (raid?.degraded ?? 0) > 0 || /^(resync|recover|reshape|check|repair)$/.test(raid?.syncAction ?? ''),
      ({ name, raid }) =>
        `${name}: ${raid?.level ?? 'RAID'}, ${raid?.degraded ?? 0} missing, ${raid?.syncAction ?? 'idle'}`,
    ),
    suspended: those(
      ({ mapper }) => mapper?.suspended === true,
      ({ name, mapper }) => mapper?.name ?? name,
    ),
    offline: those(
      ({ state }) => /^(offline|blocked|dead|transport-offline|deleting)$/.test(state ?? ''),
      ({ name, state }) => `${name}: ${state ?? ''}`,
    ),
    removable: those(({ removable, name }) => removable === true && !VIRTUAL.test(name)),
  };
};

/** What about the devices makes slow syncs likely: supports a finding that stands on the syncs themselves, and is none by itself. */
export const stackEvidence = (blocks: BlockDevices | undefined, member: string): EvidenceInput[] => {
  const stack = storageStack(blocks, member);
  if (stack === undefined) return [];
  const seen = (list: readonly string[], text: string): EvidenceInput[] =>
    list.length === 0 ? [] : [supporting(true, text, { observed: list.join(', '), from: ['blockDevices'] })];
  return [
    ...seen(stack.rotational, 'A disk with turning platters is under the data'),
    ...seen(stack.remote, 'The device is on another machine'),
    ...seen(stack.degraded, 'The RAID under the data is degraded, or copies'),
    ...seen(stack.suspended, 'A device under the data is suspended: every request waits'),
    ...seen(stack.offline, 'The driver says that a device under the data does not answer'),
    ...seen(stack.removable, 'The medium under the data can be taken out'),
  ];
};

/**
 * What a measurement of fdatasync beside the WAL says about slow syncs of etcd. It ran at another moment, with low priority and outside
 * the control group of etcd: fast, it clears the device; slow, it agrees.
 */
export const probeEvidence = (probe: FsyncProbe | undefined, slowMs: number): EvidenceInput[] => {
  if (probe === undefined || probe.p99Ms === null || probe.p50Ms === null) {
    return probe?.pendingMs != null && probe.pendingMs > slowMs
      ? [
          supporting(true, 'A sync of the collector beside the WAL did not come back', {
            observed: `after ${Math.round(probe.pendingMs)} ms`,
            from: ['fsyncProbe'],
          }),
        ]
      : [];
  }
  const observed = `p50 ${round(probe.p50Ms)} ms, p99 ${round(probe.p99Ms)} ms (${probe.writes} syncs of the collector)`;
  if (probe.p99Ms <= slowMs)
    return [
      contradicting(true, 'Syncs of another process on the same file system are fast: the device can do it', {
        observed,
        threshold: 'fsync-slow-ms',
        from: ['fsyncProbe'],
      }),
    ];
  return probe.p50Ms > slowMs
    ? [
        supporting(true, 'Syncs of another process on the same file system are slow as well', {
          observed,
          threshold: 'fsync-slow-ms',
          from: ['fsyncProbe'],
        }),
      ]
    : [];
};

/** The same measurement, fast, for those who blame something else than the device: the CPU, or a limit of the control group of etcd. */
export const fastElsewhere = (probe: FsyncProbe | undefined, slowMs: number): EvidenceInput[] =>
  probe?.p99Ms == null || probe.p99Ms > slowMs
    ? []
    : [
        supporting(true, 'Outside the process and the control group of etcd, syncs on the same file system are fast', {
          observed: `p99 ${round(probe.p99Ms)} ms (${probe.writes} syncs of the collector)`,
          from: ['fsyncProbe'],
        }),
      ];

const round = (value: number): number => Math.round(value * 10) / 10;
