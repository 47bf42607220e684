import { attempt, checkSameProcess, localOf, needsProcess } from '../../local-files.js';
import type { FilesPort } from '../../ports/files.js';
import { kernelUnits, kibibytes, parseColonLines, parseStat } from '../../ports/process.js';
import { defineProbe, ProbeError } from '../../probe.js';
import type { ProcessArtifact } from '../../../schemas/index.js';

const sum = (values: readonly (string | undefined)[]): string =>
  values.reduce((total, value) => total + BigInt(value ?? '0'), 0n).toString();

/**
 * Run-queue and block I/O delay over all threads: /proc/<pid>/schedstat and the delay in /proc/<pid>/stat are those of the main thread
 * alone, and a Go program works in others. Threads that ended are not counted; Go keeps its threads.
 */
const threadCounters = async (
  files: FilesPort,
  base: string,
): Promise<Pick<ProcessArtifact, 'schedstat' | 'blkioDelayTicks'>> => {
  const threads = await attempt(files.list(`${base}/task`));
  if (threads === undefined) return {};
  // Off by default since Linux 5.14 (kernel.task_delayacct): the counter then stays 0 and means nothing.
  const accounting = files.readPseudo(['/proc/sys/kernel/task_delayacct'])[0]?.trim() !== '0';
  const texts = files.readPseudo(threads.flatMap((id) => [`${base}/task/${id}/schedstat`, `${base}/task/${id}/stat`]));
  const sched = texts.flatMap((text, index) => {
    const [run, wait, slices] = index % 2 === 0 ? (text?.trim().split(' ') ?? []) : [];
    return run === undefined || wait === undefined || slices === undefined ? [] : [{ run, wait, slices }];
  });
  const delays = texts.flatMap((text, index) =>
    index % 2 === 1 && text !== undefined ? [parseStat(text)?.blkioDelayTicks] : [],
  );
  return {
    ...(sched.length === 0
      ? {}
      : {
          schedstat: {
            runNs: sum(sched.map(({ run }) => run)),
            waitNs: sum(sched.map(({ wait }) => wait)),
            slices: sum(sched.map(({ slices }) => slices)),
          },
        }),
    ...(accounting ? { blkioDelayTicks: sum(delays) } : {}),
  };
};

const ioCounters = (text: string | undefined): Pick<ProcessArtifact, 'io'> => {
  const lines = parseColonLines(text ?? '');
  const { read_bytes: readBytes, write_bytes: writeBytes, cancelled_write_bytes: cancelledWriteBytes } = lines;
  if (readBytes === undefined || writeBytes === undefined) return {};
  return { io: { readBytes, writeBytes, ...(cancelledWriteBytes === undefined ? {} : { cancelledWriteBytes }) } };
};

export default defineProbe({
  kind: 'process',
  scope: 'member',
  title: 'Counters of the local etcd process',
  reads:
    'state, CPU time, memory, faults, threads, descriptors, I/O, scheduler waits and network counters of its namespace',
  permission: 'root or the user of etcd for descriptors and I/O; anyone for the rest',
  impact: 'read-only',
  cost: 'cheap',
  phase: 'round',
  appliesTo: needsProcess,
  source: ({ local }) => `/proc/${local?.pid ?? '<pid>'}/{stat,status,io,schedstat,fd,net}`,
  run: async ({ target, files }) => {
    const local = localOf(target);
    const base = `/proc/${local.pid}`;
    // One synchronous pass first, so that the counters belong to one moment near the barrier.
    const [stat, status, io, dev, snmp, netstat] = files.readPseudo(
      ['stat', 'status', 'io', 'net/dev', 'net/snmp', 'net/netstat'].map((name) => `${base}/${name}`),
    );
    const row = parseStat(stat ?? '');
    checkSameProcess(local, row?.startTicks);
    if (row === undefined || status === undefined) {
      throw new ProbeError('failed', 'no-such-process', `process ${local.pid} ended while it was read`);
    }
    const [counters, descriptors, namespace, units] = await Promise.all([
      threadCounters(files, base),
      attempt(files.list(`${base}/fd`)),
      attempt(files.readLink(`${base}/ns/net`)),
      kernelUnits(files),
    ]);
    const lines = parseColonLines(status);
    const swapBytes = kibibytes(lines['VmSwap']);
    const complete = descriptors !== undefined && io !== undefined;
    return {
      state: complete ? 'ok' : 'partial',
      ...(complete
        ? {}
        : { reason: 'file-access' as const, message: 'descriptors and I/O need root or the user of etcd' }),
      source: `${base}/{stat,status,io,task,fd,net}`,
      parts: [
        {
          content: {
            pid: local.pid,
            state: row.state,
            startTicks: row.startTicks,
            clockTicksPerSecond: units.clockTicksPerSecond,
            threads: row.threads,
            utimeTicks: row.utimeTicks,
            stimeTicks: row.stimeTicks,
            rssBytes: kibibytes(lines['VmRSS']) ?? '0',
            ...(swapBytes === undefined ? {} : { swapBytes }),
            majorFaults: row.majorFaults,
            ...counters,
            ...(descriptors === undefined ? {} : { openFds: descriptors.length }),
            ...ioCounters(io),
            ...(namespace === undefined ? {} : { netNamespace: namespace.replace(/^net:\[(\d+)\]$/, '$1') }),
            net: {
              ...(dev === undefined ? {} : { dev }),
              ...(snmp === undefined ? {} : { snmp }),
              ...(netstat === undefined ? {} : { netstat }),
            },
          },
        },
      ],
    };
  },
});
