import { join } from 'node:path';
import type { Layout } from './cluster-layout.js';
import type { CertificateChange, ClusterOptions } from './cluster-types.js';
import type { ClusterTls } from './member.js';
import { type Authority, createAuthority, issueCertificate, type KeyPair, readCredentials } from '../../support/pki.js';

/** Make a CA, the certificates of all members (good ones shared, changed ones apart) and a client certificate in `dir`. */
export async function createClusterTls(dir: string, layout: Layout, options: ClusterOptions): Promise<ClusterTls> {
  const ca = await createAuthority(dir);
  const issue = async (name: string, change: CertificateChange = {}): Promise<KeyPair> => {
    const { otherAuthority, ...rest } = change;
    const signer: Authority =
      otherAuthority === true ? await createAuthority(join(dir, `other-${name}`), 'other-ca') : ca;
    return issueCertificate(signer, { name, hosts: layout.certificateHosts, ...rest });
  };
  const good = { server: await issue('server'), peer: await issue('peer') };
  const client = await issueCertificate(ca, { name: 'client', eku: ['clientAuth'] });
  const pairs: { server: KeyPair; peer: KeyPair }[] = [];
  for (const index of layout.members.keys()) {
    const change = options.certificates?.[index];
    const server = change?.server === undefined ? good.server : await issue(`server-m${index + 1}`, change.server);
    const peer = change?.peer === undefined ? good.peer : await issue(`peer-m${index + 1}`, change.peer);
    pairs.push({ server, peer });
  }
  return { ca, pairs, client, credentials: await readCredentials(ca, client) };
}
