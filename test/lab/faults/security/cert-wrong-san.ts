import { defineFault } from '../../fault.js';
import { certificateParams, changeCertificate } from './change-certificate.js';
import { cutOffByTls } from './truths.js';

export default defineFault({
  name: 'cert-wrong-san',
  title: 'The certificate of a member names another host',
  params: { ...certificateParams, names: { default: '10.99.0.7', about: 'names and addresses it has, by commas' } },
  on: 'member',
  cluster: { tls: 'mtls' },
  truth: cutOffByTls('tls-san-mismatch'),
  apply: (cluster, members, params) =>
    changeCertificate(cluster, members, params, { hosts: params.names.split(',').filter((name) => name !== '') }),
});
