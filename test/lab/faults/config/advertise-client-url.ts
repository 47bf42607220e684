import { defineFault } from '../../fault.js';
import { eachMember, restartWith } from '../lifecycle/each-member.js';

export default defineFault({
  name: 'advertise-client-url',
  title: 'A member advertises a client URL at which others do not find it',
  params: {
    host: {
      default: 'localhost',
      about: 'host in the URL; `nowhere` is an address of the same network that nobody has',
    },
  },
  on: 'member',
  truth: { causes: ['advertise-url-misconfigured'], verdict: ['investigate'] },
  apply: (_cluster, members, { host }) =>
    eachMember(members, (member) => {
      const url = new URL(member.clientUrl);
      url.hostname = host === 'nowhere' ? nobodyNear(member.address) : host;
      return restartWith(member, [`--advertise-client-urls=${url.origin}`]);
    }),
});

/** Members have .11 and up, and this machine .254. */
const nobodyNear = (address: string): string => address.replace(/\d+$/, '199');
