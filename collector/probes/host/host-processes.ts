import { needsLinux } from '../../local-files.js';
import { kernelUnits, parseColonLines, type ProcessStat, processTable } from '../../ports/process.js';
import { defineProbe } from '../../probe.js';
import type { HostProcessesArtifact } from '../../../schemas/index.js';

type Row = HostProcessesArtifact['processes'][number];

const MAX_PROCESSES = 400;

/** Orders by CPU and I/O since start, one MiB counting as one tick: coarse, but the same in every round. */
const weight = ({ cpuTicks, readBytes = '0', writeBytes = '0' }: Row): bigint =>
  BigInt(cpuTicks) + (BigInt(readBytes) + BigInt(writeBytes)) / 1_048_576n;

const rowOf = (stat: ProcessStat, io: string | undefined, pageBytes: number): Row => {
  const { read_bytes: readBytes, write_bytes: writeBytes } = io === undefined ? {} : parseColonLines(io);
  return {
    pid: stat.pid,
    startTicks: stat.startTicks,
    command: stat.command,
    cpuTicks: (BigInt(stat.utimeTicks) + BigInt(stat.stimeTicks)).toString(),
    rssBytes: (BigInt(stat.rssPages) * BigInt(pageBytes)).toString(),
    ...(readBytes === undefined ? {} : { readBytes }),
    ...(writeBytes === undefined ? {} : { writeBytes }),
  };
};

export default defineProbe({
  kind: 'host-processes',
  scope: 'host',
  title: 'CPU and I/O of the processes of the host',
  reads: 'command name (never its arguments), CPU time, memory and I/O counters of the busiest processes',
  permission: 'root for the I/O counters of others; anyone for the rest',
  impact: 'read-only',
  cost: 'cheap',
  phase: 'round',
  appliesTo: needsLinux,
  source: () => '/proc/<pid>/{stat,io} of all processes',
  run: async ({ files }) => {
    const [units, table] = await Promise.all([kernelUnits(files), processTable(files)]);
    // What never got a tick of CPU has done no I/O to speak of; half of all processes are such, and each read costs.
    const active = table.filter((stat) => stat.utimeTicks !== '0' || stat.stimeTicks !== '0');
    const io = files.readPseudo(active.map(({ pid }) => `/proc/${pid}/io`));
    // Even root may be refused a process with more capabilities, and some end during the pass: a few gaps are no denial.
    const ioReadable = io.filter((text) => text === undefined).length <= active.length / 10;
    const rows = active.map((stat, index) => rowOf(stat, io[index], units.pageBytes));
    const busy = rows
      .map((row) => ({ row, weight: weight(row) }))
      .sort((a, b) => (a.weight === b.weight ? a.row.pid - b.row.pid : a.weight < b.weight ? 1 : -1))
      .map(({ row }) => row);
    // For root the gaps are what the kernel gives anybody; `ioReadable` says so to the analyzer.
    const complete = ioReadable || process.geteuid?.() === 0;
    return {
      state: complete ? 'ok' : 'partial',
      ...(complete ? {} : { reason: 'file-access' as const, message: 'I/O counters of other users need root' }),
      source: '/proc/<pid>/{stat,io}',
      parts: [
        {
          content: {
            clockTicksPerSecond: units.clockTicksPerSecond,
            ioReadable,
            processes: busy.slice(0, MAX_PROCESSES),
            truncated: busy.length > MAX_PROCESSES,
          },
        },
      ],
    };
  },
});
