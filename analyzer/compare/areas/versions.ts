import type { Versions } from '../../facts/values/index.js';
import { type AreaResult, clusterSubject, type Comparison, memberSubject, notebook } from '../change.js';
import { labelOf, present } from '../match.js';

const numbers = (version: string): number[] => (version.match(/\d+/g) ?? []).map(Number);

const older = (a: string, b: string): boolean => {
  const [left, right] = [numbers(a), numbers(b)];
  for (let i = 0; i < 3; i += 1) if (left[i] !== right[i]) return (left[i] ?? 0) < (right[i] ?? 0);
  return false;
};

/** Versions of server, cluster, storage and Go. */
export const versions = (input: Comparison): AreaResult => {
  const notes = notebook();
  const [then, now] = [input.before.facts.cluster('versions'), input.after.facts.cluster('versions')];
  if (!then.ok || !now.ok) {
    notes.cannot('Versions', then.ok ? (now.ok ? '' : now.missing.reason) : `baseline: ${then.missing.reason}`);
    return notes.result();
  }
  const of = (list: Versions, id: string): Versions['members'][number] | undefined =>
    list.members.find(({ member }) => member === id);
  for (const { before, after } of present(input.pairs)) {
    const [a, b] = [of(then.value, before.id), of(now.value, after.id)];
    if (a === undefined || b === undefined) {
      notes.cannot(`Version of ${labelOf(after)}`, `it is not known ${a === undefined ? 'in the baseline' : 'now'}`);
      continue;
    }
    const back = older(b.server, a.server);
    notes.value(a.server, b.server, {
      id: `server/${after.id}`,
      significance: back ? 'high' : 'medium',
      direction: back ? 'worse' : 'neutral',
      subject: memberSubject(after),
      title: 'etcd version',
      text: `etcd on {who}: ${a.server} in the baseline, ${b.server} now${back ? ', which is older' : ''}.`,
    });
    if (a.go !== null && b.go !== null)
      notes.value(a.go, b.go, {
        id: `go/${after.id}`,
        significance: 'info',
        direction: 'neutral',
        subject: memberSubject(after),
        title: 'Go version',
        text: `Go that etcd on {who} is built with: ${a.go} in the baseline, ${b.go} now.`,
      });
  }
  const [from, to] = [then.value.cluster.join(', '), now.value.cluster.join(', ')];
  if (from !== '' && to !== '')
    notes.value(from, to, {
      id: 'cluster',
      significance: 'medium',
      direction: 'neutral',
      subject: clusterSubject,
      title: 'Cluster version',
      text: `The cluster version was ${from} and is ${to}.`,
    });
  return notes.result();
};
