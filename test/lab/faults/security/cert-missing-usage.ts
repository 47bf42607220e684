import { defineFault } from '../../fault.js';
import { certificateParams, changeCertificate } from './change-certificate.js';

export default defineFault({
  name: 'cert-missing-usage',
  title: 'The certificate of a member is not good for all that it is used for',
  params: {
    ...certificateParams,
    usage: { default: 'clientAuth', about: 'the only extended key usage it has: serverAuth or clientAuth' },
  },
  on: 'member',
  cluster: { tls: 'mtls' },
  truth: {
    causes: ['tls-untrusted-ca-or-client-cert'],
    // Half of its connections are refused; raft gets along with the other half, and the member follows.
    verdict: ['investigate'],
    also: { 'peer-port-blocked-asymmetric': 'connections are made in one direction only' },
  },
  apply: (cluster, members, params) => {
    const { usage } = params;
    if (usage !== 'serverAuth' && usage !== 'clientAuth')
      throw new Error(`usage is serverAuth or clientAuth, not ${usage}`);
    return changeCertificate(cluster, members, params, { eku: [usage] });
  },
});
