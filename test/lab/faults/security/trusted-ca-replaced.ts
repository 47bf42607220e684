import { createAuthority } from '../../../support/pki.js';
import { labDir } from '../../cluster/lab.js';
import { defineFault } from '../../fault.js';
import { eachMember, restartWith } from '../lifecycle/each-member.js';
import { FaultUnsupported } from '../types.js';
import { certificateParams, useOf } from './change-certificate.js';
import { cutOffByTls } from './truths.js';

export default defineFault({
  name: 'trusted-ca-replaced',
  title: 'A member trusts only a new authority, while everybody still has certificates of the old one',
  params: { side: { ...certificateParams.side, about: 'peer: for other members; client: for clients' } },
  on: 'member',
  cluster: { tls: 'mtls' },
  truth: {
    ...cutOffByTls('tls-untrusted-ca-or-client-cert'),
    fromOneNode: {
      causes: ['tls-untrusted-ca-or-client-cert'],
      verdict: ['intervene-now', 'investigate'],
      subject: 'any',
      missing:
        'a log that is told "bad certificate" does not say whether what it shows or what the other trusts is wrong',
    },
  },
  apply: (cluster, members, { side }) => {
    if (cluster.tls === undefined)
      throw new FaultUnsupported('trusted-ca-replaced', "start the cluster with tls: 'mtls'");
    const flag = useOf(side) === 'peer' ? '--peer-trusted-ca-file' : '--trusted-ca-file';
    return eachMember(members, async (member) => {
      const authority = await createAuthority(labDir(cluster.lab, 'pki', `new-${member.name}`), 'new-ca');
      return restartWith(member, [`${flag}=${authority.cert}`]);
    });
  },
});
