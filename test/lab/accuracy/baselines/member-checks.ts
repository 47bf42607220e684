import type { Case } from '../../../../analyzer/bundle/index.js';
import type { Facts } from '../../../../analyzer/fact.js';
import { createFacts } from '../../../../analyzer/facts/index.js';
import { type Baseline, type BaselineAnswer, dataOf, memberName, type Suspect, unique } from './answer.js';
import { type Answered, answeredBy } from './answered.js';
import { comparisons } from './status-comparison.js';

export interface MemberChecksData {
  readonly source: unknown;
  readonly limits: {
    readonly sizePercent: number;
    readonly freeBytes: number;
    readonly skewSeconds: number;
    readonly skewEntries: number;
    readonly slowReadMs: number;
  };
  /** What it can find, most telling first, and the rule ids that a reader would take from it. */
  readonly findings: readonly { readonly name: string; readonly points: readonly string[]; readonly hint?: string }[];
}

let loaded: MemberChecksData | undefined;

export const memberChecksData = (): MemberChecksData => {
  loaded ??= dataOf<MemberChecksData>('member-checks.json');
  return loaded;
};

/** One thing found, with the ids of the members it was found on. */
interface Found {
  readonly name: string;
  readonly members: readonly string[];
  readonly text: string;
}

const failureNames: Readonly<Record<string, string>> = {
  'connection-refused': 'endpoint-refuses',
  'connection-reset': 'endpoint-refuses',
  'connection-timeout': 'endpoint-silent',
  'not-answering': 'endpoint-silent',
  'stopped-answering': 'endpoint-silent',
  'item-timeout': 'endpoint-silent',
  'tls-expired': 'certificate-expired',
  'tls-name-mismatch': 'certificate-name',
  'tls-untrusted': 'certificate-untrusted',
  'tls-client-certificate': 'certificate-untrusted',
  'tls-protocol': 'tls-protocol',
  'auth-failed': 'login-failed',
  'auth-required': 'login-failed',
  'permission-denied': 'login-failed',
  'name-not-resolved': 'name-not-resolved',
};

const failures = (asked: readonly Answered[]): Found[] =>
  asked
    .filter(({ ok }) => !ok)
    .map(({ memberId, reasons }) => {
      const name = reasons.map((reason) => failureNames[reason]).find((known) => known !== undefined);
      return { name: name ?? 'endpoint-fails', members: [memberId], text: reasons[0] ?? 'no answer' };
    });

const alarms = (input: Case, facts: Facts): Found[] =>
  input.members.flatMap(({ id }) => {
    const status = facts.member(id, 'status');
    const errors = status.ok ? status.value.last.errors : [];
    const storage = facts.member(id, 'storage');
    // A careful reader sees in the same answer that the database is far from its quota.
    const room = storage.ok && storage.value.sizeShare < memberChecksData().limits.sizePercent / 100;
    return errors.map((text): Found => {
      const nospace = room ? 'nospace-alarm-with-room' : 'nospace-alarm';
      const name = /CORRUPT/.test(text) ? 'corrupt-alarm' : /NOSPACE/.test(text) ? nospace : 'other-status-error';
      return { name, members: [id], text };
    });
  });

const sizes = (input: Case, facts: Facts): Found[] => {
  const { limits } = memberChecksData();
  return input.members.flatMap(({ id }): Found[] => {
    const storage = facts.member(id, 'storage');
    if (!storage.ok) return [];
    const { sizeShare, sizeBytes, inUseBytes } = storage.value;
    const used = Number(inUseBytes ?? sizeBytes);
    const free = Number(sizeBytes) - used;
    const large = sizeShare * 100 >= limits.sizePercent;
    const mostlyFree = free > used && (free > limits.freeBytes || large);
    return [
      ...(mostlyFree ? [{ name: 'database-mostly-free', members: [id], text: `${free} bytes free` }] : []),
      ...(large && !mostlyFree
        ? [{ name: 'database-large', members: [id], text: `${Math.round(sizeShare * 100)} % of the quota` }]
        : []),
    ];
  });
};

