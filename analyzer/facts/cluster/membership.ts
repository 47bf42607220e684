import type { MemberListArtifact } from '../../../schemas/index.js';
import type { Case, LoadedArtifact } from '../../bundle/case.js';
import { absent, defineFact, observed } from '../../fact.js';
import { byText, sourceOf, unique } from '../access.js';
import type { Membership, MembershipMember } from '../values/index.js';

type Listed = MemberListArtifact['members'][number];
type View = LoadedArtifact<'member-list'>;

/** The latest list of every member that gave one. */
const latestViews = (input: Case): View[] => {
  const byViewer = new Map<string, View>();
  for (const view of input.artifacts('member-list')) byViewer.set(view.targetId, view);
  return [...byViewer.values()].sort((a, b) => byText(a.targetId, b.targetId));
};

const fields = ['name', 'peerURLs', 'clientURLs', 'isLearner'] as const;

const textOf = (member: Listed, field: (typeof fields)[number]): string => {
  const value = member[field];
  return Array.isArray(value) ? [...value].sort(byText).join(',') : String(value);
};

const differencesOf = (views: readonly View[], ids: readonly string[]): Membership['differences'] =>
  ids.flatMap((id) => {
    const seen = views.map((view) => ({
      viewer: view.targetId,
      member: view.value.members.find((each) => each.id === id),
    }));
    const present = seen.map(({ viewer, member }) => ({ viewer, value: member === undefined ? 'absent' : 'present' }));
    const list: Membership['differences'][number][] =
      new Set(present.map(({ value }) => value)).size > 1 ? [{ member: id, field: 'presence', values: present }] : [];
    for (const field of fields) {
      const values = seen.flatMap(({ viewer, member }) =>
        member === undefined ? [] : [{ viewer, value: textOf(member, field) }],
      );
      if (new Set(values.map(({ value }) => value)).size > 1) list.push({ member: id, field, values });
    }
    return list;
  });

export default defineFact({
  scope: 'cluster',
  id: 'membership',
  title: 'Members as every member sees them',
  artifacts: ['member-list', 'endpoint-status'],
  derive: (ctx) => {
    const views = latestViews(ctx.case);
    if (views.length === 0) return absent('member-list', 'member-list: no member gave one');
    // A member that lags may hold an old list: where lists differ, the one of the highest term speaks, learner flags included.
    const newest = [...views].sort((a, b) => Number(BigInt(b.value.raftTerm) - BigInt(a.value.raftTerm)));
    const ids = unique(views.flatMap((view) => view.value.members.map((member) => member.id)));
    const members = ids.flatMap((id): MembershipMember[] => {
      const listed = newest.flatMap((view) => view.value.members.filter((member) => member.id === id))[0];
      if (listed === undefined) return [];
      const has = (view: View): boolean => view.value.members.some((member) => member.id === id);
      return [
        {
          id,
          name: listed.name,
          peerURLs: listed.peerURLs,
          clientURLs: listed.clientURLs,
          isLearner: listed.isLearner,
          started: listed.name !== '' || listed.clientURLs.length > 0,
          seenBy: views.filter(has).map((view) => view.targetId),
          notSeenBy: views.filter((view) => !has(view)).map((view) => view.targetId),
        },
      ];
    });
    members.sort((a, b) => byText(a.name, b.name) || byText(a.id, b.id));
    const differences = differencesOf(views, ids);
    const named = views.map((view) => view.value.clusterId).filter((id) => !/^0+$/.test(id));
    const clusterIds = unique([...named, ...ctx.case.clusterIds]);
    const answering = ctx.case.artifacts('endpoint-status').map((artifact) => artifact.targetId);
    const value: Membership = {
      members,
      voters: members.filter((member) => !member.isLearner).map((member) => member.id),
      learners: members.filter((member) => member.isLearner).map((member) => member.id),
      unstarted: members.filter((member) => !member.started).map((member) => member.id),
      views: views.map((view) => ({
        viewer: view.targetId,
        clusterId: view.value.clusterId,
        raftTerm: view.value.raftTerm,
        ids: view.value.members.map((member) => member.id).sort(byText),
      })),
      agree: differences.length === 0,
      differences,
      clusterIds,
      strangers: unique(answering).filter(
        (id) =>
          !views.some((view) => view.targetId !== id && view.value.members.some((member) => member.id === id)) &&
          views.some((view) => view.targetId !== id),
      ),
    };
    return observed(
      value,
      views.map((view) => sourceOf(view)),
    );
  },
});
