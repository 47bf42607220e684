import type { Scenario } from '../scenario.js';

const family = 'client-load';

/** The clients of a lab run on the machine of its members; on a real site they would not. */
const sameMachine = {
  'cpu-starvation-host': 'clients and members share the cores of one machine here, and the load takes them',
};
const lateAnswers = {
  'read-index-slow': 'reads wait behind the load',
  'apply-backlog': 'entries wait behind the load',
  'proposals-pending-pileup': 'writes wait behind the load',
  'slow-follower-lag': 'followers apply late under the load',
  'backend-commit-slow': 'commits are large or late under the load',
};

/** What clients can do to a cluster that is in order itself. */
export const clientLoadScenarios: readonly Scenario[] = [
  {
    id: 'large-range-reads',
    title: 'clients list 32 MiB without pages, again and again',
    family,
    loads: [{ load: 'kubernetes' }, { load: 'expensive-ranges' }],
    faults: [],
    alone: true,
    truth: {
      causes: ['large-range-reads'],
      verdict: ['investigate'],
      subject: 'any',
      also: {
        ...sameMachine,
        ...lateAnswers,
        'go-gc-pressure': 'every answer passes the heap of the member',
        'leader-flapping': 'a leader without time for its heartbeats may lose the lead',
      },
    },
  },
  {
    id: 'hot-client',
    title: 'one client lists everything without a pause, others do so now and then',
    family,
    loads: [{ load: 'kubernetes' }, { load: 'hot-client' }],
    faults: [],
    alone: true,
    truth: {
      // What is asked is the cause; who asks is what there is to know about it.
      causes: ['large-range-reads', 'hot-single-client'],
      verdict: ['investigate'],
      subject: 'any',
      also: {
        ...sameMachine,
        ...lateAnswers,
        'hot-single-client': 'nearly all comes from one address',
        'go-gc-pressure': 'every answer passes the heap of the member',
        'leader-flapping': 'a leader without time for its heartbeats may lose the lead',
      },
    },
  },
  {
    id: 'large-values',
    title: 'values of 1 MiB, eight each second',
    family,
    loads: [{ load: 'kubernetes' }, { load: 'large-values', params: { totalMb: 400 } }],
    faults: [],
    warmUp: 3,
    settle: 5,
    alone: true,
    truth: {
      causes: ['large-values-or-txns'],
      verdict: ['investigate'],
      subject: 'any',
      also: {
        ...sameMachine,
        ...lateAnswers,
        'disk-saturated-by-etcd': 'the values go through the log and the database of every member',
        'go-gc-pressure': 'every value passes the heap of every member',
        'compaction-latency-spikes': 'the load compacts often, so that the database stays small',
        'leader-flapping': 'a leader that is busy writing may lose the lead',
      },
    },
  },
  {
    id: 'write-overload',
    title: 'fifteen hundred writers that never wait',
    family,
    loads: [{ load: 'kubernetes' }, { load: 'write-overload' }],
    faults: [],
    warmUp: 3,
    settle: 5,
    alone: true,
    truth: {
      causes: ['write-rate-overload'],
      verdict: ['investigate'],
      subject: 'any',
      also: {
        ...sameMachine,
        ...lateAnswers,
        'disk-saturated-by-etcd': 'every write is a sync',
        'leader-flapping': 'a leader without time for its heartbeats may lose the lead',
      },
    },
  },
  {
    id: 'lease-expiry-storm',
    title: 'four thousand leases expire together every twelve seconds',
    family,
    loads: [{ load: 'kubernetes' }, { load: 'lease-storm' }],
    faults: [],
    warmUp: 14,
    alone: true,
    truth: {
      causes: ['lease-expiry-storm'],
      verdict: ['investigate'],
      subject: 'any',
      also: {
        ...sameMachine,
        ...lateAnswers,
        'write-rate-overload': 'grants, puts and revocations are writes',
      },
    },
  },
  {
    id: 'lease-keepalive-overload',
    title: 'tens of thousands of lease renewals per second',
    family,
    loads: [{ load: 'kubernetes' }, { load: 'lease-keepalive', params: { rate: 30_000, outstanding: 2_000 } }],
    faults: [],
    alone: true,
    truth: {
      causes: ['lease-keepalive-overload'],
      verdict: ['investigate'],
      subject: 'any',
      also: { ...sameMachine, ...lateAnswers },
    },
  },
  {
    id: 'slow-watchers',
    title: 'watchers that stop reading, on what is written all the time',
    family,
    loads: [{ load: 'kubernetes' }, { load: 'watch-flood', params: { watchers: 1_500 } }],
    faults: [],
    truth: { causes: ['slow-or-too-many-watchers'], verdict: ['investigate'], subject: 'any' },
  },
  {
    id: 'many-watchers',
    title: 'nine thousand watchers, all of them up to date',
    family,
    loads: [{ load: 'kubernetes' }, { load: 'watch-flood', params: { watchers: 9_000, slow: 0 } }],
    faults: [],
    alone: true,
    // Worth a notice, harmless as it is.
    truth: { causes: [], verdict: ['healthy'], subject: 'any' },
  },
  {
    id: 'watch-stream-starvation',
    title: 'watches share their TLS connections with large lists, on a release that lets the lists go first',
    family,
    cluster: { tls: 'mtls' },
    loads: [{ load: 'kubernetes' }, { load: 'shared-connection' }],
    faults: [],
    versions: ['3.4'],
    alone: true,
    truth: {
      causes: ['watch-stream-starvation', 'large-range-reads'],
      verdict: ['investigate'],
      subject: 'any',
      also: {
        ...sameMachine,
        ...lateAnswers,
        'large-range-reads': 'the lists are what the watches wait for',
        'watch-stream-starvation': 'the watches are late',
        'slow-or-too-many-watchers': 'the watches are behind',
        'known-cve-exposed': 'rests on the version and the settings alone',
        'go-gc-pressure': 'every answer passes the heap of the member',
        'leader-flapping': 'a leader without time for its heartbeats may lose the lead',
      },
    },
  },
  {
    id: 'watch-from-compacted-revision',
    title: 'a client watches from a revision that is compacted, five times a second',
    family,
    loads: [{ load: 'kubernetes' }, { load: 'watch-compacted' }],
    faults: [],
    truth: {
      // The answer travels within the stream: no counter and no line of etcd tells it from a watch that a client ended.
      causes: [],
      verdict: ['healthy', 'inconclusive'],
      subject: 'any',
      also: { 'watch-compacted-revision': 'that is what happens; only the client knows' },
    },
  },
  {
    id: 'read-at-compacted-revision',
    title: 'a client goes on reading pages of a revision that is compacted, five times a second',
    family,
    loads: [{ load: 'kubernetes' }, { load: 'watch-compacted', params: { ranges: true } }],
    faults: [],
    quick: true,
    truth: { causes: ['watch-compacted-revision'], verdict: ['investigate'], subject: 'any' },
  },
  {
    id: 'request-too-large',
    title: 'a client writes values above the request limit, and tries again for ever',
    family,
    loads: [{ load: 'kubernetes' }, { load: 'request-too-large' }],
    faults: [],
    truth: { causes: ['request-too-large'], verdict: ['investigate'], subject: 'any' },
  },
];
