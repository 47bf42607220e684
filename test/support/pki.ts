import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runOk } from './run.js';
import { onPath } from './tools.js';

/** A certificate with its key, as paths of PEM files. */
export type KeyPair = { cert: string; key: string };

/** A certificate authority; `dir` holds its files and those of what it issues. */
export type Authority = KeyPair & { name: string; dir: string };

export type CertificateOptions = {
  /** File name stem, and common name unless `commonName` is given. */
  name: string;
  commonName?: string;
  /** DNS names and IP addresses of the subject alternative name. Give wrong ones to get a wrong SAN. */
  hosts?: readonly string[];
  /** Extended key usage; etcd's gateway and peers need a server certificate that is good for clientAuth too. */
  eku?: readonly ('serverAuth' | 'clientAuth')[];
  /** `daysLeft` days from now to the end of validity (fractions allowed, default 30). */
  daysLeft?: number;
  /** Days since the start of validity; default 3. */
  daysOld?: number;
  /** Validity ended an hour ago. */
  expired?: boolean;
  /** Validity begins tomorrow. */
  notYetValid?: boolean;
};

const DAY_MS = 86_400_000;

/** Start of validity lies in the past, so that a machine with a slightly slow clock accepts it. */
const BACKDATED_MS = 3 * DAY_MS;

/** Make a certificate authority in `dir`. Needs the openssl command; throws `RunError` when it refuses. */
export async function createAuthority(dir: string, name = 'ca'): Promise<Authority> {
  if (onPath('openssl') === undefined) throw new Error('certificates need the openssl command (package openssl)');
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const pair = { cert: join(dir, `${name}.crt`), key: join(dir, `${name}.key`) };
  await newKey(pair.key);
  const request = ['req', '-x509', '-new', '-key', pair.key, '-out', pair.cert, '-days', '30'];
  const config = join(dir, `${name}.cnf`);
  await writeFile(
    config,
    [
      '[req]\ndistinguished_name=dn\nx509_extensions=ext\nprompt=no\n[dn]',
      `CN=${name}`,
      '[ext]\nbasicConstraints=critical,CA:true\nkeyUsage=critical,keyCertSign,cRLSign\nsubjectKeyIdentifier=hash\n',
    ].join('\n'),
  );
  await runOk('openssl', [...request, '-config', config]);
  // `openssl ca` is the command that takes arbitrary validity dates; it wants a small database.
  await writeFile(join(dir, `${name}.index`), '');
  await writeFile(join(dir, `${name}.index.attr`), 'unique_subject = no\n');
  return { ...pair, name, dir };
}

/** Issue a certificate with the validity, names and usages asked for. For a certificate of another CA, pass that CA. */
export async function issueCertificate(ca: Authority, options: CertificateOptions): Promise<KeyPair> {
  const stem = join(ca.dir, options.name);
  const pair = { cert: `${stem}.crt`, key: `${stem}.key` };
  const { start, end } = validity(options, Date.now());
  const eku = options.eku ?? ['serverAuth', 'clientAuth'];
  const lines = [
    '[ca]\ndefault_ca=own\n[own]',
    `database=${join(ca.dir, `${ca.name}.index`)}`,
    `new_certs_dir=${ca.dir}`,
    `certificate=${ca.cert}`,
    `private_key=${ca.key}`,
    'rand_serial=yes\ndefault_md=sha256\npolicy=any\nx509_extensions=ext\ncopy_extensions=none',
    '[any]\ncommonName=supplied\norganizationName=optional\n[req]\ndistinguished_name=dn\nprompt=no\n[dn]',
    `CN=${options.commonName ?? options.name}`,
    '[ext]\nbasicConstraints=critical,CA:false\nkeyUsage=critical,digitalSignature,keyEncipherment',
    ...(eku.length === 0 ? [] : [`extendedKeyUsage=${eku.join(',')}`]),
    ...(options.hosts === undefined || options.hosts.length === 0 ? [] : [`subjectAltName=${altNames(options.hosts)}`]),
    'subjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid',
  ];
  const config = `${stem}.cnf`;
  await writeFile(config, `${lines.join('\n')}\n`);
  await newKey(pair.key);
  await runOk('openssl', ['req', '-new', '-key', pair.key, '-out', `${stem}.csr`, '-config', config]);
  const dates = ['-startdate', asn1Time(start), '-enddate', asn1Time(end)];
  const ca509 = ['ca', '-batch', '-notext', '-config', config, '-in', `${stem}.csr`, '-out', pair.cert];
  await runOk('openssl', [...ca509, ...dates]);
  return pair;
}

/** The three PEM texts a client needs. */
export async function readCredentials(
  ca: Authority,
  pair: KeyPair,
): Promise<{ ca: Buffer; cert: Buffer; key: Buffer }> {
  const [caPem, cert, key] = await Promise.all([readFile(ca.cert), readFile(pair.cert), readFile(pair.key)]);
  return { ca: caPem, cert, key };
}

async function newKey(path: string): Promise<void> {
  await runOk('openssl', ['genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256', '-out', path]);
}

function validity(options: CertificateOptions, now: number): { start: number; end: number } {
  if (options.notYetValid === true)
    return { start: now + DAY_MS, end: now + (options.daysLeft ?? 30) * DAY_MS + DAY_MS };
  const start = now - (options.daysOld === undefined ? BACKDATED_MS : options.daysOld * DAY_MS);
  if (options.expired === true) return { start, end: now - 3_600_000 };
  return { start, end: now + (options.daysLeft ?? 30) * DAY_MS };
}

function asn1Time(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19).replace(/[-:T]/g, '')}Z`;
}

function altNames(hosts: readonly string[]): string {
  return hosts.map((host) => (/^[\d.]+$/.test(host) || host.includes(':') ? `IP:${host}` : `DNS:${host}`)).join(',');
}
