import type { ArtifactKind } from '../../../schemas/index.js';
import type { ArtifactValue } from '../../bundle/case.js';
import { bytes, percent } from '../../report/format.js';
import {
  type AreaResult,
  type Comparison,
  hostSubject,
  memberSubject,
  type Notebook,
  notebook,
  type Significance,
} from '../change.js';
import { limit } from '../limits.js';
import { matchHosts, present } from '../match.js';
import type { Snapshot } from '../snapshot.js';

const last = <K extends ArtifactKind>(snapshot: Snapshot, kind: K, id: string): ArtifactValue<K> | undefined =>
  snapshot.case.artifacts(kind, id).at(-1)?.value;

type Row = readonly [id: string, title: string, before: string, after: string, significance: Significance];

const text = (value: unknown): string => (value === undefined || value === null ? 'unknown' : String(value));

const osRows = (input: Comparison, a: string, b: string): Row[] => {
  const [then, now] = [last(input.before, 'host-os', a), last(input.after, 'host-os', b)];
  if (then === undefined || now === undefined) return [];
  return [
    ['os', 'Operating system', then.os, now.os, 'low'],
    ['kernel', 'Kernel', then.kernel, now.kernel, 'medium'],
    ['arch', 'Architecture', then.arch, now.arch, 'medium'],
    ['virtualization', 'Hypervisor', text(then.virtualization), text(now.virtualization), 'medium'],
    ['memory', 'Memory', bytes(then.memoryTotalBytes), bytes(now.memoryTotalBytes), 'medium'],
    ['swap', 'Swap', bytes(then.swapTotalBytes), bytes(now.swapTotalBytes), 'low'],
  ];
};

const cpuRows = (input: Comparison, a: string, b: string): Row[] => {
  const [then, now] = [last(input.before, 'host-cpu', a), last(input.after, 'host-cpu', b)];
  if (then === undefined || now === undefined) return [];
  return [
    ['cpus', 'CPUs', String(then.logicalCpus), String(now.logicalCpus), 'high'],
    ['cpu-model', 'CPU model', text(then.model), text(now.model), 'medium'],
  ];
};

const timeRows = (input: Comparison, a: string, b: string): Row[] => {
  const [then, now] = [last(input.before, 'time-sync', a), last(input.after, 'time-sync', b)];
  if (then === undefined || now === undefined) return [];
  return [
    ['clock', 'Clock kept in step', text(then.synchronised), text(now.synchronised), 'medium'],
    ['clocksource', 'Clock source', text(then.clocksource), text(now.clocksource), 'medium'],
  ];
};

/** Settings of the disks under data and WAL, in the order of the stack. */
const diskRows = (input: Comparison, a: string, b: string): Row[] => {
  const [then, now] = [last(input.before, 'block-devices', a), last(input.after, 'block-devices', b)];
  if (then === undefined || now === undefined) return [];
  type Devices = NonNullable<typeof then>;
  const stack = (value: Devices, field: (device: Devices['devices'][number]) => unknown): string =>
    [...new Set(value.devices.map((device) => text(field(device))))].sort().join(', ');
  const row = (
    id: string,
    title: string,
    field: (device: Devices['devices'][number]) => unknown,
    significance: Significance = 'medium',
  ): Row => [id, title, stack(then, field), stack(now, field), significance];
  return [
    row('disk-model', 'Disk model', ({ model }) => model),
    row('disk-kind', 'Rotational disk', ({ rotational }) => rotational, 'high'),
    row('disk-driver', 'Disk driver', ({ driver }) => driver),
    row('scheduler', 'I/O scheduler', ({ scheduler }) => scheduler),
    row('write-cache', 'Write cache', ({ writeCache }) => writeCache),
    row('disk-size', 'Disk size', ({ sizeBytes }) => (sizeBytes === undefined ? undefined : bytes(sizeBytes))),
    row(
      'raid',
      'RAID',
      ({ raid }) => (raid === undefined ? 'none' : `${raid.level ?? ''} ${raid.degraded ?? 0} missing`),
      'high',
    ),
  ];
};

