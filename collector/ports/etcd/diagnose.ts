import { connect } from 'node:net';
import { connect as tlsConnect } from 'node:tls';
import { ProbeError } from '../../probe.js';
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

/** One TLS handshake to name the fault that gRPC left open. Resolves undefined when it finds none. */
export const tlsFault = (host: string, port: number, material: TlsMaterial): Promise<ProbeError | undefined> =>
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
export const speaksTls = (host: string, port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = tlsConnect({ host, port, rejectUnauthorized: false, ALPNProtocols: ['h2'] });
    const end = (answer: boolean) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(answer);
    };
    const timer = setTimeout(() => end(false), LOOK_MS);
    socket.once('secureConnect', () => end(true));
    socket.once('error', (error) => end(/alert/i.test(error.message)));
    socket.once('close', () => end(false));
  });
