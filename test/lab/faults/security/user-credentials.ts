import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { createAuthority, issueCertificate } from '../../../support/pki.js';
import { labDir } from '../../cluster/lab.js';
import { defineFault } from '../../fault.js';
import { FaultUnsupported, fault } from '../types.js';

export default defineFault({
  name: 'user-credentials',
  title: 'The certificates that the operator has do not fit this cluster',
  params: {
    what: {
      default: 'ca',
      about:
        'ca: the CA file is that of another cluster; expired: the client certificate is over; authority: it is of another authority',
    },
  },
  on: 'cluster',
  cluster: { tls: 'mtls' },
  truth: {
    causes: [],
    // The cluster is fine; what can be said of it depends on what is left to read without a login.
    verdict: ['inconclusive', 'healthy'],
    also: {
      'tls-untrusted-ca-or-client-cert': 'the collection itself was refused, or could not verify the members',
      'cert-expired': 'the client certificate given to the collection is over',
    },
  },
  apply: async (cluster, _members, { what }) => {
    const { tls } = cluster;
    if (tls === undefined) throw new FaultUnsupported('user-credentials', "start the cluster with tls: 'mtls'");
    const files = [tls.ca.cert, tls.client.cert, tls.client.key];
    const before = files.map((file) => readFileSync(file));
    const other = await createAuthority(labDir(cluster.lab, 'pki', 'elsewhere'), 'elsewhere');
    if (what === 'ca') copyFileSync(other.cert, tls.ca.cert);
    else if (what === 'expired' || what === 'authority') {
      const signer = what === 'expired' ? tls.ca : other;
      const pair = await issueCertificate(signer, {
        name: 'operator',
        eku: ['clientAuth'],
        expired: what === 'expired',
      });
      copyFileSync(pair.cert, tls.client.cert);
      copyFileSync(pair.key, tls.client.key);
    } else throw new Error(`what is ca, expired or authority, not ${what}`);
    return fault(async () => {
      for (const [at, file] of files.entries()) writeFileSync(file, before[at] ?? '');
    });
  },
});
