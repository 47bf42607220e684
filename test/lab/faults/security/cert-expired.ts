import { defineFault } from '../../fault.js';
import { certificateParams, changeCertificate } from './change-certificate.js';
import { cutOffByTls } from './truths.js';

export default defineFault({
  name: 'cert-expired',
  title: 'The certificate of a member has expired',
  params: { ...certificateParams },
  on: 'member',
  cluster: { tls: 'mtls' },
  truth: cutOffByTls('cert-expired'),
  apply: (cluster, members, params) => changeCertificate(cluster, members, params, { expired: true }),
});
