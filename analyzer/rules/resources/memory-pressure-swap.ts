import { contradicting, defineRule, inconclusive, necessary, supporting } from '../../rule.js';
import {
  responsiveness,
  responsivenessThresholds,
  responsivenessWants,
  starvedExplains,
} from '../evidence/responsiveness.js';

const gib = (bytes: string | null | undefined): string =>
  bytes === null || bytes === undefined ? 'unknown' : `${Math.round(Number(BigInt(bytes) >> 20n) / 102.4) / 10} GiB`;

export default defineRule({
  id: 'memory-pressure-swap',
  title: 'Memory pressure: reclaim, swap or db pages evicted',
  category: 'resources',
  role: 'cause',
  scope: 'member',
  why: 'etcd maps its database into memory; when pages are swapped or evicted, reads and commits wait for the disk in the middle of a request.',
  needs: ['hostPressure'],
  wants: [...responsivenessWants, 'memory', 'processSched', 'cgroup', 'storage', 'process'],
  explains: [...starvedExplains, 'cpu-starvation-host', 'disk-stall-intermittent'],
  messages: {
    pressed:
      'The host of {subject} is short of memory ({pressure} of the time some task waits for it) and etcd pays for it: {sign}.',
    limit:
      'The memory limit of {subject} is used up ({used}), and pages of its database are read back from disk {faults} times per second.',
    host: 'The host of {subject} is short of memory ({pressure} of the time some task waits for it); etcd itself is not seen to wait.',
  },
  basis: 'direct',
  remedy: [
    {
      text: 'See what uses the memory',
      tag: 'read-only',
      command: 'ps -eo pid,rss,comm --sort=-rss | head; cat /proc/pressure/memory; vmstat 1 10',
    },
    {
      text: 'When the member leads, move leadership away',
      tag: 'brief-interruption',
      command: 'etcdctl --endpoints=<leader> move-leader <id of another member>',
    },
    { text: 'Move or limit the neighbours that use the memory', tag: 'brief-interruption' },
    { text: 'Switch swap off once enough memory is free', tag: 'disruptive', command: 'swapoff -a' },
    {
      text: 'Give the node memory for the quota, the Go heap and the page cache, one member at a time',
      tag: 'restarts',
    },
  ],
  doNot: [
    'switch swap off while memory is short: the kernel would kill processes instead',
    'set a tight memory limit for etcd: its page cache counts too',
  ],
  owner: 'infrastructure',
  alternatives: [
    { rule: 'disk-slow-device', why: 'Syncs would be slow without major faults or swapping.' },
    { rule: 'go-gc-pressure', why: 'The heap of etcd itself would be large, and the host would have memory left.' },
    { rule: 'oom-killed', why: 'The process would be gone or newly started.' },
  ],
  wouldDisprove: ['no swapping, no major faults of the etcd process and memory pressure near zero in the window'],
  nextEvidence: [{ what: 'memory by process and the trend of MemAvailable', command: 'sar -r -B 10 6' }],
  thresholds: [
    ...responsivenessThresholds,
    'memory-pressure-percent',
    'memory-pressure-full-percent',
    'major-faults',
    'memory-limit-share',
    'major-faults-limited',
  ],
  evaluate: ({ need: { hostPressure }, want, limit }) => {
    const pressure = hostPressure.memory;
    const held = want.cgroup?.levels.find((level) => (level.memoryShare ?? 0) >= limit('memory-limit-share'));
    const refaults = want.processSched?.majorFaultsPerSecond ?? 0;
    if (held !== undefined && refaults >= limit('major-faults-limited')) {
      const late = responsiveness(want, limit);
      return [
        {
          message: 'limit',
          data: { used: `${Math.round((held.memoryShare ?? 0) * 100)} %`, faults: String(Math.round(refaults)) },
          severity: late.grave ? 'high' : 'warning',
          evidence: [
            necessary(true, 'Its control group is at its memory limit', {
              observed: `${gib(held.memoryUsageBytes)} of ${gib(held.memoryLimitBytes)}`,
              threshold: 'memory-limit-share',
              from: ['cgroup'],
            }),
            necessary(true, 'etcd reads pages back from disk all the time', {
              observed: `${Math.round(refaults)} major faults/s`,
              threshold: 'major-faults-limited',
              from: ['processSched'],
            }),
            ...late.evidence,
          ],
        },
      ];
    }
    if (pressure === null) return inconclusive('the kernel reports no memory pressure');
    const some = pressure.some.windowPercent ?? pressure.some.avg60;
    const full = pressure.full?.windowPercent ?? pressure.full?.avg60 ?? 0;
    const swap = (want.memory?.swapInPerSecond ?? 0) + (want.memory?.swapOutPerSecond ?? 0);
    const faults = want.processSched?.majorFaultsPerSecond ?? undefined;
    const swapped = want.processSched?.swapBytes ?? undefined;
    const harm = responsiveness(want, limit);
    const faulting = faults === undefined ? undefined : faults >= limit('major-faults');
    const inSwap = swapped === undefined ? undefined : BigInt(swapped) > 0n && swap > 0;
    // With most of the memory free, the pressure is that of some cgroup: it is etcd's only when etcd itself waits for pages.
    const roomy = (want.memory?.availableShare ?? 0) > 0.5;
    const thrashing = (faults ?? 0) >= limit('major-faults-limited');
    const pays = inSwap === true || thrashing || ((faulting === true || harm.hurt === true) && !roomy);
    const sign =
      faulting === true
        ? `${Math.round(faults ?? 0)} major faults per second`
        : inSwap === true
          ? 'part of it is in swap'
          : 'it is late';
    return [
      {
        message: pays ? 'pressed' : 'host',
        data: { pressure: `${Math.round(some * 10) / 10} %`, ...(pays ? { sign } : {}) },
        severity: !pays ? 'info' : swap > 0 || full >= limit('memory-pressure-full-percent') ? 'high' : 'warning',
        role: pays ? 'cause' : 'notice',
        evidence: [
          necessary(
            some >= limit('memory-pressure-percent') || full >= limit('memory-pressure-full-percent'),
            'Tasks of the host wait for memory',
            {
              observed: `some ${Math.round(some * 10) / 10} %, all ${Math.round(full * 10) / 10} %`,
              threshold: 'memory-pressure-percent',
              from: ['hostPressure'],
            },
          ),
          ...(faulting === undefined
            ? []
            : [
                supporting(faulting, 'etcd reads pages back from disk', {
                  observed: `${Math.round((faults ?? 0) * 10) / 10} major faults/s`,
                  threshold: 'major-faults',
                  from: ['processSched'],
                }),
              ]),
          ...(want.memory === undefined
            ? []
            : [
                supporting(swap > 0 ? true : undefined, 'The host swaps', {
                  observed: `${Math.round(swap)} pages/s`,
                  limit: '0',
                  from: ['memory'],
                }),
                contradicting(roomy, 'More than half of the memory is available', {
                  observed: gib(want.memory.availableBytes),
                  from: ['memory'],
                  answer: 'the pressure then comes from a limit of a cgroup, not from the host',
                }),
              ]),
          ...harm.evidence,
        ],
      },
    ];
  },
});
