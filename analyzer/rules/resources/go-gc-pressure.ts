import { defineRule, inconclusive, necessary } from '../../rule.js';
import {
  mib,
  rate,
  responsiveness,
  responsivenessThresholds,
  responsivenessWants,
} from '../evidence/responsiveness.js';

export default defineRule({
  id: 'go-gc-pressure',
  title: 'Large Go heap makes garbage collection expensive',
  category: 'resources',
  role: 'cause',
  scope: 'member',
  why: 'Collecting a large or fast growing heap takes CPU time from requests and heartbeats.',
  needs: ['process'],
  wants: [...responsivenessWants],
  explains: ['cpu-starvation-host', 'read-index-slow', 'apply-backlog'],
  messages: {
    costly:
      'Garbage collection weighs on {subject}: heap {heap}, {alloc} allocated per second, {gc} collections per second.',
    large:
      '{subject} has a large heap or allocates fast (heap {heap}, {alloc} per second), without proof of harm in the window.',
  },
  basis: 'inferred',
  remedy: [
    {
      text: 'Find out what fills the heap',
      tag: 'read-only',
      command: 'curl -s <client url>/debug/pprof/heap > heap.pb.gz   # with --enable-pprof; go tool pprof heap.pb.gz',
    },
    { text: 'Page through large lists, and open fewer watches and leases', tag: 'brief-interruption' },
    {
      text: 'Lower --snapshot-count before 3.6 so that fewer entries stay in memory, one member at a time',
      tag: 'restarts',
      command: 'etcd --snapshot-count=10000',
    },
    { text: 'Upgrade to the latest patch release of the minor in use, one member at a time', tag: 'restarts' },
  ],
  doNot: ['set GOMEMLIMIT below what is alive on the heap: collection would never end'],
  owner: 'application',
  alternatives: [
    { rule: 'large-range-reads', why: 'The allocation follows the size of answers: then those are the cause.' },
    { rule: 'memory-pressure-swap', why: 'The host would be short of memory while the heap of etcd is ordinary.' },
    { rule: 'cpu-cgroup-throttling', why: 'The cgroup would count throttled periods.' },
  ],
  wouldDisprove: ['a CPU profile in which garbage collection is a small part'],
  nextEvidence: [{ what: 'a CPU and a heap profile during the load', command: 'etcd --enable-pprof' }],
  thresholds: [...responsivenessThresholds, 'heap-large-bytes', 'alloc-bytes', 'gc-rate', 'gc-pause-ms'],
  evaluate: ({ need: { process }, want, limit }) => {
    const heap = process.heapInuseBytes?.max;
    const alloc = process.allocBytesPerSecond ?? undefined;
    const gc = process.gcPerSecond ?? undefined;
    const pauseMs = process.gcMaxPauseSeconds === null ? undefined : process.gcMaxPauseSeconds * 1000;
    if (heap === undefined && alloc === undefined) return inconclusive('the metrics hold neither heap nor allocation');
    const harm = responsiveness(want, limit);
    const hurt = harm.hurt === true;
    return [
      {
        message: hurt ? 'costly' : 'large',
        data: {
          heap: heap === undefined ? 'unknown' : mib(heap),
          alloc: alloc === undefined ? 'unknown' : mib(alloc),
          ...(hurt ? { gc: gc === undefined ? 'unknown' : String(Math.round(gc * 10) / 10) } : {}),
        },
        severity: hurt ? 'warning' : 'info',
        role: hurt ? 'cause' : 'notice',
        evidence: [
          necessary(
            (heap ?? 0) >= limit('heap-large-bytes') || (alloc ?? 0) >= limit('alloc-bytes'),
            'The heap is large, or garbage piles up fast',
            {
              observed: `heap ${heap === undefined ? 'unknown' : mib(heap)}, ${alloc === undefined ? 'unknown' : mib(alloc)}/s allocated`,
              threshold: 'heap-large-bytes',
              from: ['process'],
            },
          ),
          necessary(
            gc === undefined && pauseMs === undefined
              ? undefined
              : (gc ?? 0) >= limit('gc-rate') || (pauseMs ?? 0) >= limit('gc-pause-ms'),
            'It is collected often, or with long pauses',
            {
              observed: `${gc === undefined ? 'unknown rate' : rate(gc)}, longest pause ${pauseMs === undefined ? 'unknown' : `${Math.round(pauseMs * 10) / 10} ms`}`,
              threshold: 'gc-rate',
              from: ['process'],
            },
          ),
          ...harm.evidence,
        ],
      },
    ];
  },
});
