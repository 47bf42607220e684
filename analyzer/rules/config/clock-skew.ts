import type { ClockOffsets } from '../../facts/values/cluster.js';
import type { TimeSync } from '../../facts/values/host.js';
import {
  type Claim,
  contradicting,
  defineRule,
  inconclusive,
  necessary,
  notApplicable,
  supporting,
} from '../../rule.js';
import { linesOf, valuesOf } from '../evidence/log-lines.js';

interface Offset {
  readonly member: string;
  readonly minMs: number;
  readonly maxMs: number;
}

/** Offset of each member's clock from one collector's; several endpoints of a member narrow it. */
const offsetsOf = (clock: ClockOffsets, vantage: string | null): readonly Offset[] => {
  const byMember = new Map<string, Offset>();
  for (const { member, minMs, maxMs, vantage: at } of clock.endpoints) {
    if (member === null || at !== vantage) continue;
    const known = byMember.get(member);
    byMember.set(member, {
      member,
      minMs: Math.max(minMs, known?.minMs ?? minMs),
      maxMs: Math.min(maxMs, known?.maxMs ?? maxMs),
    });
  }
  return [...byMember.values()];
};

const middle = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor((values.length - 1) / 2)] ?? 0;

const apart = (a: Offset, b: Offset): number => Math.max(0, a.minMs - b.maxMs, b.minMs - a.maxMs);

const syncText = (sync: TimeSync | undefined): string =>
  `${sync?.by ?? 'unknown'} says no${sync === undefined || sync.daemons.length > 0 ? '' : ', no time service runs'}${sync?.offsetMs == null ? '' : `, ${Math.round(sync.offsetMs)} ms off its source`}`;

