import type { Case } from '../../bundle/case.js';
import { absent, defineFact, observed } from '../../fact.js';
import { nameOf, readAll, sourceOf, spanOf } from '../access.js';
import type { DeviceActivity } from '../values/index.js';
import { type DiskLine, diskLines, grown } from './proc-text.js';

type Holding = DeviceActivity['holds'][number];
type BlockDevice = {
  readonly name: string;
  readonly device: string;
  readonly parent?: string;
  readonly slaves?: string[];
  readonly rotational?: boolean;
  readonly model?: string;
  readonly sizeBytes?: string;
};

/** Sectors of diskstats are 512 bytes whatever the device's own sector size (kernel iostats.rst). */
const sector = 512;

const devicesOf = (input: Case, host: string): Map<string, BlockDevice> => {
  const devices = new Map<string, BlockDevice>();
  for (const { value } of input.artifacts('block-devices', host))
    for (const device of value.devices) devices.set(device.name, device);
  return devices;
};

/** Whole disk, dm/md members: everything a request to `name` goes through. */
const chainOf = (devices: ReadonlyMap<string, BlockDevice>, name: string): string[] => {
  const chain: string[] = [];
  const open = [name];
  for (let next = open.pop(); next !== undefined && chain.length < 64; next = open.pop()) {
    if (chain.includes(next)) continue;
    chain.push(next);
    const device = devices.get(next);
    if (device?.parent !== undefined) open.push(device.parent);
    open.push(...(device?.slaves ?? []));
  }
  return chain;
};

/** Device name -> members whose data or WAL file system is on it, directly or through what lies on top. */
const holdings = (
  input: Case,
  host: string,
  devices: ReadonlyMap<string, BlockDevice>,
  lines: ReadonlyMap<string, DiskLine>,
): Map<string, Holding[]> => {
  const byNumber = new Map<string, string>();
  for (const line of lines.values()) byNumber.set(line.device, line.name);
  for (const device of devices.values()) byNumber.set(device.device, device.name);
  const held = new Map<string, Holding[]>();
  for (const { value } of input.artifacts('filesystems', host)) {
    for (const { memberId, role, device } of value.filesystems) {
      const name = byNumber.get(device);
      for (const below of name === undefined ? [] : chainOf(devices, name)) {
        const list = held.get(below) ?? [];
        if (!list.some((each) => each.member === memberId && each.role === role)) list.push({ member: memberId, role });
        held.set(below, list);
      }
    }
  }
  return held;
};

const activityOf = (
  last: DiskLine,
  first: DiskLine,
  seconds: number,
): Omit<DeviceActivity, 'holds' | 'below' | 'rotational' | 'model' | 'sizeBytes'> | null => {
  const delta = (i: number): number | null => grown(last.fields[i], first.fields[i]);
  const reads = delta(0);
  const writes = delta(4);
  const readTicks = delta(3);
  const writeTicks = delta(7);
  const busy = delta(9);
  const weighted = delta(10);
  if (reads === null || writes === null || busy === null) return null;
  const flushes = delta(15);
  const flushTicks = delta(16);
  const mean = (ticks: number | null, count: number | null): number | null =>
    ticks === null || count === null || count <= 0 ? null : ticks / count;
  return {
    name: last.name,
    device: last.device,
    readsPerSecond: reads / seconds,
    writesPerSecond: writes / seconds,
    readBytesPerSecond: ((delta(2) ?? 0) * sector) / seconds,
    writeBytesPerSecond: ((delta(6) ?? 0) * sector) / seconds,
    readAwaitMs: mean(readTicks, reads),
    writeAwaitMs: mean(writeTicks, writes),
    flushAwaitMs: mean(flushTicks, flushes),
    flushesPerSecond: flushes === null ? null : flushes / seconds,
    utilisation: Math.min(1, busy / (seconds * 1000)),
    queue: (weighted ?? 0) / (seconds * 1000),
  };
};

export default defineFact({
  scope: 'host',
  id: 'diskActivity',
  title: 'Requests, latency and utilisation of the host’s block devices',
  artifacts: ['diskstats', 'block-devices', 'filesystems'],
  derive: (ctx) => {
    const read = readAll(ctx.case, 'diskstats', ctx.id);
    if (!read.ok) return read;
    const span = spanOf(read.value);
    if (span === null)
      return absent('diskstats', `diskstats of ${nameOf(ctx.case, ctx.id)}: read once only, rates need two rounds`);
    const first = diskLines(span.first.value);
    const last = diskLines(span.last.value);
    const blocks = devicesOf(ctx.case, ctx.id);
    const held = holdings(ctx.case, ctx.id, blocks, last);
    const devices: DeviceActivity[] = [];
    for (const line of last.values()) {
      const before = first.get(line.name);
      const activity =
        before === undefined || before.device !== line.device ? null : activityOf(line, before, span.seconds);
      const holds = held.get(line.name) ?? [];
      if (activity === null || (holds.length === 0 && activity.readsPerSecond + activity.writesPerSecond === 0))
        continue;
      const block = blocks.get(line.name);
      devices.push({
        ...activity,
        rotational: block?.rotational ?? null,
        model: block?.model ?? null,
        sizeBytes: block?.sizeBytes ?? null,
        below: chainOf(blocks, line.name).slice(1),
        holds,
      });
    }
    devices.sort((a, b) => b.utilisation - a.utilisation || (a.name < b.name ? -1 : 1));
    return observed(
      { seconds: span.seconds, devices, etcdDevices: devices.filter((device) => device.holds.length > 0) },
      [sourceOf(span.first), sourceOf(span.last)],
    );
  },
});
