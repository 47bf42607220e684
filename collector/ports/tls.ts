import { isIP } from 'node:net';
import { checkServerIdentity, type ConnectionOptions } from 'node:tls';
import { readNamedFile } from '../named-file.js';
import type { CollectOptions } from '../options.js';
import { ProbeError } from '../probe.js';

/** PEM material of one run, read once; keys stay in memory and never reach an artifact. */
export interface TlsMaterial {
  readonly ca?: Buffer;
  readonly cert?: Buffer;
  readonly key?: Buffer;
  readonly insecureSkipTlsVerify: boolean;
  readonly serverName?: string;
}

/** Reads the files named by `--cacert --cert --key`. Throws ProbeError `file-missing` or `file-access` with the path. */
export const loadTlsMaterial = (tls: CollectOptions['tls']): TlsMaterial => ({
  ...(tls.cacert === undefined ? {} : { ca: read(tls.cacert) }),
  ...(tls.cert === undefined ? {} : { cert: read(tls.cert) }),
  ...(tls.key === undefined ? {} : { key: read(tls.key) }),
  insecureSkipTlsVerify: tls.insecureSkipTlsVerify,
  ...(tls.serverName === undefined ? {} : { serverName: tls.serverName }),
});

/** Options for `tls.connect` and `https.request` that verify like the gRPC channels do. */
export const tlsConnectOptions = (material: TlsMaterial, host: string): ConnectionOptions => {
  const name = material.serverName ?? host;
  return {
    ...(material.ca === undefined ? {} : { ca: material.ca }),
    ...(material.cert === undefined ? {} : { cert: material.cert }),
    ...(material.key === undefined ? {} : { key: material.key }),
    // An IP address is not allowed as SNI, but is verified all the same.
    ...(isIP(name) === 0 ? { servername: name } : {}),
    checkServerIdentity: (_host, certificate) => checkServerIdentity(name, certificate),
    rejectUnauthorized: !material.insecureSkipTlsVerify,
  };
};

/** A bundle of all public authorities has some 250 KB. */
const maxBytes = 4 * 1024 * 1024;

const read = (path: string): Buffer => {
  try {
    const { content } = readNamedFile(path, maxBytes);
    if (content.length === 0) throw new ProbeError('failed', 'malformed-answer', `${path}: it is empty`);
    return content;
  } catch (error) {
    if (error instanceof ProbeError) throw error;
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
    const missing = code === 'ENOENT';
    throw new ProbeError(missing ? 'failed' : 'denied', missing ? 'file-missing' : 'file-access', `${path}: ${code}`);
  }
};
