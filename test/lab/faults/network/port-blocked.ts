import { defineFault } from '../../fault.js';
import { filterWire, PEER_PORT } from './wire-filter.js';

/**
 * A firewall that lets only one side dial. It keeps no state: connections that were dialled that way die with it, those dialled by
 * the other side go on.
 */
export default defineFault({
  name: 'port-blocked',
  title: 'connections to a peer port work in one direction only',
  params: {
    dial: { default: 'to', about: 'to: nobody can dial the peer port of the member; from: the member can dial nobody' },
    how: { default: 'drop', about: 'drop: silence; reject: refused at once' },
  },
  on: 'member',
  cluster: { hosts: true },
  truth: {
    causes: ['peer-port-blocked-asymmetric'],
    verdict: ['investigate'],
    also: {
      'read-index-slow': 'what the closed direction carried takes another way, or none',
      'slow-follower-lag': 'entries take another way, or none',
      'proposals-pending-pileup': 'writes through the member may wait',
    },
    fromOneNode: {
      causes: ['peer-port-blocked-asymmetric'],
      verdict: ['investigate', 'inconclusive'],
      subject: 'any',
      missing:
        'what the member that dials in vain is told stands in its own log: refusal, time-out, certificate or name',
    },
  },
  apply: async (cluster, members, { dial, how }) => {
    if (dial !== 'to' && dial !== 'from') throw new Error(`port-blocked: dial is to or from, not ${dial}`);
    if (how !== 'drop' && how !== 'reject') throw new Error(`port-blocked: how is drop or reject, not ${how}`);
    const targets = members.map(({ address }) => address).join(', ');
    const match = `${dial === 'from' ? '' : `ip daddr { ${targets} } `}tcp dport ${PEER_PORT}`;
    return filterWire(
      cluster,
      'port-blocked',
      (dial === 'from' ? members : cluster.members).map((member) =>
        how === 'drop' ? { member, from: [`${match} counter drop`] } : { member, refused: [match] },
      ),
    );
  },
});
