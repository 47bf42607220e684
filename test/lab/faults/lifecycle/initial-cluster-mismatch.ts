import { defineFault } from '../../fault.js';
import { fault } from '../types.js';
import { addMember, initialCluster, removeIfListed, spareOf, until } from './membership.js';
import { supervise } from './supervise.js';
import { rmSync } from 'node:fs';

export default defineFault({
  name: 'initial-cluster-mismatch',
  title: 'A new member was added and cannot join: its --initial-cluster is wrong',
  params: {
    mistake: {
      default: 'count',
      about:
        'count: a member is missing; peer-url: the URL of another member is wrong; name: its own name is not in it',
    },
    restartSeconds: { default: 2, about: 'seconds between the end of the process and its next start' },
  },
  on: 'cluster',
  cluster: { spares: 1 },
  truth: {
    causes: ['initial-cluster-mismatch'],
    // It was added as a voter: three of four run and three are needed.
    verdict: ['intervene-now', 'investigate'],
    also: {
      'crash-loop': 'it ends at the start and is started again every few seconds',
      'dead-member-in-list': 'the list has a voter that never joined',
      'dns-failure': 'a wrong URL may hold a name that nobody knows',
    },
    fromOneNode: {
      causes: ['dead-member-in-list'],
      verdict: ['intervene-now', 'investigate'],
      missing: 'the log of the process that cannot join is on its own node',
    },
  },
  apply: async (cluster, _members, params) => {
    const spare = spareOf(cluster, 'initial-cluster-mismatch');
    const [first] = cluster.members;
    if (first === undefined) throw new Error('the cluster has no members');
    const flags = spare.flags;
    const all = [...cluster.members, spare];
    const wrong: Record<string, readonly string[]> = {
      count: [initialCluster(all.filter((member) => member !== first))],
      'peer-url': [
        initialCluster(
          all.map((member) => (member === first ? { name: first.name, peerUrl: elsewhere(first.peerUrl) } : member)),
        ),
      ],
      name: ['--name=new-member', initialCluster(all)],
    };
    const chosen = wrong[params.mistake];
    if (chosen === undefined) throw new Error(`mistake is one of ${Object.keys(wrong).join(', ')}`);
    await addMember(cluster, spare);
    await spare.start({ flags: [...flags, ...chosen] });
    await until(20_000, `${spare.name} refuses to start`, async () => !spare.running);
    const end = supervise(cluster, spare, params.restartSeconds);
    const undo = async (): Promise<void> => {
      await end();
      await spare.stop('SIGKILL');
      await removeIfListed(cluster, spare);
      rmSync(spare.dataDir, { recursive: true, force: true });
    };
    return { ...fault(undo), subjects: [spare.name] };
  },
});

/** The same host at a port where no member is. */
const elsewhere = (url: string): string => {
  const other = new URL(url);
  other.port = String(Number(other.port) + 1000);
  return other.origin;
};
