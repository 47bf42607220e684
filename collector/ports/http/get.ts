import { type IncomingMessage, Agent as HttpAgent, request as httpRequest } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { ProbeError, type ReasonCode } from '../../probe.js';
import { schemeFault, speaksPlain, speaksTls } from '../etcd/diagnose.js';
import { clean, reasonOfText } from '../etcd/errors.js';
import { splitHostPort } from '../host-port.js';
import type { HttpAnswer, HttpGetOptions } from '../http.js';
import type { RequestCounter } from '../requests.js';
import { type TlsMaterial, tlsConnectOptions } from '../tls.js';

/** Bound of one look for the wrong scheme, ms. */
const LOOK_MS = 1_000;
/** Go's net/http says this, with status 400, to plain text on a TLS listener. */
const WRONG_SCHEME = /^Client sent an HTTP request to an HTTPS server/;

/** One GET. An answer with any HTTP status resolves; no answer rejects with a ProbeError. Redirects are not followed. */
export const createGet = (
  material: TlsMaterial,
  counter: RequestCounter,
  headers: Readonly<Record<string, string>> = { accept: '*/*' },
): { get: (url: string, options: HttpGetOptions) => Promise<HttpAnswer>; close: () => void } => {
  // Own agents: the global ones may be told by the environment to use a proxy.
  const plain = new HttpAgent({ keepAlive: true, maxSockets: 2 });
  const secure = new HttpsAgent({ keepAlive: true, maxSockets: 2 });

  /** `host:port` found to speak the other scheme; what was not found is looked for again: the server may have been starting. */
  const mistaken = new Map<string, ProbeError>();

  const get = async (url: string, options: HttpGetOptions): Promise<HttpAnswer> => {
    const startedAt = performance.now();
    const { protocol, host: hostPort, port: named } = new URL(url);
    const tls = protocol === 'https:';
    const { host } = splitHostPort(hostPort);
    // An URL drops the port that its scheme implies.
    const port = named === '' ? (tls ? 443 : 80) : Number(named);
    try {
      const answer = await getOnce(url, options);
      if (!tls && answer.status === 400 && WRONG_SCHEME.test(answer.body.toString('latin1')))
        throw schemeFault(host, port, false);
      return answer;
    } catch (error) {
      if (!(error instanceof ProbeError) || !breaksOff.has(error.reason) || options.signal.aborted) throw error;
      const left = Math.min(LOOK_MS, options.timeoutMs - (performance.now() - startedAt));
      const other = tls ? speaksPlain : speaksTls;
      const key = `${protocol}//${hostPort}`;
      const known = mistaken.get(key);
      if (known !== undefined) throw known;
      if (left <= 0 || !(await other(host, port, left))) throw error;
      const fault = schemeFault(host, port, tls);
      mistaken.set(key, fault);
      throw fault;
    }
  };

  const getOnce = (url: string, options: HttpGetOptions): Promise<HttpAnswer> =>
    new Promise((resolve, reject) => {
      const target = new URL(url);
      const shown = `GET ${target.protocol}//${target.host}${target.pathname}${target.search}`;
      const { host } = splitHostPort(target.host);
      const common = { headers, signal: options.signal };
      const sentAt = Date.now();
      const startedAt = performance.now();
      let connected = false;
      const request =
        target.protocol === 'https:'
          ? httpsRequest(withoutUserinfo(target), { ...common, agent: secure, ...tlsConnectOptions(material, host) })
          : httpRequest(withoutUserinfo(target), { ...common, agent: plain });
      const timer = setTimeout(() => {
        const reason = connected ? 'not-answering' : 'connection-timeout';
        const what = connected ? 'connected, but no whole answer came' : 'no TCP connection';
        request.destroy(
          new ProbeError('timeout', reason, `${shown}: ${what} within ${Math.round(options.timeoutMs)} ms`),
        );
      }, options.timeoutMs);
      request.on('socket', (socket) => {
        if (!socket.connecting) connected = true;
        else socket.once('connect', () => (connected = true));
      });
      request.on('finish', () => counter.count(options.memberId ?? `url ${target.host}`, options.round));
      request.on('error', (error) => {
        clearTimeout(timer);
        reject(failure(error, shown, options.signal));
      });
      request.on('response', (response) => {
        const receivedAt = Date.now();
        readBody(response, options.maxBytes, options.sink).then(
          ({ body, truncated }) => {
            clearTimeout(timer);
            resolve({
              status: response.statusCode ?? 0,
              headers: headersOf(response),
              body,
              truncated,
              elapsedMs: performance.now() - startedAt,
              sentAt,
              receivedAt,
            });
            if (truncated) request.destroy();
          },
          (error: unknown) => {
            clearTimeout(timer);
            reject(failure(error, shown, options.signal));
          },
        );
      });
      request.end();
    });

  return {
    get,
    close: () => {
      plain.destroy();
      secure.destroy();
    },
  };
};

/** How a server ends a connection whose first bytes it does not understand. */
const breaksOff: ReadonlySet<ReasonCode> = new Set<ReasonCode>(['connection-reset', 'malformed-answer']);

const withoutUserinfo = (url: URL): URL => {
  const copy = new URL(url);
  copy.username = '';
  copy.password = '';
  return copy;
};

/** Reads at most `maxBytes`; the rest is left unread. Rejects when the answer breaks off. */
const readBody = (
  response: IncomingMessage,
  maxBytes: number,
  sink: HttpGetOptions['sink'],
): Promise<{ body: Buffer; truncated: boolean }> =>
  new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const keep = sink ?? ((chunk: Buffer): void => void chunks.push(chunk));
    let size = 0;
    response.on('data', (chunk: Buffer) => {
      const room = maxBytes - size;
      keep(chunk.length > room ? chunk.subarray(0, room) : chunk);
      size += Math.min(chunk.length, room);
      if (chunk.length > room) {
        response.pause();
        resolve({ body: Buffer.concat(chunks), truncated: true });
      }
    });
    response.on('end', () => resolve({ body: Buffer.concat(chunks), truncated: false }));
    response.on('error', reject);
  });

const headersOf = (response: IncomingMessage): Record<string, string> =>
  Object.fromEntries(
    Object.entries(response.headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(', ') : (value ?? ''),
    ]),
  );

const failure = (error: unknown, shown: string, signal: AbortSignal): ProbeError => {
  if (error instanceof ProbeError) return error;
  if (signal.aborted) return new ProbeError('timeout', 'item-timeout', `${shown}: no answer within the item's time`);
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const text = clean(`${code} ${error instanceof Error ? error.message : String(error)}`);
  // An HTTP/2-only port answers HTTP/1.1 with a frame the parser refuses.
  if (code.startsWith('HPE_'))
    return new ProbeError('failed', 'malformed-answer', `${shown}: no HTTP/1.1 answer (${text})`);
  const known = reasonOfText(text);
  return known === undefined
    ? new ProbeError('failed', 'unexpected', `${shown}: ${text}`)
    : new ProbeError(known[0], known[1], `${shown}: ${text}`);
};
