import type { Case } from '../../bundle/case.js';
import { defineFact, observed } from '../../fact.js';
import { readAll, sourceOf } from '../access.js';
import type { KernelEventKind, KernelEvents } from '../values/index.js';

/** Kernel message fragments; the first match decides. */
const patterns: readonly (readonly [KernelEventKind, RegExp])[] = [
  ['oom', /out of memory|oom-kill|invoked oom-killer|oom_reaper/i],
  ['readonly-remount', /remounting filesystem read-only|re-mounted\. opts: .*\bro\b|forced readonly/i],
  ['filesystem-error', /(ext[234]-fs|xfs|btrfs|jbd2|f2fs|zfs)\b.*(error|corrupt|abort|shutdown|failed)/i],
  [
    'io-error',
    /i\/o error|blk_update_request|critical (medium|target|space) error|medium error|buffer i\/o|nvme.*(timeout|reset|abort)|ata\d+.*(exception|failed command|reset)|lost page write|rejecting i\/o|path.*fail/i,
  ],
  ['hung-task', /blocked for more than \d+ seconds|hung_task/i],
  ['lockup', /soft lockup|hard lockup|rcu.*stall|rcu_sched.*detected|nmi watchdog/i],
  ['hardware-error', /machine check|hardware error|\bmce\b|edac.*(error|\bce\b|\bue\b)|memory failure/i],
  ['link-down', /link is down|link becomes not ready|nic link is down|carrier lost/i],
  ['time-jump', /clocksource.*(unstable|watchdog|skew)|time has been changed|clock jump/i],
];

const maxEvents = 500;
const maxLine = 500;

/** Epoch ms of a line: an ISO or ctime prefix, or seconds since boot with the boot time of host-os. */
const timeOf = (line: string, bootMs: number | null): number | null => {
  const iso = /^\[?(\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z|[+-]\d\d:?\d\d)?)/.exec(line)?.[1];
  if (iso !== undefined) {
    const text = iso
      .replace(',', '.')
      .replace(' ', 'T')
      .replace(/(\.\d{3})\d+/, '$1')
      .replace(/([+-]\d\d)(\d\d)$/, '$1:$2');
    const time = Date.parse(/(Z|[+-]\d\d:\d\d)$/.test(text) ? text : `${text}Z`);
    return Number.isNaN(time) ? null : time;
  }
  const ctime = /^\[[A-Z][a-z]{2} ([A-Z][a-z]{2}) +(\d{1,2}) (\d\d:\d\d:\d\d) (\d{4})\]/.exec(line);
  if (ctime !== null) {
    const time = Date.parse(`${ctime[2]} ${ctime[1]} ${ctime[4]} ${ctime[3]} UTC`);
    return Number.isNaN(time) ? null : time;
  }
  const kmsg = /^\d+,\d+,(\d+),/.exec(line)?.[1];
  const uptime = /^(?:<\d+>)?\[\s*(\d+\.\d+)\]/.exec(line)?.[1];
  const seconds = kmsg === undefined ? Number(uptime) : Number(kmsg) / 1e6;
  return bootMs === null || (kmsg === undefined && uptime === undefined) ? null : bootMs + seconds * 1000;
};

const bootOf = (input: Case, host: string): number | null => {
  const os = input.artifacts('host-os', host).at(-1)?.value;
  const time = os === undefined ? Number.NaN : Date.parse(os.time);
  return os === undefined || Number.isNaN(time) ? null : time - os.uptimeSeconds * 1000;
};

export default defineFact({
  scope: 'host',
  id: 'kernelEvents',
  title: 'Kernel messages about memory, devices, file systems and stalls',
  artifacts: ['kernel-log', 'host-os'],
  derive: (ctx) => {
    const read = readAll(ctx.case, 'kernel-log', ctx.id);
    if (!read.ok) return read;
    const artifact = read.value.at(-1) ?? read.value[0];
    const boot = bootOf(ctx.case, ctx.id);
    const events: KernelEvents['events'][number][] = [];
    const counts: Partial<Record<KernelEventKind, number>> = {};
    let truncated = false;
    artifact.value.split('\n').forEach((whole, i) => {
      const line = whole.slice(0, maxLine);
      // The collector heads the file with a line of its own.
      if (line.trim() === '' || line.startsWith('# ')) return;
      const kind = patterns.find(([, pattern]) => pattern.test(line))?.[0] ?? 'other';
      counts[kind] = (counts[kind] ?? 0) + 1;
      if (events.length >= maxEvents) {
        truncated = true;
        return;
      }
      events.push({
        kind,
        at: timeOf(line, boot),
        line: i + 1,
        text: line,
        etcd: /\betcd\b/.test(line),
        device:
          /\b(?:dev|device|on dev)[ =]+\(?([a-z]+[a-z0-9-]*)|\((sd[a-z]+\d*|nvme\d+n\d+(?:p\d+)?|vd[a-z]+\d*|dm-\d+)\)/
            .exec(line)
            ?.slice(1)
            .find((name) => name !== undefined) ?? null,
      });
    });
    return observed({ events, counts, truncated }, [sourceOf(artifact)]);
  },
});
