import { defineFault } from '../../fault.js';
import { changeCertificate } from './change-certificate.js';

export default defineFault({
  name: 'cert-expiring-soon',
  title: 'The certificate of a member expires in a few days',
  params: {
    side: { default: 'peer', about: 'peer: the certificate for other members; client: the one that clients see' },
    days: { default: 5, about: 'days until it ends, fractions allowed' },
  },
  on: 'member',
  cluster: { tls: 'mtls' },
  truth: {
    causes: [],
    verdict: ['healthy'],
    also: { 'cert-expiring-soon': 'nothing is broken yet, and will be on that day' },
  },
  apply: (cluster, members, { side, days }) =>
    changeCertificate(cluster, members, { side, restart: false }, { daysLeft: days, daysOld: 360 }),
});
