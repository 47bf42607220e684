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
    // Nothing is broken yet; below seven days, and without anything that renews it, somebody has to look (severity high in the catalogue).
    causes: ['cert-expiring-soon'],
    verdict: ['investigate'],
  },
  apply: (cluster, members, { side, days }) =>
    changeCertificate(cluster, members, { side, restart: false }, { daysLeft: days, daysOld: 360 }),
});