export default defineRule({
  id: 'clock-skew',
  title: 'Clocks of the members differ',
  category: 'config',
  role: 'cause',
  scope: 'cluster',
  why: 'Raft and leases do not need equal clocks, but certificates, tokens, backups and every attempt to join logs do.',
  needs: ['clockOffsets'],
  wants: ['log', 'rtt', 'timeSync'],
  explains: [],
  messages: {
    now: 'The clock of {subject} differs from the others by {observed}.',
    slight: 'The clock of {subject} is {observed} off the others; etcd warns from one second.',
    unsynchronised: 'Nothing keeps the clock of {subject} in step: it agrees with the others by chance.',
    past: 'Members logged clock differences of up to {observed} before the window; now the clocks agree or could not be read.',
  },
  basis: 'direct',
  remedy: [
    {
      text: 'Look at the state of time synchronisation on the hosts',
      tag: 'read-only',
      command: 'timedatectl; chronyc tracking || ntpq -p',
    },
    { text: 'Repair the time service; let it slew instead of step while etcd runs', tag: 'brief-interruption' },
  ],
  doNot: ['restart etcd because of it', 'set the clock by hand in one large step on a running member'],
  owner: 'infrastructure',
  alternatives: [
    { rule: 'vm-pause-or-steal', why: 'A pause leaves a gap in the log and one large difference, which goes away.' },
    { rule: 'cert-expired', why: 'The clock would be right and the certificate old.' },
    { rule: 'peer-rtt-high', why: 'The difference would be no larger than the round trip that the estimate contains.' },
  ],
  wouldDisprove: ['offsets of all hosts from one time source that agree within a second'],
  nextEvidence: [{ what: 'offset of every host from its time source', command: 'chronyc tracking' }],
  thresholds: ['clock-drift-s', 'clock-skew-s'],
  evaluate: (ctx) => {
    if (ctx.members.length < 2) return notApplicable('a single member has no other clock to compare with');
    const clock = ctx.need.clockOffsets;
    const slight = ctx.limit('clock-drift-s') * 1000;
    const large = ctx.limit('clock-skew-s') * 1000;
    const vantages = [...new Set(clock.endpoints.map((endpoint) => endpoint.vantage))];
    const sets = vantages.map((vantage) => offsetsOf(clock, vantage)).filter((set) => set.length > 1);
    const loose = ctx.members.filter(({ host }) => ctx.each('timeSync').get(host ?? '')?.synchronised === false);
    const claims: Claim[] = [];
    const invalid = [...ctx.each('log').values()].reduce(
      (sum, log) => sum + (valuesOf(log, 'x509-expired', 'rel').get('before') ?? 0),
      0,
    );
    const set = [...sets].sort((a, b) => b.length - a.length)[0];
    const pairs = (set ?? []).flatMap((a, i) => (set ?? []).slice(i + 1).map((b) => ({ a, b, ms: apart(a, b) })));
    const worst = Math.max(0, ...pairs.map((pair) => pair.ms));
    const logged = clock.logged.filter((entry) => entry.inWindow > 0 && (entry.worstSeconds ?? 0) * 1000 > slight);
    if (set !== undefined && worst > slight) {
      const usual = middle(set.map((each) => (each.minMs + each.maxMs) / 2));
      const odd = set
        .filter((each) => each.minMs - usual > slight / 2 || usual - each.maxMs > slight / 2)
        .map((each) => each.member);
      const severe = worst > large;
      claims.push({
        message: severe ? 'now' : 'slight',
        data: { observed: `at least ${Math.round(worst / 100) / 10} s` },
        severity: severe ? (invalid > 0 ? 'high' : 'warning') : 'info',
        role: severe ? 'cause' : 'notice',
        // With two clocks nothing says which of them is wrong.
        subjects: set.length > 2 && odd.length > 0 ? odd : set.map((each) => each.member),
        evidence: [
          necessary(true, 'Offsets from the collector’s clock, as far as the intervals prove', {
            observed: set.map((each) => `${ctx.nameOf(each.member)} ${each.minMs} to ${each.maxMs} ms`).join(', '),
            threshold: severe ? 'clock-skew-s' : 'clock-drift-s',
            from: ['clockOffsets'],
          }),
          ...(logged.length > 0
            ? [
                supporting(true, 'Members log the difference themselves', {
                  observed: logged.map((entry) => `${ctx.nameOf(entry.member)}: ${entry.worstSeconds} s`).join(', '),
                }),
              ]
            : []),
          ...(loose.length > 0
            ? [
                supporting(true, 'The clock of a host is not kept in step', {
                  observed: loose
                    .map(({ name, host }) => `${name}: ${syncText(ctx.each('timeSync').get(host ?? ''))}`)
                    .join(', '),
                }),
              ]
            : []),
          ...(invalid > 0
            ? [supporting(true, 'Certificates are refused as not yet valid', { observed: `${invalid} lines` })]
            : []),
        ],
      });
    }
    if (claims.length === 0) {
      const noted = clock.logged.filter((entry) => entry.count > 2 && (entry.worstSeconds ?? 0) * 1000 > slight);
      const seconds = Math.max(0, ...noted.map((entry) => entry.worstSeconds ?? 0));
      // Several members complain of the same peer: that one is off. Without offsets the log alone has to carry it.
      const blamed = new Map<string, number>();
      for (const entry of noted)
        for (const [peer] of valuesOf(ctx.each('log').get(entry.member), 'prober-clock-drift', 'remote-peer-id'))
          blamed.set(peer, (blamed.get(peer) ?? 0) + 1);
      const most = Math.max(0, ...blamed.values());
      const subjects = [...blamed].filter(([, count]) => count === most).map(([id]) => id);
      const active = noted.some((entry) => entry.inWindow > 0) && set === undefined && seconds * 1000 > large;
      if (noted.length > 0)
        claims.push({
          message: active ? 'now' : 'past',
          data: { observed: `${Math.round(seconds * 10) / 10} s` },
          severity: active ? 'warning' : 'info',
          role: active ? 'cause' : 'notice',
          when: active ? 'now' : 'past',
          basis: 'inferred',
          ...(subjects.length > 0 ? { subjects } : {}),
          evidence: [
            necessary(true, 'Members log that a peer’s clock is off', {
              observed: noted
                .map(
                  (entry) =>
                    `${ctx.nameOf(entry.member)}: ${entry.count} lines, at most ${entry.worstSeconds ?? '?'} s`,
                )
                .join(', '),
              threshold: 'clock-drift-s',
              sources: noted
                .flatMap((entry) => linesOf(ctx.each('log').get(entry.member), ['prober-clock-drift'])?.sources ?? [])
                .slice(0, 2),
            }),
            ...(set === undefined
              ? []
              : [
                  contradicting(true, 'The offsets read now agree', {
                    observed: `${Math.round(worst)} ms proven`,
                    answer: 'it was so before the window',
                  }),
                ]),
          ],
        });
    }
    if (loose.length > 0 && claims.length === 0)
      claims.push({
        message: 'unsynchronised',
        severity: 'info',
        role: 'notice',
        subjects: loose.map(({ id }) => id),
        evidence: [
          necessary(true, 'The clock of the host is not kept in step', {
            observed: loose
              .map(({ name, host }) => `${name}: ${syncText(ctx.each('timeSync').get(host ?? ''))}`)
              .join(', '),
          }),
        ],
      });
    if (claims.length === 0 && set === undefined && ctx.each('log').size === 0)
      return inconclusive('the clocks of fewer than two members were read from one place, and no log is there');
    return claims;
  },
});
