import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer as createHttp2Server } from 'node:http2';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { type TestContext, test } from 'node:test';
import { createServer as createTlsServer } from 'node:tls';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEtcdPort } from '../../../collector/ports/etcd.js';
import { createHttpPort } from '../../../collector/ports/http.js';
import type { ReasonCode } from '../../../collector/probe.js';
import { provisional } from '../../../collector/targets/ask.js';
import { parseSeed } from '../../../collector/targets/addresses.js';
import { createAuthority, issueCertificate, readCredentials } from '../../support/pki.js';

const options = { tls: { insecureSkipTlsVerify: true } };

const listen = async (t: TestContext, server: Server): Promise<string> => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
};

/** What both doors say of an address, as state and reason. */
const asked = async (url: string): Promise<readonly [string, ReasonCode][]> => {
  const http = createHttpPort(options);
  const etcd = createEtcdPort(options);
  const call = { signal: new AbortController().signal, timeoutMs: 4_000 };
  const reasonOf = (error: { state: string; reason: ReasonCode }): [string, ReasonCode] => [error.state, error.reason];
  try {
    return [
      await etcd.status(provisional(parseSeed(url, false)), call).then(() => assert.fail('answered'), reasonOf),
      await http.get(`${url}/metrics`, { ...call, maxBytes: 1_000 }).then(() => assert.fail('answered'), reasonOf),
    ];
  } finally {
    http.close();
    etcd.close();
  }
};

/** As etcd's listener: greets HTTP/2 and ends a connection that opens with anything else. */
const plainServer = (): Server => {
  const h2 = createHttp2Server();
  return createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', (first: Buffer) => {
      if (!first.toString('latin1').startsWith('PRI ')) return socket.destroy();
      socket.unshift(first);
      h2.emit('connection', socket);
    });
  });
};

test('https to a plain-text server is a TLS fault at both doors', async (t) => {
  const at = await listen(t, plainServer());
  assert.deepEqual(await asked(`https://${at}`), [
    ['unreachable', 'tls-protocol'],
    ['unreachable', 'tls-protocol'],
  ]);
});

test('http to a TLS server is a TLS fault at both doors', async (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'etcd-evidence-scheme-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  const authority = await createAuthority(dir);
  const credentials = await readCredentials(
    authority,
    await issueCertificate(authority, { name: 'server', hosts: ['127.0.0.1'] }),
  );
  const { cert, key } = credentials;
  const server = createTlsServer({ cert, key, ALPNProtocols: ['h2'] }, (socket) => socket.on('error', () => undefined));
  server.on('tlsClientError', () => undefined);
  const at = await listen(t, server);
  assert.deepEqual(await asked(`http://${at}`), [
    ['unreachable', 'tls-protocol'],
    ['unreachable', 'tls-protocol'],
  ]);
});

test('a server that ends every connection is no TLS fault, whichever scheme is asked', async (t) => {
  const at = await listen(
    t,
    createServer((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', () => socket.destroy());
    }),
  );
  for (const scheme of ['http', 'https']) {
    assert.deepEqual(
      await asked(`${scheme}://${at}`),
      [
        ['unreachable', 'connection-reset'],
        ['unreachable', 'connection-reset'],
      ],
      scheme,
    );
  }
});
