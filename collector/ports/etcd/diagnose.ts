import { connect } from 'node:net';
import { connect as tlsConnect } from 'node:tls';
import { ProbeError } from '../../probe.js';
import { joinHostPort } from '../host-port.js';
import { type TlsMaterial, tlsConnectOptions } from '../tls.js';
import { clean, reasonOfText } from './errors.js';

/** Bound of one look below gRPC, ms; it runs inside the item's own time or just after a quick refusal. */
const LOOK_MS = 1_000;

/** Whether the TCP port opens at all: tells dropped packets from a server that accepts and is silent. */
export const opensTcp = (host: string, port: number, timeoutMs: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ host, port });
    const end = (open: boolean) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(open);
    };
    const timer = setTimeout(() => end(false), timeoutMs);
    socket.once('connect', () => end(true));
    socket.once('error', () => end(false));
  });

/**
 * One TLS handshake to name the fault that gRPC left open. A plain-text server ends the connection at the first byte,
 * as a dying one does: then it is asked in plain text too. Resolves undefined when it finds none.
 */
export const tlsFault = async (host: string, port: number, material: TlsMaterial): Promise<ProbeError | undefined> => {
  const fault = await handshakeFault(host, port, material);
  return fault?.reason === 'connection-reset' && (await speaksPlain(host, port))
    ? schemeFault(host, port, true)
    : fault;
};

/** The endpoint lives, and was asked with the wrong scheme. */
export const schemeFault = (host: string, port: number, askedWithTls: boolean): ProbeError =>
  new ProbeError(
    'unreachable',
    'tls-protocol',
    askedWithTls
      ? `${joinHostPort(host, port)} speaks plain text, but was asked with TLS: use http://`
      : `${joinHostPort(host, port)} speaks TLS, but was asked in plain text: use https://`,
  );

const handshakeFault = (host: string, port: number, material: TlsMaterial): Promise<ProbeError | undefined> =>
  new Promise((resolve) => {
    const socket = tlsConnect({ host, port, ...tlsConnectOptions(material, host), ALPNProtocols: ['h2'] });
    const end = (fault?: ProbeError) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(fault);
    };
    const timer = setTimeout(() => end(), LOOK_MS);
    socket.once('error', (error) => {
      const text = `${'code' in error ? `${String(error.code)} ` : ''}${error.message}`;
      const known = reasonOfText(text);
      end(
        known === undefined
          ? undefined
          : new ProbeError(known[0], known[1], `TLS with ${host}:${port}: ${clean(text)}`),
      );
    });
    // A refused client certificate of TLS 1.3 shows only after the handshake; a good server speaks first.
    socket.once('data', () => end());
    socket.once('close', () => end());
  });

/** Whether a port that was taken for plain text speaks TLS. */
export const speaksTls = (host: string, port: number, timeoutMs = LOOK_MS): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = tlsConnect({ host, port, rejectUnauthorized: false, ALPNProtocols: ['h2'] });
    const end = (answer: boolean) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(answer);
    };
    const timer = setTimeout(() => end(false), timeoutMs);
    socket.once('secureConnect', () => end(true));
    socket.once('error', (error) => end(/alert/i.test(error.message)));
    socket.once('close', () => end(false));
  });

/** Opening of an HTTP/2 connection (RFC 9113, 3.4): the magic and an empty SETTINGS frame. It asks nothing of the server. */
const HTTP2_OPENING = Buffer.concat([
  Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
  Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]),
]);
const FRAME_TYPE = 3;
const SETTINGS = 4;

/** Whether a port that was taken for TLS speaks plain text: it greets with HTTP/2 settings or refuses in HTTP/1. */
export const speaksPlain = (host: string, port: number, timeoutMs = LOOK_MS): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ host, port });
    let came: Buffer = Buffer.alloc(0);
    const end = (answer: boolean) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(answer);
    };
    const timer = setTimeout(() => end(false), timeoutMs);
    socket.once('connect', () => socket.write(HTTP2_OPENING));
    socket.on('data', (chunk: Buffer) => {
      came = Buffer.concat([came, chunk]);
      if (came.length > FRAME_TYPE + 1)
        end(came[FRAME_TYPE] === SETTINGS || came.toString('latin1').startsWith('HTTP/'));
    });
    socket.on('error', () => end(false));
    socket.once('close', () => end(false));
  });
