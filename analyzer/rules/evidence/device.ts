import type { DeviceActivity, DiskActivity } from '../../facts/values/host.js';

/** The device that holds the member's WAL (else its data); undefined when the host was not observed. */
export const deviceOf = (activity: DiskActivity | undefined, member: string): DeviceActivity | undefined => {
  const holding = (role: 'wal' | 'data'): DeviceActivity | undefined =>
    activity?.etcdDevices.find((device) => device.holds.some((held) => held.member === member && held.role === role));
  return holding('wal') ?? holding('data');
};

const round = (value: number): string =>
  value >= 10 ? String(Math.round(value)) : String(Math.round(value * 10) / 10);

/** `sda: write 0.4 ms, flush 1.2 ms, 3 % busy` */
export const deviceText = (device: DeviceActivity): string =>
  [
    `${device.name}: `,
    [
      device.writeAwaitMs === null ? undefined : `write ${round(device.writeAwaitMs)} ms`,
      device.flushAwaitMs === null ? undefined : `flush ${round(device.flushAwaitMs)} ms`,
      `${Math.round(device.utilisation * 100)} % busy`,
    ]
      .filter((part) => part !== undefined)
      .join(', '),
  ].join('');
