import type { Membership } from '../../facts/values/index.js';
import { plural } from '../../report/format.js';
import { type AreaResult, clusterSubject, type Comparison, memberSubject, notebook } from '../change.js';
import { labelOf, present } from '../match.js';

const ofMember = (membership: Membership | null, id: string): Membership['members'][number] | undefined =>
  membership?.members.find((member) => member.id === id);

const roleOf = (member: Membership['members'][number]): string =>
  member.isLearner ? 'learner' : member.started ? 'voter' : 'not started';

/** Who is in the cluster: added, removed, replaced, promoted, moved; and who leads it. */
export const membership = (input: Comparison): AreaResult => {
  const notes = notebook();
  const views = [input.before.facts.cluster('membership'), input.after.facts.cluster('membership')] as const;
  const [before, after] = views.map((view) => (view.ok ? view.value : null)) as [Membership | null, Membership | null];
  for (const [i, view] of views.entries())
    if (!view.ok) notes.cannot('Member lists', `${i === 0 ? 'baseline: ' : ''}${view.missing.reason}`);

  // Nothing tells which member of the one is which of the other.
  const strangers = input.sameCluster === false && !input.namesComparable;
  if (strangers) notes.cannot('Members', 'neither ids nor names of the two can be matched');
  for (const { before: gone, after: added, by } of strangers ? [] : input.pairs) {
    const member = added ?? gone;
    if (member === undefined) continue;
    // A seed that nobody knows by its id is not a member by proof.
    if (member.id.startsWith('endpoint-')) {
      if (gone === undefined || added === undefined)
        notes.cannot(`Membership of ${labelOf(member)}`, 'it answered to no member id');
      continue;
    }
    const subject = memberSubject(member);
    if (gone === undefined || added === undefined) {
      const list = added === undefined ? after : before;
      if (list === null) continue;
      notes.change({
        id: `member/${member.id}`,
        kind: gone === undefined ? 'new' : 'gone',
        significance: 'high',
        direction: 'neutral',
        subject,
        title: gone === undefined ? 'Member added' : 'Member removed',
        text: `${labelOf(member)} (${member.id}) ${gone === undefined ? 'was not a member in the baseline' : 'is no longer a member'}.`,
        before: gone === undefined ? null : gone.id,
        after: added === undefined ? null : added.id,
      });
    } else if (by !== 'id') {
      if (input.sameCluster !== false && !gone.id.startsWith('endpoint-'))
        notes.change({
          id: `replaced/${added.id}`,
          kind: 'changed',
          significance: 'high',
          direction: 'neutral',
          subject,
          title: 'Member replaced',
          text: `${labelOf(added)} has another member id with the same ${by}: it was removed and added again (${gone.id} before, ${added.id} now).`,
          before: gone.id,
          after: added.id,
        });
    } else notes.unchanged();
  }
  for (const { before: a, after: b } of present(input.pairs)) {
    const [then, now] = [ofMember(before, a.id), ofMember(after, b.id)];
    if (then === undefined || now === undefined) continue;
    const subject = memberSubject(b);
    const label = labelOf(b);
    notes.value(roleOf(then), roleOf(now), {
      id: `role/${b.id}`,
      significance: now.isLearner || !now.started ? 'medium' : 'low',
      direction: 'neutral',
      subject,
      title: 'Role in the cluster',
      text: `${label} was ${roleOf(then)} and is ${roleOf(now)}.`,
    });
    if (!input.namesComparable || input.sameCluster === false) continue;
    for (const [field, words] of [
      ['peerURLs', 'peer URLs'],
      ['clientURLs', 'client URLs'],
    ] as const) {
      const [from, to] = [then[field], now[field]].map((urls) => [...urls].sort().join(', ')) as [string, string];
      notes.value(from, to, {
        id: `${field}/${b.id}`,
        significance: 'medium',
        direction: 'neutral',
        subject,
        title: `Advertised ${words}`,
        text: `The ${words} of ${label} have changed.`,
      });
    }
  }
  if (before !== null && after !== null) {
    const size = ({ voters, learners }: Membership): string =>
      `${plural(voters.length, 'voter')}${learners.length === 0 ? '' : `, ${plural(learners.length, 'learner')}`}`;
    notes.value(size(before), size(after), {
      id: 'size',
      significance: 'high',
      direction: after.voters.length < before.voters.length ? 'worse' : 'neutral',
      subject: clusterSubject,
      title: 'Size of the cluster',
      text: `${size(before)} in the baseline, ${size(after)} now.`,
    });
  }
  leader(input, notes);
  return notes.result();
};

const leader = (input: Comparison, notes: ReturnType<typeof notebook>): void => {
  const [then, now] = [input.before.facts.cluster('leaderView'), input.after.facts.cluster('leaderView')];
  if (!then.ok || !now.ok) {
    notes.cannot('Leader', 'it is not known on both sides');
    return;
  }
  const place = (id: string | null): string | null => {
    if (id === null) return null;
    const pair = input.pairs.find(({ before, after }) => before?.id === id || after?.id === id);
    return pair === undefined ? id : labelOf(pair.after ?? pair.before);
  };
  const [from, to] = [place(then.value.leader), place(now.value.leader)];
  notes.value(from, to, {
    id: 'leader',
    significance: to === null ? 'high' : 'info',
    direction: to === null ? 'worse' : 'neutral',
    subject: clusterSubject,
    title: 'Leader',
    text: to === null ? 'No leader is known now.' : `The leader was ${from ?? 'unknown'} and is ${to}.`,
  });
};
