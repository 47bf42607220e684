import type { ProcessArtifact } from '../../../schemas/index.js';
import { defineFact, observed } from '../../fact.js';
import { growth, readAll, spanOf } from '../access.js';

const sameProcess = (before: { value: ProcessArtifact }, after: { value: ProcessArtifact }): boolean =>
  before.value.pid === after.value.pid && before.value.startTicks === after.value.startTicks;

export default defineFact({
  scope: 'member',
  id: 'processSched',
  title: 'CPU, run-queue wait, I/O delay and state of the process as the kernel accounts them',
  artifacts: ['process'],
  derive: (ctx) => {
    const read = readAll(ctx.case, 'process', ctx.id);
    if (!read.ok) return read;
    const span = spanOf(read.value, sameProcess);
    const last = (span?.last ?? read.value.at(-1) ?? read.value[0]).value;
    const first = span?.first.value ?? null;
    const seconds = span?.seconds ?? null;
    const rate = (pick: (value: ProcessArtifact) => string | undefined): number | null => {
      const grown = first === null ? null : growth(pick(last), pick(first));
      return grown === null || seconds === null ? null : grown / seconds;
    };
    const ticks = last.clockTicksPerSecond;
    const user = rate((value) => value.utimeTicks);
    const system = rate((value) => value.stimeTicks);
    const run = rate((value) => value.schedstat?.runNs);
    const wait = rate((value) => value.schedstat?.waitNs);
    const blkio = rate((value) => value.blkioDelayTicks);
    const states = read.value.map(({ value }) => value.state);
    return observed(
      {
        host: ctx.case.members.find((member) => member.id === ctx.id)?.host ?? null,
        seconds,
        cpuCores: user === null || system === null || ticks <= 0 ? null : (user + system) / ticks,
        runQueueWaitShare: wait === null ? null : wait / 1e9,
        waitOfRunnable: wait === null || run === null || wait + run <= 0 ? null : wait / (wait + run),
        blkioDelayShare: blkio === null || ticks <= 0 ? null : blkio / ticks,
        majorFaultsPerSecond: rate((value) => value.majorFaults),
        writeBytesPerSecond: rate((value) => value.io?.writeBytes),
        readBytesPerSecond: rate((value) => value.io?.readBytes),
        states: states.filter((state, i) => state !== states[i - 1]),
        // 't' is a stop under a tracer, which also happens for moments while a debugger or strace is attached.
        stopped: states.includes('T'),
        lastStoppedAt: read.value.findLast(({ value }) => value.state === 'T')?.startedAt ?? null,
        zombie: states.includes('Z'),
        threads: last.threads,
        openFds: last.openFds ?? null,
        swapBytes: last.swapBytes ?? null,
        restarted: read.value.some((round, i) => {
          const before = read.value[i - 1];
          return before !== undefined && before.bundleId === round.bundleId && !sameProcess(before, round);
        }),
      },
      read.source,
    );
  },
});