const compareFilesystems = (input: Comparison, a: string, b: string, notes: Notebook): void => {
  const [then, now] = [input.before.facts.host(a, 'filesystems'), input.after.facts.host(b, 'filesystems')];
  if (!then.ok || !now.ok) return;
  for (const fs of now.value.filesystems) {
    const pair = present(input.pairs).find(({ after }) => after.id === fs.member);
    const before = then.value.filesystems.find(({ member, role }) => member === pair?.before.id && role === fs.role);
    if (pair === undefined || before === undefined) continue;
    const of = `of the ${fs.role} of {who}`;
    const options = (list: readonly string[]): string => [...list].sort().join(',');
    for (const [id, title, from, to, significance] of [
      ['type', 'File system', before.fsType, fs.fsType, 'high'],
      ['options', 'Mount options', options(before.options), options(fs.options), 'medium'],
      ['own', 'On the root file system', String(before.onRoot), String(fs.onRoot), 'medium'],
      ['size', 'File system size', bytes(before.totalBytes), bytes(fs.totalBytes), 'low'],
    ] as const)
      notes.value(from, to, {
        id: `${id}/${fs.role}/${pair.after.id}`,
        significance,
        direction: id === 'own' && fs.onRoot ? 'worse' : 'neutral',
        subject: memberSubject(pair.after),
        title,
        text: `${title} ${of}: ${from} in the baseline, ${to} now.`,
      });
    const [was, is] = [before.usedShare, fs.usedShare];
    if (was === null || is === null) continue;
    if (Math.abs(is - was) < limit('space-share')) notes.unchanged();
    else
      notes.change({
        id: `used/${fs.role}/${pair.after.id}`,
        kind: 'changed',
        significance: is > was ? 'low' : 'info',
        direction: is > was ? 'worse' : 'better',
        subject: memberSubject(pair.after),
        title: 'Space used',
        text: `Space used on the file system ${of}: ${percent(was * 100)} in the baseline, ${percent(is * 100)} now.`,
        before: percent(was * 100),
        after: percent(is * 100),
      });
  }
};

const compareProcess = (input: Comparison, notes: Notebook): void => {
  for (const { before, after } of present(input.pairs)) {
    const [then, now] = [last(input.before, 'server-limits', before.id), last(input.after, 'server-limits', after.id)];
    if (then !== undefined && now !== undefined) {
      for (const own of now.limits) {
        const from = then.limits.find(({ name }) => name === own.name);
        if (from === undefined) continue;
        notes.value(from.soft, own.soft, {
          id: `limit-${own.name.toLowerCase().replaceAll(' ', '-')}/${after.id}`,
          significance: 'low',
          direction: 'neutral',
          subject: memberSubject(after),
          title: own.name,
          text: `${own.name} of {who}: ${from.soft} in the baseline, ${own.soft} now.`,
        });
      }
      for (const [id, title] of [
        ['nice', 'Nice value'],
        ['ioClass', 'I/O class'],
        ['oomScoreAdj', 'OOM adjustment'],
        ['cpusAllowed', 'CPUs allowed'],
      ] as const)
        notes.value(text(then[id]), text(now[id]), {
          id: `${id}/${after.id}`,
          significance: 'medium',
          direction: 'neutral',
          subject: memberSubject(after),
          title,
          text: `${title} of {who}: ${text(then[id])} in the baseline, ${text(now[id])} now.`,
        });
    }
    const [a, b] = [input.before.facts.member(before.id, 'cgroup'), input.after.facts.member(after.id, 'cgroup')];
    if (!a.ok || !b.ok) continue;
    const cores = (value: number | null): string => (value === null ? 'none' : `${value} cores`);
    const memory = (value: { readonly limitBytes: string } | null): string =>
      value === null ? 'none' : bytes(value.limitBytes);
    for (const [id, title, from, to] of [
      ['cpu-quota', 'CPU quota of the cgroup', cores(a.value.quotaCores), cores(b.value.quotaCores)],
      ['memory-limit', 'Memory limit of the cgroup', memory(a.value.memory), memory(b.value.memory)],
    ] as const)
      notes.value(from, to, {
        id: `${id}/${after.id}`,
        significance: 'high',
        direction: 'neutral',
        subject: memberSubject(after),
        title,
        text: `${title} of {who}: ${from} in the baseline, ${to} now.`,
      });
  }
};

/** What the members run on: kernel, CPUs, memory, disks, file systems, limits. */
export const hosts = (input: Comparison): AreaResult => {
  const notes = notebook();
  const matched = matchHosts(input.before.case, input.after.case, input.pairs);
  for (const [a, b] of matched) {
    const subject = hostSubject(input.after, b);
    for (const rows of [osRows, cpuRows, timeRows, diskRows])
      for (const [id, title, from, to, significance] of rows(input, a, b))
        notes.value(from, to, {
          id: `${id}/${b}`,
          significance,
          direction: 'neutral',
          subject,
          title,
          text: `${title} of {who}: ${from} in the baseline, ${to} now.`,
        });
    compareFilesystems(input, a, b, notes);
  }
  compareProcess(input, notes);
  for (const { id, name } of input.after.case.hosts)
    if (!matched.some(([, b]) => b === id)) notes.cannot(`Host ${name}`, 'no collector ran on it in the baseline');
  for (const { id, name } of input.before.case.hosts)
    if (!matched.some(([a]) => a === id)) notes.cannot(`Host ${name}`, 'no collector ran on it now');
  return notes.result();
};
