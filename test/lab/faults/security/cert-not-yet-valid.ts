import { defineFault } from '../../fault.js';
import { certificateParams, changeCertificate } from './change-certificate.js';
import { cutOffByTls } from './truths.js';

export default defineFault({
  name: 'cert-not-yet-valid',
  title: 'The certificate of a member is not valid before tomorrow',
  params: { ...certificateParams },
  on: 'member',
  cluster: { tls: 'mtls' },
  truth: cutOffByTls('cert-expired'),
  apply: (cluster, members, params) => changeCertificate(cluster, members, params, { notYetValid: true }),
});
