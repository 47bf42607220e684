import { absent, defineFact, observed, type Source } from '../../fact.js';
import { isNonEmpty, missingOf, nameOf, sourceOf, spanOf } from '../access.js';
import type { NetworkScope } from '../values/index.js';
import { type Counters, grown, interfaces, protocolCounters, sections } from './proc-text.js';

interface Snapshot {
  readonly dev: string | undefined;
  readonly snmp: string | undefined;
  readonly netstat: string | undefined;
}

const fromText = (text: string): Snapshot => {
  const parts = sections(text);
  const find = (end: string): string | undefined => [...parts].find(([path]) => path.endsWith(end))?.[1];
  return { dev: find('net/dev'), snmp: find('net/snmp'), netstat: find('net/netstat') };
};

const sumFields = (fields: readonly bigint[], ...at: readonly number[]): number =>
  Number(at.reduce((sum, i) => sum + (fields[i] ?? 0n), 0n));

const scopeOf = (of: string, last: Snapshot, first: Snapshot, seconds: number): NetworkScope | null => {
  const before = interfaces(first.dev ?? '');
  const links = [...interfaces(last.dev ?? '')].flatMap(([name, fields]): NetworkScope['interfaces'][number][] => {
    const earlier = before.get(name);
    if (earlier === undefined) return [];
    const delta = (i: number): number => grown(fields[i], earlier[i]) ?? 0;
    return [
      {
        name,
        rxBytesPerSecond: delta(0) / seconds,
        txBytesPerSecond: delta(8) / seconds,
        rxErrors: delta(2),
        txErrors: delta(10),
        rxDrops: delta(3),
        txDrops: delta(11),
        errorsSinceBoot: sumFields(fields, 2, 10),
        dropsSinceBoot: sumFields(fields, 3, 11),
      },
    ];
  });
  const counters = (snapshot: Snapshot): Counters =>
    new Map([...protocolCounters(snapshot.snmp ?? ''), ...protocolCounters(snapshot.netstat ?? '')]);
  const now = counters(last);
  const then = counters(first);
  const delta = (name: string): number | null => grown(now.get(name), then.get(name));
  if (links.length === 0 && now.size === 0) return null;
  const out = delta('Tcp.OutSegs');
  const retransmitted = delta('Tcp.RetransSegs');
  const outSinceBoot = now.get('Tcp.OutSegs');
  const retransmittedSinceBoot = now.get('Tcp.RetransSegs');
  return {
    of,
    seconds,
    interfaces: links.sort(
      (a, b) =>
        b.rxBytesPerSecond + b.txBytesPerSecond - a.rxBytesPerSecond - a.txBytesPerSecond || (a.name < b.name ? -1 : 1),
    ),
    segmentsOutPerSecond: out === null ? null : out / seconds,
    retransmitted,
    retransmitShare: out === null || retransmitted === null || out === 0 ? null : retransmitted / out,
    retransmitShareSinceBoot:
      outSinceBoot === undefined || retransmittedSinceBoot === undefined || outSinceBoot === 0n
        ? null
        : Number(retransmittedSinceBoot) / Number(outSinceBoot),
    synRetransmits: delta('TcpExt.TCPSynRetrans'),
    listenOverflows: delta('TcpExt.ListenOverflows'),
    listenDrops: delta('TcpExt.ListenDrops'),
    timeouts: delta('TcpExt.TCPTimeouts'),
  };
};

export default defineFact({
  scope: 'host',
  id: 'network',
  title: 'Interface errors and TCP retransmits of the host and of members in network namespaces of their own',
  artifacts: ['net-counters', 'process'],
  derive: (ctx) => {
    const scopes: NetworkScope[] = [];
    const source: Source[] = [];
    const own = ctx.case.artifacts('net-counters', ctx.id);
    const span = isNonEmpty(own) ? spanOf(own) : null;
    if (span !== null) {
      const scope = scopeOf('host', fromText(span.last.value), fromText(span.first.value), span.seconds);
      if (scope !== null) scopes.push(scope);
      source.push(sourceOf(span.first), sourceOf(span.last));
    }
    for (const member of ctx.case.members.filter((each) => each.host === ctx.id)) {
      const rounds = ctx.case.artifacts('process', member.id).filter((artifact) => artifact.value.net !== undefined);
      const range = isNonEmpty(rounds) ? spanOf(rounds) : null;
      const last = range?.last.value.net;
      const first = range?.first.value.net;
      if (range === null || last === undefined || first === undefined) continue;
      const snapshot = (net: typeof last): Snapshot => ({ dev: net.dev, snmp: net.snmp, netstat: net.netstat });
      const scope = scopeOf(member.id, snapshot(last), snapshot(first), range.seconds);
      if (scope === null) continue;
      scopes.push(scope);
      source.push(sourceOf(range.first, '/net'), sourceOf(range.last, '/net'));
    }
    if (scopes.length > 0) return observed({ scopes }, source);
    return isNonEmpty(own)
      ? absent('net-counters', `net-counters of ${nameOf(ctx.case, ctx.id)}: fewer than two readable rounds`)
      : { ok: false, missing: missingOf(ctx.case, 'net-counters', ctx.id) };
  },
});
