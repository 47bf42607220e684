import type { CaseMember } from '../../bundle/case.js';
import { absent, defineFact, type FactContext, observed, type Source } from '../../fact.js';
import { memberIdOf, sourceOf, unique, valueIn } from '../access.js';
import { attemptStats, counterOf, gaugeOf, labelValues, latencyOf, metricSource } from '../views.js';
import type { Counter, Gauge, Latency, PeerLink, PeerMatrix, Scrapes } from '../values/index.js';

const rtt = 'etcd_network_peer_round_trip_time_seconds';
const names = {
  sendFailures: 'etcd_network_peer_sent_failures_total',
  receiveFailures: 'etcd_network_peer_received_failures_total',
  disconnects: 'etcd_network_disconnected_peers_total',
  active: 'etcd_network_active_peers',
  sent: 'etcd_network_peer_sent_bytes_total',
  received: 'etcd_network_peer_received_bytes_total',
} as const;

/** The label value by which a member names a peer (hex without leading zeros); peers that no series names stay out. */
const labelFor = (scrapes: Scrapes, metric: string, label: string, peer: string): string | null =>
  labelValues(scrapes, metric, label).find((value) => memberIdOf(value) === peer) ?? null;

const linkOf = (scrapes: Scrapes, from: string, to: string): PeerLink => {
  const counter = (metric: string, label: string): Counter | null => {
    const value = labelFor(scrapes, metric, label, to);
    return value === null ? null : counterOf(scrapes, metric, { [label]: value });
  };
  const latency = (): Latency | null => {
    const value = labelFor(scrapes, `${rtt}_count`, 'To', to);
    return value === null ? null : latencyOf(scrapes, rtt, { labels: { To: value } });
  };
  const active = (): Gauge | null => {
    const value = labelFor(scrapes, names.active, 'Remote', to);
    return value === null ? null : gaugeOf(scrapes, names.active, { Remote: value });
  };
  return {
    from,
    to,
    rtt: latency(),
    sendFailures: counter(names.sendFailures, 'To'),
    receiveFailures: counter(names.receiveFailures, 'From'),
    disconnects: counter(names.disconnects, 'Remote'),
    active: active(),
    sentBytes: counter(names.sent, 'To'),
    receivedBytes: counter(names.received, 'From'),
  };
};

/** Peers that the metrics of a member name at all. */
const peersOf = (scrapes: Scrapes, self: string): string[] => {
  const labels = [
    ...labelValues(scrapes, `${rtt}_count`, 'To'),
    ...labelValues(scrapes, names.active, 'Remote'),
    ...labelValues(scrapes, names.sent, 'To'),
    ...labelValues(scrapes, names.sendFailures, 'To'),
  ];
  return unique(labels.flatMap((label) => memberIdOf(label) ?? [])).filter((id) => id !== self);
};

const mean = (list: readonly PeerLink[]): number | null => {
  const means = list.flatMap((link) => link.rtt?.best.meanMs ?? []);
  return means.length === 0 ? null : means.reduce((sum, value) => sum + value, 0) / means.length;
};

const memberView = (id: string, links: readonly PeerLink[], expected: number): PeerMatrix['members'][number] => {
  const own = links.filter((link) => link.from === id);
  const active = own.flatMap((link) => (link.active === null ? [] : [link.active.last]));
  return {
    member: id,
    toOthersMs: mean(own),
    fromOthersMs: mean(links.filter((link) => link.to === id)),
    amongOthersMs: mean(links.filter((link) => link.from !== id && link.to !== id)),
    activePeers: active.length === 0 ? null : active.filter((value) => value > 0).length,
    expectedPeers: expected,
  };
};

const connectsOf = (ctx: FactContext, source: Source[]): PeerMatrix['tcp'] =>
  ctx.case.artifacts('tcp-connect').map((artifact) => {
    const endpoint = ctx.case.endpoints.find((each) => each.id === artifact.targetId);
    source.push(sourceOf(artifact));
    return {
      endpoint: endpoint?.endpoint ?? artifact.targetId,
      member: endpoint?.member ?? null,
      role: endpoint?.role ?? 'unknown',
      stats: attemptStats(artifact.value.attempts),
      bundleId: artifact.bundleId,
      vantage: ctx.case.bundles.find((bundle) => bundle.id === artifact.bundleId)?.vantage?.host ?? null,
    };
  });

const unattributed = (member: CaseMember, scrapes: Scrapes): PeerMatrix['unattributedReceiveFailures'] =>
  labelValues(scrapes, names.receiveFailures, 'From').flatMap((from) => {
    const counter = memberIdOf(from) === null ? counterOf(scrapes, names.receiveFailures, { From: from }) : null;
    return counter === null ? [] : [{ member: member.id, from, counter }];
  });

export default defineFact({
  scope: 'cluster',
  id: 'peerMatrix',
  title: 'Links between members as they measure them, and TCP connects from the vantage',
  artifacts: ['metrics', 'tcp-connect', 'member-list'],
  derive: (ctx) => {
    const source: Source[] = [];
    const links: PeerLink[] = [];
    const failures: PeerMatrix['unattributedReceiveFailures'][number][] = [];
    for (const member of ctx.case.members) {
      const scrapes = valueIn(ctx.facts.member(member.id, 'scrapes'));
      if (scrapes === null) continue;
      source.push(...metricSource(scrapes, rtt));
      for (const peer of peersOf(scrapes, member.id)) links.push(linkOf(scrapes, member.id, peer));
      failures.push(...unattributed(member, scrapes));
    }
    const connects = connectsOf(ctx, source);
    if (links.length === 0 && connects.length === 0) {
      const single = ctx.case.members.length < 2;
      return absent(
        single ? 'fact' : 'metrics',
        single ? 'a single member has no peers' : 'no member’s metrics name a peer, and no TCP connect was timed',
      );
    }
    const membership = valueIn(ctx.facts.cluster('membership'));
    const expected = Math.max(0, (membership?.members.length ?? ctx.case.members.length) - 1);
    return observed(
      {
        links,
        tcp: connects.filter(({ role }) => role !== 'advertised'),
        advertised: connects.filter(({ role }) => role === 'advertised'),
        members: ctx.case.members.map(({ id }) => memberView(id, links, expected)),
        unattributedReceiveFailures: failures,
      },
      source,
    );
  },
});
