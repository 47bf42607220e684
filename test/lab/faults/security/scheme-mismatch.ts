import { defineFault } from '../../fault.js';
import { eachMember, restartWith } from '../lifecycle/each-member.js';
import { useOf } from './change-certificate.js';

export default defineFault({
  name: 'scheme-mismatch',
  title: 'A member speaks http where the others expect https, or the other way round',
  params: { side: { default: 'peer', about: 'peer: on its peer port; client: on its client port' } },
  on: 'member',
  truth: {
    causes: ['tls-scheme-mismatch'],
    // Its own calls to the others still work, so that it follows; nobody can call it.
    verdict: ['investigate'],
    also: { 'peer-port-blocked-asymmetric': 'the others cannot connect to it while it connects to them' },
  },
  apply: (_cluster, members, { side }) =>
    eachMember(members, (member) => {
      const peer = useOf(side) === 'peer';
      const url = peer ? listenUrlOf(member.args) : member.clientUrl;
      const secure = url.startsWith('https:');
      const other = secure ? url.replace('https:', 'http:') : url.replace('http:', 'https:');
      return restartWith(member, [
        `${peer ? '--listen-peer-urls' : '--listen-client-urls'}=${other}`,
        // A listener without certificates would not start; these are made by the member itself.
        ...(secure ? [] : [peer ? '--peer-auto-tls' : '--auto-tls']),
      ]);
    }),
});

const listenUrlOf = (args: readonly string[]): string => {
  const flag = '--listen-peer-urls=';
  const found = args.find((arg) => arg.startsWith(flag));
  if (found === undefined) throw new Error(`the member was started without ${flag}`);
  return found.slice(flag.length);
};
