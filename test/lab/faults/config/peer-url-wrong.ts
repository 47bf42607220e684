import type { Cluster, Member } from '../../cluster/cluster-types.js';
import { defineFault } from '../../fault.js';
import { eachMember, restartWith } from '../lifecycle/each-member.js';
import { othersOf } from '../lifecycle/membership.js';

export default defineFault({
  name: 'peer-url-wrong',
  title: 'The member list has a wrong peer URL for a member',
  params: {
    mistake: { default: 'port', about: 'port: nothing listens there; address: nobody has it' },
  },
  on: 'member',
  truth: {
    causes: ['advertise-url-misconfigured'],
    // It connects to the others, so that it follows; nobody can connect to it.
    verdict: ['investigate'],
    also: { 'peer-port-blocked-asymmetric': 'the others cannot connect to it while it connects to them' },
  },
  apply: (cluster, members, { mistake }) =>
    eachMember(members, async (member) => {
      const url = new URL(member.peerUrl);
      if (mistake === 'address') url.hostname = member.address.replace(/\d+$/, '199');
      else if (mistake === 'port') url.port = String(Number(url.port) + 1000);
      else throw new Error(`mistake is port or address, not ${mistake}`);
      await update(cluster, member, url.origin);
      // What is connected would stay connected.
      await restartWith(member);
      return () => update(cluster, member, member.peerUrl);
    }),
});

async function update(cluster: Cluster, member: Member, url: string): Promise<void> {
  const id = member.id.replace(/^0+/, '');
  await cluster.etcdctl(['member', 'update', id, `--peer-urls=${url}`], { via: othersOf(cluster, [member]) });
}