const reads = (input: Case): Found[] => {
  const { limits } = memberChecksData();
  const median = (list: readonly number[]): number =>
    [...list].sort((a, b) => a - b)[Math.floor((list.length - 1) / 2)] ?? 0;
  return input.members.flatMap(({ id }) => {
    const all = input.artifacts('read-latency', id).map(({ value }) => value);
    return (['linearizable', 'serializable'] as const).flatMap((kind): Found[] => {
      const attempts = all.flatMap((value) => value[kind]);
      const good = attempts.filter(({ ok }) => ok).map(({ ms }) => ms);
      if (attempts.length === 0) return [];
      if (good.length === 0)
        return [{ name: `${kind}-read-fails`, members: [id], text: attempts[0]?.code ?? 'no answer' }];
      const ms = median(good);
      return ms > limits.slowReadMs
        ? [{ name: `${kind}-reads-slow`, members: [id], text: `${Math.round(ms)} ms` }]
        : [];
    });
  });
};

const membershipOf = (input: Case): Found[] => {
  const lists = input.members.flatMap(({ id }) => {
    const list = input.artifacts('member-list', id).at(-1)?.value;
    if (list === undefined) return [];
    const members = list.members.map(({ id: member, name, peerURLs, clientURLs, isLearner }) =>
      JSON.stringify([member, name, unique(peerURLs), unique(clientURLs), isLearner]),
    );
    return [{ id, key: `${list.clusterId} ${unique(members).join(' ')}` }];
  });
  const counts = new Map<string, number>();
  for (const { key } of lists) counts.set(key, (counts.get(key) ?? 0) + 1);
  if (counts.size < 2) return [];
  const usual = [...counts].sort((a, b) => b[1] - a[1])[0]?.[0];
  const odd = lists.filter(({ key }) => key !== usual).map(({ id }) => id);
  return [{ name: 'member-lists-differ', members: odd, text: `${counts.size} different lists` }];
};

/** Without a majority that answers, or without one linearizable read anywhere, the reader thinks of the quorum first. */
const quorum = (input: Case, asked: readonly Answered[], found: readonly Found[]): Found[] => {
  const down = asked.filter(({ ok }) => !ok);
  const voters = input.members.filter(({ isLearner }) => !isLearner).length;
  const noRead = found.filter(({ name }) => name === 'linearizable-read-fails');
  const answering = asked.filter(({ ok }) => ok);
  if (down.length * 2 >= voters && down.length > 0)
    return [{ name: 'no-quorum', members: down.map(({ memberId }) => memberId), text: `${down.length} do not answer` }];
  if (answering.length > 0 && noRead.length >= answering.length)
    return [{ name: 'no-quorum', members: [], text: 'no linearizable read succeeds' }];
  return [];
};

const judge = (input: Case): BaselineAnswer => {
  const { findings, limits } = memberChecksData();
  const facts = createFacts(input);
  const asked = answeredBy(input, 'endpoint-status');
  const direct = [
    ...failures(asked),
    ...alarms(input, facts),
    ...comparisons(input, limits),
    ...membershipOf(input),
    ...sizes(input, facts),
    ...reads(input),
  ];
  const found = [...direct, ...quorum(input, asked, direct)];
  const suspects = findings.flatMap(({ name, points }): Suspect[] => {
    const own = found.filter((each) => each.name === name);
    if (own.length === 0) return [];
    return [
      { name, rules: points, members: unique(own.flatMap((each) => each.members.map((id) => memberName(input, id)))) },
    ];
  });
  const hints = new Set(findings.filter(({ hint }) => hint !== undefined).map(({ name }) => name));
  const alarmed = suspects.some(({ name }) => !hints.has(name));
  return {
    // What nobody is called for comes last, whatever its place in the list.
    suspects: [...suspects.filter(({ name }) => !hints.has(name)), ...suspects.filter(({ name }) => hints.has(name))],
    alarmed,
    healthy: !alarmed && asked.length > 0,
    detail: found.map(({ name, members, text }) => {
      const who = members.map((id) => memberName(input, id)).join(', ');
      return who === '' ? `${name}: ${text}` : `${name} (${who}): ${text}`;
    }),
  };
};

export const memberChecks: Baseline = {
  id: 'member-checks',
  title: 'member checks',
  judge,
};
