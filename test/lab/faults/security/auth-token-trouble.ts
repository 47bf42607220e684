import { setTimeout as sleep } from 'node:timers/promises';
import { defineFault } from '../../fault.js';
import { eachMember, restartWith } from '../lifecycle/each-member.js';
import { FaultUnsupported } from '../types.js';
import { hammer } from './hammer.js';

export default defineFault({
  name: 'auth-token-trouble',
  title: 'Clients go on with tokens that a member does not know any more, or with a wrong password',
  params: {
    how: {
      default: 'restart',
      about:
        'restart: the member forgot its simple tokens; idle: they were not used for their time to live; password: it is wrong',
    },
    perSecond: { default: 20, about: 'refused calls per second and member', strength: true },
    ttl: { default: 5, about: 'with how=idle: what --auth-token-ttl the members were started with, seconds' },
  },
  on: 'member',
  cluster: { auth: { user: 'root', password: 'lab-secret' } },
  truth: { causes: ['auth-token-failures'], verdict: ['investigate'] },
  apply: (cluster, members, { how, perSecond, ttl }) => {
    const { auth } = cluster;
    if (auth === undefined) throw new FaultUnsupported('auth-token-trouble', 'start the cluster with auth');
    return eachMember(members, async (member) => {
      const client = await member.client();
      if (how === 'restart') {
        await restartWith(member);
        await cluster.waitHealthy(30_000, [member.index]);
      } else if (how === 'idle') await sleep((ttl + 3) * 1000);
      else if (how !== 'password') throw new Error(`how is restart, idle or password, not ${how}`);
      const call =
        how === 'password'
          ? () => client.call('Authenticate', { name: auth.user, password: `not ${auth.password}` })
          : () => client.call('Range', { key: Buffer.from('stale') });
      return hammer(cluster, client, call, { perSecond, refused: /invalid auth token|invalid user ID or password/ });
    });
  },
});
