import type { DeviceActivity, DiskActivity, Writers } from '../../facts/values/host.js';
import { deviceOf } from './device.js';

/** More requests in flight than this wait for each other; utilisation alone is no saturation on devices that serve in parallel (kernel iostats). */
const QUEUE = 1;

export interface DiskLimits {
  /** Write demand of etcd that is more than the trickle under which a slow device is always busy. */
  readonly bytesPerSecond: number;
  readonly writesPerSecond: number;
  /** Utilisation from which a device with a queue is full. */
  readonly busyShare: number;
  /** Share of the written bytes from which etcd is the one that fills it. */
  readonly etcdShare: number;
}

export interface DiskLoad {
  readonly device: DeviceActivity | undefined;
  /** Requests queue behind each other; undefined when the device was not observed. */
  readonly busy: boolean | undefined;
  /** Share of the bytes written that etcd accounts for; undefined when unknown. */
  readonly etcdShare: number | undefined;
  /** Another workload fills the device; undefined when it cannot be told. */
  readonly contended: boolean | undefined;
  /** etcd's own writes fill it. */
  readonly saturated: boolean | undefined;
  /** Largest writers beside etcd: `rsync (12 MiB/s)`. */
  readonly others: string | undefined;
}

const mib = (value: number): string => `${Math.round((value / 1024 / 1024) * 10) / 10} MiB/s`;

/** What fills the device under a member's WAL. */
export const diskLoad = (
  want: { readonly diskActivity?: DiskActivity | undefined; readonly writers?: Writers | undefined },
  member: string,
  limits: DiskLimits,
): DiskLoad => {
  const device = deviceOf(want.diskActivity, member);
  const busy = device === undefined ? undefined : device.utilisation > limits.busyShare && device.queue > QUEUE;
  const etcdShare = want.writers?.devices.find((candidate) => candidate.name === device?.name)?.etcdShare ?? undefined;
  const demand =
    device !== undefined &&
    (device.writeBytesPerSecond * (etcdShare ?? 0) >= limits.bytesPerSecond ||
      device.writesPerSecond >= limits.writesPerSecond);
  const readers = device !== undefined && device.readBytesPerSecond > device.writeBytesPerSecond * 2;
  const top = want.writers?.processes
    .filter((process) => process.member === null && (process.writeBytesPerSecond ?? 0) > 64 * 1024)
    .slice(0, 3)
    .map((process) => `${process.command} (${mib(process.writeBytesPerSecond ?? 0)})`);
  return {
    device,
    busy,
    etcdShare,
    contended:
      busy === false
        ? false
        : etcdShare === undefined
          ? undefined
          : busy === true && (etcdShare < limits.etcdShare || readers),
    saturated:
      busy === false
        ? false
        : etcdShare === undefined
          ? undefined
          : busy === true && etcdShare >= limits.etcdShare && !readers && demand,
    others: top === undefined || top.length === 0 ? undefined : top.join(', '),
  };
};
