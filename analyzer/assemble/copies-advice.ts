import type { Report } from '../../schemas/index.js';
import type { Copies, RankedCopy } from '../facts/values/copies.js';

type Section = NonNullable<Report['copies']>;

interface Words {
  readonly name: (id: string) => string;
  /** Members to start. */
  readonly start: readonly string[];
  readonly peerUrl: (id: string) => string | undefined;
}

const whose = ({ copy }: RankedCopy, { name }: Words): string => name(copy.member ?? copy.target);

const namesOf = (ids: readonly string[], { name }: Words): string => ids.map(name).join(', ');

const lossText = ({ loss }: RankedCopy): string => {
  const { atLeast, atMost } = loss;
  if (atLeast === null) return 'what it would lose is unknown';
  if (atMost === atLeast) return `it would lose ${atLeast === 0n ? 'no' : atLeast} committed entries`;
  if (atLeast === 0n)
    return `it would lose ${atMost === null ? 'none that is known of; what unread copies hold is unknown' : `at most ${atMost} entries`}`;
  return `it would lose at least ${atLeast} committed entries, ${atMost === null ? 'and how many more is unknown' : `at most ${atMost}`}`;
};

/** The copy to recover from: the newest that can be used, else the newest whose database is whole. */
const bestOf = ({ ranked }: Copies): RankedCopy | undefined =>
  ranked.find(({ usable }) => usable) ??
  ranked
    .filter(({ standing, copy }) => standing === 'current' && copy.db.state === 'sound')
    .sort((a, b) => ((b.copy.applied ?? 0n) > (a.copy.applied ?? 0n) ? 1 : -1))[0];

const recoveryText = (copies: Copies, words: Words): string => {
  const best = bestOf(copies);
  if (best === undefined) return ' No copy that was read is fit to recover from: look for a backup.';
  const how = best.usable ? 'The best of them is the copy of' : 'No copy can be started; the best database is that of';
  return ` ${how} ${whose(best, words)}: ${lossText(best)}.`;
};

const decisionText = (copies: Copies, words: Words): string => {
  const { decision, voters, needed, available, lost, unseen, lostAcks } = copies;
  if (decision === 'not-needed')
    return 'A majority of the voters answers, so that no copy is needed for recovery. A member whose copy is damaged is replaced from the others.';
  if (voters.length === 0)
    return copies.clusters.length > 1
      ? `The copies are of ${copies.clusters.length} clusters (${copies.clusters.join(', ')}), and nothing tells which is meant.`
      : 'No copy says which members have a vote, so that no quorum can be counted.';
  const of = `${available.length} of ${voters.length} voters`;
  if (decision === 'start') {
    const holders = lostAcks === null ? '' : ` ${namesOf(lostAcks.holders, words)} must be among them.`;
    const who = words.start.length === 0 ? '' : ` Start ${namesOf(words.start, words)} on the data they have.`;
    return `Quorum can come back without recovery: ${of} answer or have a sound copy, ${needed} are needed.${who}${holders}`;
  }
  if (decision === 'restore')
    return `No quorum can come from these copies: ${namesOf(lost, words)} cannot be started, and ${available.length + unseen.length} of ${voters.length} voters are left where ${needed} are needed.${recoveryText(copies, words)}`;
  const open = unseen.length === 0 ? '' : `, and of ${namesOf(unseen, words)} too little was seen`;
  return `Whether quorum can come back is open: ${of} answer or have a sound copy, ${needed} are needed${open}.`;
};

/** What would turn an outage into a loss, from what the copies are. */
const mustNotOf = (copies: Copies, words: Words): string[] => {
  const { ranked, decision, lostAcks, unseen } = copies;
  const usable = ranked.filter((each) => each.usable);
  const owners = [...new Set(usable.flatMap(({ copy }) => copy.member ?? []))];
  const [only] = usable;
  const top = only?.copy.last?.index ?? 0n;
  const list: string[] = [];
  if (decision === 'start' && owners.length > 0)
    list.push(
      `use --force-new-cluster or restore a backup: ${namesOf(owners, words)} ${owners.length === 1 ? 'has a sound copy' : 'have sound copies'} of the same cluster`,
    );
  if (decision === 'cannot-tell')
    list.push(
      `use --force-new-cluster or restore a backup before the data of ${unseen.length === 0 ? 'every voter' : namesOf(unseen, words)} was looked at`,
    );
  if (lostAcks !== null)
    list.push(
      `start ${namesOf(lostAcks.suspects, words)} without ${namesOf(lostAcks.holders, words)}: entry ${lostAcks.commit} was committed, and too few copies hold it`,
    );
  if (decision !== 'not-needed') {
    if (owners.length === 1 && only !== undefined)
      list.push(`delete or overwrite the data dir of ${whose(only, words)}: it is the only sound copy that was seen`);
    list.push('delete, empty or repair a data dir before a copy of it is safe elsewhere');
  }
  for (const each of ranked) {
    const { copy, standing } = each;
    if (copy.inUse === true) continue;
    const end = copy.beyond?.last?.index ?? copy.last?.index ?? 0n;
    const who = whose(each, words);
    if (standing === 'foreign') list.push(`start ${who} on this data among the others: it is of another cluster`);
    if (standing === 'detached') list.push(`start the copy of ${who} that went on alone together with the others`);
    if (standing === 'superseded')
      list.push(`start ${who} on the copy that ends at entry ${copy.last?.index ?? '?'}: it has acknowledged more`);
    if (standing === 'removed') list.push(`start ${who} on its old data: it was removed from the cluster`);
    if (standing === 'current' && copy.state === 'damaged' && end > top && decision !== 'not-needed')
      list.push(`throw away the damaged copy of ${who}: it reaches entry ${end}, beyond every sound one`);
  }
  return [...new Set(list)];
};

const nextOf = (copies: Copies, words: Words): Section['nextEvidence'] => {
  if (copies.decision === 'not-needed') return [];
  const read = new Set(copies.ranked.flatMap(({ copy }) => copy.member ?? []));
  const wanted = copies.unseen.map((id) => {
    const url = words.peerUrl(id);
    const at = url === undefined ? '' : `, ${url}`;
    const more = read.has(id) ? ' --timeout 5m --budget 10m' : '';
    return {
      what: read.has(id) ? `the rest of the data dir of ${words.name(id)}` : `the data dir of ${words.name(id)}`,
      command: `sudo etcd-collect --data-dir <data dir of ${words.name(id)}>${more}   # on its node${at}`,
    };
  });
  const together = { what: 'one report over all nodes', command: 'etcd-analyze <bundle of each node> ...' };
  return wanted.length === 0 ? [] : [...wanted, together];
};

/** Decision, warnings and next evidence in words. */
export const copiesAdvice = (copies: Copies, words: Words): Pick<Section, 'text' | 'mustNot' | 'nextEvidence'> => ({
  text: decisionText(copies, words),
  mustNot: mustNotOf(copies, words),
  nextEvidence: nextOf(copies, words),
});
