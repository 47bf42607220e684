import type { HostProcessesArtifact } from '../../../schemas/index.js';
import { absent, defineFact, observed } from '../../fact.js';
import { growth, nameOf, readAll, sourceOf, spanOf, valueIn } from '../access.js';
import { counterOf } from '../views.js';
import type { FactContext } from '../../fact.js';
import type { DeviceActivity, Writers } from '../values/index.js';

type Entry = HostProcessesArtifact['processes'][number];
type Writer = Writers['processes'][number];

const add = (list: readonly (number | null)[]): number | null => {
  const known = list.filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0);
};

/** Bytes per second a member writes to a device: all, WAL only or all but the WAL, by what lies on it. */
const memberShare = (ctx: FactContext, device: DeviceActivity, member: string, rate: number | null): number | null => {
  const roles = device.holds.filter((holding) => holding.member === member).map((holding) => holding.role);
  if (roles.includes('data') && (roles.includes('wal') || !hasOwnWal(ctx, member))) return rate;
  const scrapes = valueIn(ctx.facts.member(member, 'scrapes'));
  const wal = scrapes === null ? null : (counterOf(scrapes, 'etcd_disk_wal_write_bytes_total')?.perSecond ?? null);
  if (roles.includes('wal')) return wal;
  return wal === null || rate === null ? null : Math.max(0, rate - wal);
};

const hasOwnWal = (ctx: FactContext, member: string): boolean =>
  ctx.case
    .artifacts('filesystems', ctx.id)
    .some(({ value }) => value.filesystems.some((each) => each.memberId === member && each.role === 'wal'));

export default defineFact({
  scope: 'host',
  id: 'writers',
  title: 'Who writes to the host’s devices: etcd or others',
  artifacts: ['host-processes', 'process', 'diskstats', 'filesystems', 'metrics'],
  derive: (ctx) => {
    const read = readAll(ctx.case, 'host-processes', ctx.id);
    if (!read.ok) return read;
    const span = spanOf(read.value);
    if (span === null)
      return absent(
        'host-processes',
        `host-processes of ${nameOf(ctx.case, ctx.id)}: read once only, rates need two rounds`,
      );
    const { first, last, seconds } = span;
    const before = new Map(first.value.processes.map((entry) => [`${entry.pid} ${entry.startTicks}`, entry]));
    const owners = new Map<number, string>();
    for (const member of ctx.case.members) {
      const own = ctx.case.artifacts('process', member.id).at(-1);
      if (member.host === ctx.id && own !== undefined) owners.set(own.value.pid, member.id);
    }
    const rate = (entry: Entry, pick: (entry: Entry) => string | undefined): number | null => {
      const earlier = before.get(`${entry.pid} ${entry.startTicks}`);
      const grown = earlier === undefined ? null : growth(pick(entry), pick(earlier));
      return grown === null ? null : grown / seconds;
    };
    const processes = last.value.processes
      .map(
        (entry): Writer => ({
          pid: entry.pid,
          command: entry.command,
          member: owners.get(entry.pid) ?? null,
          writeBytesPerSecond: rate(entry, (each) => each.writeBytes),
          readBytesPerSecond: rate(entry, (each) => each.readBytes),
          cpuCores: (rate(entry, (each) => each.cpuTicks) ?? 0) / last.value.clockTicksPerSecond,
        }),
      )
      .sort(
        (a, b) =>
          (b.writeBytesPerSecond ?? 0) - (a.writeBytesPerSecond ?? 0) || b.cpuCores - a.cpuCores || a.pid - b.pid,
      );
    const writeOf = (member: string): number | null =>
      valueIn(ctx.facts.member(member, 'processSched'))?.writeBytesPerSecond ??
      processes.find((each) => each.member === member)?.writeBytesPerSecond ??
      null;
    const disks = ctx.facts.host(ctx.id, 'diskActivity');
    const devices = (valueIn(disks)?.etcdDevices ?? []).map((device) => {
      const members = [...new Set(device.holds.map((holding) => holding.member))];
      const etcd = add(members.map((member) => memberShare(ctx, device, member, writeOf(member))));
      return {
        name: device.name,
        writeBytesPerSecond: device.writeBytesPerSecond,
        etcdWriteBytesPerSecond: etcd,
        etcdShare:
          etcd === null || device.writeBytesPerSecond <= 0 ? null : Math.min(1, etcd / device.writeBytesPerSecond),
      };
    });
    return observed(
      {
        seconds,
        ioReadable: last.value.ioReadable,
        processes,
        etcdWriteBytesPerSecond: add([...owners.values()].map(writeOf)),
        otherWriteBytesPerSecond: last.value.ioReadable
          ? add(processes.filter((each) => each.member === null).map((each) => each.writeBytesPerSecond))
          : null,
        devices,
        truncated: last.value.truncated,
      },
      [sourceOf(first), sourceOf(last), ...(disks.ok ? disks.source : [])],
    );
  },
});
