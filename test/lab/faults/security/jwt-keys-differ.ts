import { jwtFlag } from '../../cluster/jwt.js';
import { labDir } from '../../cluster/lab.js';
import { defineFault } from '../../fault.js';
import { eachMember, restartWith } from '../lifecycle/each-member.js';
import { FaultUnsupported } from '../types.js';
import { hammer } from './hammer.js';

export default defineFault({
  name: 'jwt-keys-differ',
  title: 'A member has other keys for tokens than the rest: what the others signed it refuses',
  params: {
    perSecond: { default: 20, about: 'calls per second and member with a token of another member', strength: true },
  },
  on: 'member',
  cluster: { auth: { user: 'root', password: 'lab-secret', token: 'jwt' } },
  truth: { causes: ['auth-token-failures'], verdict: ['investigate'] },
  apply: (cluster, members, { perSecond }) => {
    if (!cluster.member(0).args.some((arg) => arg.startsWith('--auth-token=jwt')))
      throw new FaultUnsupported('jwt-keys-differ', "start the cluster with auth: { token: 'jwt' }");
    return eachMember(members, async (member) => {
      // Its token carries the signature that all the others go on making.
      const client = await member.client();
      const putBack = await restartWith(member, [await jwtFlag(labDir(cluster.lab, `jwt-${member.name}`))]);
      await cluster.waitHealthy(30_000, [member.index]);
      const call = () => client.call('Range', { key: Buffer.from('signed-elsewhere') });
      const stop = await hammer(cluster, client, call, { perSecond, refused: /invalid auth token/ });
      return async () => {
        stop();
        await putBack();
      };
    });
  },
});
