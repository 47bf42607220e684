import type { Report, ReportSubject } from '../../schemas/index.js';
import type { Facts } from '../fact.js';
import { nameOf } from '../facts/access.js';
import type { Copies, CopyCheck, DataCopy, RaftPoint, RankedCopy } from '../facts/values/copies.js';
import { copiesAdvice } from './copies-advice.js';

export type CopiesSection = NonNullable<Report['copies']>;
type Row = CopiesSection['rows'][number];

const optional = <K extends string, V>(key: K, value: V | null | undefined): { [P in K]?: V } =>
  (value === null || value === undefined ? {} : { [key]: value }) as { [P in K]?: V };

const text = (value: bigint | null): string | null => (value === null ? null : value.toString());

const position = (at: RaftPoint | null | undefined): { term: string; index: string } | null =>
  at === null || at === undefined ? null : { term: at.term.toString(), index: at.index.toString() };

const part = ({ state, text: why }: CopyCheck): { state: Row['state']; text: string } => ({ state, text: why });

/** Names of members, from the case or from what the copies record. */
const namesOf = (facts: Facts, copies: Copies): ((id: string) => string) => {
  const recorded = new Map(
    copies.ranked.flatMap(({ copy }) =>
      (copy.membership?.members ?? []).filter(({ name }) => name !== '').map(({ id, name }) => [id, name] as const),
    ),
  );
  return (id) => {
    const name = nameOf(facts.case, id);
    return name === id ? (recorded.get(id) ?? id) : name;
  };
};

/** Members to start for a quorum, the one with the newest log first. */
const toStart = ({ ranked, decision, available }: Copies): string[] => {
  if (decision !== 'start') return [];
  const stopped = ranked.filter(({ usable, copy }) => usable && copy.inUse !== true);
  return [...new Set(stopped.flatMap(({ copy }) => copy.member ?? []))].filter((id) => available.includes(id));
};

const rowOf = (
  ranked: RankedCopy,
  index: number,
  subject: (id: string) => ReportSubject,
  { decision }: Pick<Copies, 'decision'>,
): Row => {
  const { copy, standing, standingText, usable, loss } = ranked;
  return {
    rank: index + 1,
    member: subject(copy.member ?? copy.target),
    ...optional('memberFrom', copy.memberFrom),
    ...optional('cluster', copy.cluster),
    ...optional('place', copy.dir),
    bundle: copy.bundle,
    ...optional('readAt', copy.readAt > 0 ? new Date(copy.readAt).toISOString() : null),
    inUse: copy.inUse,
    standing,
    state: copy.state,
    usable,
    reasons: [...(standingText === '' ? [] : [standingText]), ...copy.reasons],
    wal: part(copy.wal),
    snapshots: part(copy.snap),
    database: part(copy.db),
    ...optional('term', text(copy.term)),
    ...optional('commit', text(copy.commit)),
    ...optional('lastEntry', position(copy.last)),
    ...optional('beyond', position(copy.beyond?.last)),
    ...optional('snapshot', position(copy.snapshot)),
    ...optional('applied', text(copy.applied)),
    ...optional('appliedTerm', text(copy.appliedTerm)),
    ...optional('revision', text(copy.revision)),
    ...optional('compactRevision', text(copy.compactRevision)),
    ...optional('voters', copy.membership === null ? null : [...copy.membership.voters]),
    // Entries of one cluster say nothing about those of another, and with a majority nobody recovers from a copy.
    ...(decision === 'not-needed' || standing === 'foreign' || standing === 'unidentified'
      ? {}
      : {
          lossEntries: { atLeast: text(loss.atLeast), atMost: text(loss.atMost) },
          ...optional('lossRevisions', text(loss.revisions)),
        }),
    unseen: [...copy.unseen],
  };
};

/** What cannot be known from these files. */
const limitsOf = ({ ranked, unseen }: Copies): string[] => {
  const some = (test: (copy: DataCopy) => boolean): boolean => ranked.some(({ copy }) => test(copy));
  return [
    'whether a value inside a database page was changed: bbolt keeps no checksum over its pages',
    'whether a whole data dir was set back (an older volume or machine snapshot): it fits together and looks merely older',
    'whether entries behind the commit index had been acknowledged to clients',
    ...(unseen.length > 0 ? ['what the copies hold that were not read'] : []),
    ...(some(({ inUse }) => inUse === true)
      ? ['all of the files of a member that runs: they are read in part only']
      : []),
  ];
};

