import type { Threshold } from '../threshold.js';

export const networkThresholds = {
  'rtt-slow-ms': {
    value: 50,
    unit: 'ms',
    source: 'OpenShift etcd practices: p99 of the peer round trip below 50 ms; half of the default heartbeat interval',
    scalesWith: 'the heartbeat interval, where the timers were set for a longer one',
  },
  'rtt-high-ms': { value: 150, unit: 'ms', source: 'etcd mixin etcdMemberCommunicationSlow (p99 > 0.15 s)' },
  'rtt-raised-share': {
    value: 0.6,
    unit: 'share',
    source:
      'own estimate: etcd averages its probes, so links made slow moments ago show the same part of it; far less than the slowest link is another matter',
  },
  'rtt-raised-ms': { value: 10, unit: 'ms', source: 'own estimate: more than a busy host adds to a probe on average' },
  'rtt-connect-ms': {
    value: 10,
    unit: 'ms',
    source: 'own estimate: a TCP connect between members of one region takes less',
  },
  'loss-retransmit-share': {
    value: 0.01,
    unit: 'share',
    source:
      'own estimate: a path between members retransmits below one segment in a thousand; one in a hundred is felt',
  },
  'loss-retransmit-count': {
    value: 20,
    unit: 'count',
    source: 'own estimate: fewer retransmitted segments make no share',
  },
  'loss-rto-count': {
    value: 3,
    unit: 'count',
    source: 'own estimate: retransmission time-outs in the window; on a sound path they hardly happen',
  },
  'mtu-starved-share': {
    value: 0.1,
    unit: 'share',
    source:
      'own estimate: of what the best fed member gets from the leader; measured 0 to 0.01 behind a hole, 0.9 and more without',
  },
  'bandwidth-starved-share': {
    value: 0.7,
    unit: 'share',
    source:
      'own estimate: followers get the same entries; measured 0.14 behind a path of a sixth of the stream, 0.9 and more otherwise',
  },
  'bandwidth-fed-bytes': {
    value: 1_000_000,
    unit: 'bytes',
    source: 'own estimate: about 30 KB/s over the usual window; less fills no path',
  },
  'mtu-fed-bytes': {
    value: 100_000,
    unit: 'bytes',
    source: 'own estimate: well above the heartbeats of a window, so that entries must be among it',
  },
  'loss-rtt-spike-ms': {
    value: 25,
    unit: 'ms',
    source:
      'an eighth (the weight of one probe in its running average) of the least TCP retransmission time-out of Linux, 200 ms',
  },
  'loss-spread': {
    value: 8,
    unit: 'ratio',
    source: 'own estimate: the slowest against the usual round trip of one link',
  },
  'loss-connect-ms': { value: 900, unit: 'ms', source: 'TCP resends a lost SYN after 1 s (RFC 6298)' },
  'loss-send-failures': {
    value: 0.01,
    unit: 'per-second',
    source: 'etcd mixin etcdMembersDown (peer send failures > 0.01/s)',
  },
  'stream-cuts': {
    value: 3,
    unit: 'count',
    source: 'own estimate: so many equal intervals in a row are no accident',
  },
  'campaigns-in-vain': {
    value: 3,
    unit: 'count',
    source:
      'own estimate: split votes rarely happen twice in a row, since election timeouts are random (raft paper, 5.2)',
  },
  'link-trouble-minutes': {
    value: 5,
    unit: 'minutes',
    source:
      'own estimate: rafthttp observes a smoothed round trip, a probe every 5 s weighs an eighth (probing); one of 20 s has faded below 50 ms after four minutes',
  },
} as const satisfies Record<string, Threshold>;
