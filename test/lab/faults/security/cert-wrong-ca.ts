import { defineFault } from '../../fault.js';
import { certificateParams, changeCertificate } from './change-certificate.js';
import { cutOffByTls } from './truths.js';

export default defineFault({
  name: 'cert-wrong-ca',
  title: 'The certificate of a member is of an authority that nobody trusts',
  params: { ...certificateParams },
  on: 'member',
  cluster: { tls: 'mtls' },
  truth: cutOffByTls('tls-untrusted-ca-or-client-cert'),
  apply: (cluster, members, params) => changeCertificate(cluster, members, params, { otherAuthority: true }),
});
