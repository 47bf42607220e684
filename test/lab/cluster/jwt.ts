import { join } from 'node:path';
import { runOk } from '../../support/run.js';

/** Make a new pair of keys in `dir`; returns the flag that has a member sign and check tokens with it. */
export async function jwtFlag(dir: string): Promise<string> {
  const key = join(dir, 'jwt.key');
  const pub = join(dir, 'jwt.pub');
  await runOk('openssl', ['genpkey', '-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:2048', '-out', key]);
  await runOk('openssl', ['pkey', '-in', key, '-pubout', '-out', pub]);
  return `--auth-token=jwt,pub-key=${pub},priv-key=${key},sign-method=RS256,ttl=30m`;
}
