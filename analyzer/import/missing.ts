import type { AccessMapArtifact, ArtifactKind } from '../../schemas/index.js';
import type { Known } from './identity.js';

type Entry = AccessMapArtifact['entries'][number];

export interface Missing {
  readonly kind: ArtifactKind;
  readonly target: Entry['target'];
  readonly message: string;
}

export interface Wanted {
  readonly missing: readonly Missing[];
  readonly access: AccessMapArtifact;
}

const CLUSTER = { kind: 'cluster', id: 'cluster' } as const;

const urlOf = ({ clientUrls, endpoint }: Known): string => [...clientUrls][0] ?? endpoint ?? '<client URL>';

/** What a diagnosis would need besides what was imported, with the command that gets it. */
export const wantedBeyond = (
  members: readonly Known[],
  count: (kind: ArtifactKind, targetId?: string) => number,
): Wanted => {
  const missing: Missing[] = [];
  const entries: Entry[] = [];
  const want = (kind: ArtifactKind, target: Entry['target'], what: string, message: string, command: string): void => {
    missing.push({ kind, target, message });
    entries.push({
      what,
      kinds: [kind],
      target,
      access: 'none',
      deniedBy: 'absence',
      whoCanSupply: 'whoever can reach the cluster',
      command,
    });
  };
  if (count('member-list') === 0)
    want(
      'member-list',
      CLUSTER,
      'the member list',
      'not among what was imported: how many members there are is not known',
      'etcdctl member list -w json',
    );
  if (count('alarm-list') === 0)
    want('alarm-list', CLUSTER, 'the alarms', 'not among what was imported', 'etcdctl alarm list -w json');
  for (const member of members) {
    const target = { kind: 'member', id: member.id } as const;
    const url = urlOf(member);
    const scrapes = count('metrics', member.id);
    if (scrapes < 2)
      want(
        'metrics',
        target,
        'two scrapes of the metrics',
        scrapes === 0
          ? 'not among what was imported'
          : 'one usable scrape only: what happened lately cannot be told from what happened since the start',
        `curl -s ${url}/metrics > a.prom; sleep 40; curl -s ${url}/metrics > b.prom`,
      );
    if (count('endpoint-status', member.id) === 0)
      want(
        'endpoint-status',
        target,
        'the status',
        'not among what was imported',
        'etcdctl endpoint status --cluster -w json',
      );
    if (count('server-log', member.id) === 0)
      want(
        'server-log',
        target,
        'the log',
        'not among what was imported',
        'kubectl logs etcd-<node>, journalctl -u etcd or crictl logs',
      );
  }
  return { missing, access: { entries } };
};