/** The section about the copies of the data; undefined when no data dir was read. */
export const copiesSection = (facts: Facts): CopiesSection | undefined => {
  const observed = facts.cluster('copies');
  if (!observed.ok) return undefined;
  const copies = observed.value;
  const name = namesOf(facts, copies);
  const subject = (id: string): ReportSubject => {
    const known = name(id);
    return { kind: 'member', id, ...(known === id ? {} : { name: known }) };
  };
  const start = toStart(copies);
  const peerUrls = new Map(
    copies.ranked.flatMap(({ copy }) =>
      (copy.membership?.members ?? []).map((each) => [each.id, each.peerUrls] as const),
    ),
  );
  return {
    decision: copies.decision,
    ...copiesAdvice(copies, { name, start, peerUrl: (id) => peerUrls.get(id)?.[0] }),
    ...optional('cluster', copies.cluster),
    voters: copies.voters.length,
    ...optional('votersFrom', copies.votersFrom),
    needed: copies.needed,
    available: copies.available.map(subject),
    lost: copies.lost.map(subject),
    unseen: copies.unseen.map(subject),
    start: start.map(subject),
    newestCommit:
      copies.newestCommit === null ? null : { index: copies.newestCommit.index.toString(), by: copies.newestCommit.by },
    rows: copies.ranked.map((ranked, i) => rowOf(ranked, i, subject, copies)),
    limits: limitsOf(copies),
  };
};

/** Recovery is as justified as the copies say; with a quorum the question does not arise. */
export const recoveryBy = (
  { kind, recovery }: Report['verdict'],
  section: CopiesSection | undefined,
): Report['verdict']['recovery'] => {
  if (section === undefined || section.decision === 'not-needed' || kind === 'healthy' || kind === 'transient')
    return recovery;
  const justified = section.decision === 'restore' ? true : section.decision === 'start' ? false : null;
  return { justified, text: `${section.text} Copy every data dir before anything is changed.` };
};

/**
 * Steps and warnings of the copies before those of the causes: nothing that destroys while a quorum may come back without it, and nothing that
 * asks members of which none answers.
 */
export const actionsBy = (
  list: Pick<Report, 'actions' | 'doNot' | 'owners'>,
  section: CopiesSection | undefined,
  reachable: number,
): Pick<Report, 'actions' | 'doNot' | 'owners'> => {
  if (section === undefined || section.decision === 'not-needed') return list;
  const names = section.start.map((member) => member.name ?? member.id).join(', ');
  const [next] = section.nextEvidence;
  const own: Report['actions'] = [
    {
      text: 'Copy the data dir of every member that does not run before anything is changed',
      tag: 'read-only',
      command: 'cp -a <data-dir> <place outside of it>',
    },
    ...(section.decision === 'start' && names !== ''
      ? [{ text: `Start ${names} on the data they have, with the flags they had`, tag: 'restarts' as const }]
      : section.decision === 'cannot-tell' && next !== undefined
        ? [{ text: `Collect ${next.what}`, tag: 'read-only' as const, ...optional('command', next.command) }]
        : []),
  ];
  const best = section.decision === 'restore' ? section.rows.find(({ usable }) => usable)?.member : undefined;
  const recover: Report['actions'] =
    best === undefined
      ? []
      : [
          {
            text: `When every copy is safe and no newer backup exists: recover from the copy of ${best.name ?? best.id}, as a new cluster, and add empty members to it`,
            tag: 'destructive',
          },
        ];
  const possible = list.actions.filter(({ command }) => reachable > 0 || command?.startsWith('etcdctl ') !== true);
  const kept = section.decision === 'restore' ? possible : possible.filter(({ tag }) => tag !== 'destructive');
  return {
    ...list,
    actions: [...own, ...kept, ...recover],
    doNot: [...new Set([...section.mustNot, ...list.doNot])].slice(0, 8),
  };
};
