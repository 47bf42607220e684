import { lookup } from 'node:dns/promises';
import { connect, isIP, type Socket } from 'node:net';
import { connect as tlsConnect, type DetailedPeerCertificate, type TLSSocket } from 'node:tls';
import type { Certificate, DnsArtifact, LatencyAttempt, TlsHandshakeArtifact } from '../../schemas/index.js';
import type { CollectOptions } from '../options.js';
import { ProbeError } from '../probe.js';
import { parseDer } from './certificates.js';
import { clean } from './etcd/errors.js';
import { loadTlsMaterial, type TlsMaterial, tlsConnectOptions } from './tls.js';

/** DNS, TCP and TLS below etcd; a failed attempt is data, not an exception. */
export interface NetPort {
  readonly resolve: (host: string, options: NetOptions) => Promise<DnsArtifact>;
  readonly tcpConnect: (host: string, port: number, options: NetOptions) => Promise<LatencyAttempt>;
  readonly tlsHandshake: (
    host: string,
    port: number,
    options: NetOptions,
  ) => Promise<{ readonly handshake: TlsHandshakeArtifact; readonly connect: LatencyAttempt }>;
}

export interface NetOptions {
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
}

/**
 * How long a finished handshake is held, ms: a server of TLS 1.3 refuses the client certificate only after the client
 * took the handshake for done.
 */
const AFTERMATH_MS = 150;

/** Longest presented chain that is kept. */
const MAX_CHAIN = 10;

/** Verifies with the TLS files of the run. Throws ProbeError `file-missing` / `file-access` when one cannot be read. */
export const createNetPort = (options: Pick<CollectOptions, 'tls'>): NetPort => {
  const material = loadTlsMaterial(options.tls);
  return {
    resolve,
    tcpConnect: async (host, port, netOptions) => {
      const { socket, attempt } = await openSocket(host, port, netOptions);
      socket?.destroy();
      return attempt;
    },
    tlsHandshake: async (host, port, netOptions) => {
      const startedAt = performance.now();
      const { socket, attempt } = await openSocket(host, port, netOptions);
      if (socket === undefined) {
        return {
          connect: attempt,
          handshake: { ...unfinished(host, port, material), error: attempt.error ?? 'no connection' },
        };
      }
      const left = netOptions.timeoutMs - (performance.now() - startedAt);
      const handshake = await shake(socket, host, port, material, { ...netOptions, timeoutMs: Math.max(left, 50) });
      return { connect: attempt, handshake };
    },
  };
};

const resolve: NetPort['resolve'] = async (host, options) => {
  const family = isIP(host);
  if (family !== 0) return { host, literal: true, addresses: [{ address: host, family }], elapsedMs: 0 };
  const startedAt = performance.now();
  const elapsed = () => performance.now() - startedAt;
  try {
    // A lookup cannot be cancelled; its late answer is dropped.
    const found = await within(lookup(host, { all: true }), options);
    return {
      host,
      literal: false,
      addresses: found.map(({ address, family: version }) => ({ address, family: version })),
      elapsedMs: elapsed(),
    };
  } catch (error) {
    return { host, literal: false, addresses: [], elapsedMs: elapsed(), error: codeOf(error) };
  }
};

const openSocket = (
  host: string,
  port: number,
  options: NetOptions,
): Promise<{ socket?: Socket; attempt: LatencyAttempt }> =>
  new Promise((done) => {
    const startedAt = performance.now();
    const socket = connect({ host, port });
    const settle = (error?: Error) => {
      clearTimeout(timer);
      options.signal.removeEventListener('abort', abort);
      const ms = performance.now() - startedAt;
      if (error === undefined) return done({ socket, attempt: { ms, ok: true } });
      socket.destroy();
      done({ attempt: { ms, ok: false, code: codeOf(error), error: clean(error.message) } });
    };
    const abort = () => settle(timedOut('interrupted'));
    const timer = setTimeout(
      () => settle(timedOut(`no TCP connection within ${Math.round(options.timeoutMs)} ms`)),
      options.timeoutMs,
    );
    options.signal.addEventListener('abort', abort, { once: true });
    socket.once('connect', () => settle());
    // Stays on: a reset after the connection must not end the process.
    socket.on('error', settle);
    if (options.signal.aborted) abort();
  });

