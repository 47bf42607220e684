import { copyFileSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Layout } from './cluster-layout.js';
import type { CertificateChange, ClusterOptions } from './cluster-types.js';
import type { ClusterTls } from './member.js';
import { type Authority, createAuthority, issueCertificate, type KeyPair, readCredentials } from '../../support/pki.js';

/** Make a CA, certificates of each member and spare and a client certificate in `dir`. */
export async function createClusterTls(dir: string, layout: Layout, options: ClusterOptions): Promise<ClusterTls> {
  const ca = await createAuthority(dir);
  let changed = 0;
  const issue = async (index: number, name: string, change: CertificateChange = {}): Promise<KeyPair> => {
    const { otherAuthority, ...rest } = change;
    const signer: Authority =
      otherAuthority === true ? await createAuthority(join(dir, `other-${name}`), 'other-ca') : ca;
    const hosts = [...layout.certificateHosts, layout.members[index]?.address ?? ''];
    return issueCertificate(signer, { name, hosts, ...rest });
  };
  const client = await issueCertificate(ca, { name: 'client', eku: ['clientAuth'] });
  const pairs: { server: KeyPair; peer: KeyPair }[] = [];
  for (const index of layout.members.keys()) {
    const change = options.certificates?.[index];
    const server = await issue(index, `server-m${index + 1}`, change?.server);
    const peer = await issue(index, `peer-m${index + 1}`, change?.peer);
    pairs.push({ server, peer });
  }
  const usersCopy = join(dir, 'users-ca.crt');
  copyFileSync(ca.cert, usersCopy);
  return {
    ca: { ...ca, cert: usersCopy },
    trusted: ca.cert,
    pairs,
    client,
    credentials: await readCredentials(ca, client),
    replace: async (index, use, change) => {
      const pair = pairs[index]?.[use];
      if (pair === undefined) throw new Error(`there is no member ${index}`);
      changed += 1;
      const other = await issue(index, `${use}-m${index + 1}-${changed}`, change);
      const old = readPair(pair);
      putPair(pair, readPair(other));
      return () => putPair(pair, old);
    },
  };
}

type Content = Readonly<Record<keyof KeyPair, Buffer>>;

const readPair = ({ cert, key }: KeyPair): Content => ({ cert: readFileSync(cert), key: readFileSync(key) });

/** By rename: a handshake never reads half a file. */
function putPair(pair: KeyPair, content: Content): void {
  for (const what of ['key', 'cert'] as const) {
    writeFileSync(`${pair[what]}.new`, content[what], { mode: 0o600 });
    renameSync(`${pair[what]}.new`, pair[what]);
  }
}
