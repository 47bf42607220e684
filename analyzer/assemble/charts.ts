import type { Report } from '../../schemas/index.js';
import type { Facts } from '../fact.js';
import type { Latency } from '../facts/values/common.js';
import { bucketsOf } from '../metrics/histogram.js';
import { nameOf } from '../run-rule.js';

type Charts = Report['charts'];

const histograms = (facts: Facts, fact: 'walFsync' | 'backendCommit'): Charts['walFsync'] =>
  facts.case.members.flatMap((member) => {
    const seen = facts.member(member.id, fact);
    if (!seen.ok) return [];
    const latency: Latency = seen.value;
    return [
      {
        member: member.id,
        name: nameOf(facts.case, member.id),
        basis: latency.best.basis,
        buckets: bucketsOf(latency.best.histogram),
      },
    ];
  });

const links = (facts: Facts): Charts['peerMatrix'] => {
  const matrix = facts.cluster('peerMatrix');
  if (!matrix.ok) return [];
  const measured = matrix.value.links.map((link) => ({
    from: link.from,
    to: link.to,
    ms: link.rtt?.best.meanMs ?? null,
    basis: `peer round trip, ${link.rtt?.best.basis === 'window' ? 'window' : 'since start'}`,
    ok: link.active === null || link.active.last > 0,
  }));
  const fromHere = new Map<string, Charts['peerMatrix'][number]>();
  for (const tcp of matrix.value.tcp) {
    if (tcp.member === null) continue;
    const known = fromHere.get(tcp.member);
    if (known?.ok === true) continue;
    fromHere.set(tcp.member, {
      from: 'vantage',
      to: tcp.member,
      ms: tcp.stats.medianMs,
      basis: 'TCP connect',
      ok: tcp.stats.ok > 0,
    });
  }
  return [...measured, ...fromHere.values()];
};

/** Data of the charts; the same buckets and scale for all members. */
export const charts = (facts: Facts): Charts => ({
  walFsync: histograms(facts, 'walFsync'),
  backendCommit: histograms(facts, 'backendCommit'),
  peerMatrix: links(facts),
  storage: facts.case.members.flatMap((member) => {
    const storage = facts.member(member.id, 'storage');
    if (!storage.ok) return [];
    const { sizeBytes, inUseBytes, quotaBytes } = storage.value;
    return [
      {
        member: member.id,
        name: nameOf(facts.case, member.id),
        sizeBytes,
        inUseBytes: inUseBytes ?? sizeBytes,
        quotaBytes,
      },
    ];
  }),
});