const unfinished = (host: string, port: number, material: TlsMaterial): TlsHandshakeArtifact => ({
  host,
  port,
  serverName: material.serverName ?? host,
  ok: false,
  authorized: null,
  clientCertificate: material.cert !== undefined,
  elapsedMs: 0,
  chain: [],
});

const shake = (
  raw: Socket,
  host: string,
  port: number,
  material: TlsMaterial,
  options: NetOptions,
): Promise<TlsHandshakeArtifact> =>
  new Promise((done) => {
    const startedAt = performance.now();
    const empty = unfinished(host, port, material);
    const verify = { ...tlsConnectOptions(material, host), rejectUnauthorized: false };
    const socket = tlsConnect({ ...verify, socket: raw, ALPNProtocols: ['h2', 'http/1.1'] });
    let good: TlsHandshakeArtifact | undefined;
    let aftermath: NodeJS.Timeout | undefined;
    const settle = (error?: Error) => {
      clearTimeout(timer);
      clearTimeout(aftermath);
      options.signal.removeEventListener('abort', abort);
      socket.destroy();
      const base = good ?? { ...empty, elapsedMs: performance.now() - startedAt };
      done(error === undefined ? base : { ...base, ok: false, error: clean(`${codeOf(error)} ${error.message}`) });
    };
    const abort = () => settle(timedOut('interrupted'));
    const timer = setTimeout(
      () => settle(timedOut(`no TLS handshake within ${Math.round(options.timeoutMs)} ms`)),
      options.timeoutMs,
    );
    options.signal.addEventListener('abort', abort, { once: true });
    socket.once('secureConnect', () => {
      clearTimeout(timer);
      good = { ...empty, ...finished(socket), ok: true, elapsedMs: performance.now() - startedAt };
      aftermath = setTimeout(() => settle(), AFTERMATH_MS);
    });
    socket.once('data', () => settle());
    socket.once('close', () => settle(good === undefined ? new Error('the server closed the connection') : undefined));
    socket.on('error', settle);
    if (options.signal.aborted) abort();
  });

const finished = (socket: TLSSocket): Partial<TlsHandshakeArtifact> & { authorized: boolean } => {
  const protocol = socket.getProtocol();
  return {
    authorized: socket.authorized,
    // Typed as Error, given as OpenSSL's code.
    ...(socket.authorized ? {} : { authorizationError: clean(String(socket.authorizationError)) }),
    ...(protocol === null ? {} : { protocol }),
    cipher: socket.getCipher().name,
    ...(typeof socket.alpnProtocol === 'string' ? { alpn: socket.alpnProtocol } : {}),
    chain: chainOf(socket.getPeerCertificate(true)),
  };
};

/** Leaf first; ends at a certificate that is its own issuer. */
const chainOf = (leaf: DetailedPeerCertificate): Certificate[] => {
  const chain: Certificate[] = [];
  const seen = new Set<string>();
  let next: DetailedPeerCertificate | undefined = leaf;
  while (next?.raw !== undefined && !seen.has(next.fingerprint256) && chain.length < MAX_CHAIN) {
    seen.add(next.fingerprint256);
    chain.push(parseDer(next.raw));
    next = next.issuerCertificate as DetailedPeerCertificate | undefined;
  }
  return chain;
};

const timedOut = (message: string): Error => Object.assign(new Error(message), { code: 'ETIMEDOUT' });

const codeOf = (error: unknown): string => {
  if (error instanceof ProbeError) return error.reason;
  return error instanceof Error && 'code' in error ? String(error.code) : 'ERROR';
};

const within = <T>(promise: Promise<T>, { signal, timeoutMs }: NetOptions): Promise<T> =>
  new Promise((done, reject) => {
    const stop = () => reject(timedOut('no answer in time'));
    const timer = setTimeout(stop, timeoutMs);
    signal.addEventListener('abort', stop, { once: true });
    promise.then(done, reject).finally(() => {
      clearTimeout(timer);
      signal.removeEventListener('abort', stop);
    });
  });
