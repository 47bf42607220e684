import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, describe, test } from 'node:test';
import { createKubernetesPort, isAllowedPath } from '../../../collector/ports/kubernetes.js';
import { ProbeError } from '../../../collector/probe.js';

const servers: Server[] = [];
after(() => {
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
});

const serve = async (listener: (request: IncomingMessage, response: ServerResponse) => void): Promise<string> => {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
};

const portOf = (server: string, token?: string) =>
  createKubernetesPort({
    server,
    from: 'flag',
    identity: 'token of the kubeconfig',
    material: { insecureSkipTlsVerify: false },
    ...(token === undefined ? {} : { token }),
  });

const call = { signal: new AbortController().signal, timeoutMs: 2000, maxBytes: 1000 };

const reasonOf = async (work: Promise<unknown>): Promise<string> => {
  const error = await work.then(
    () => assert.fail('it should be refused'),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof ProbeError, String(error));
  return `${error.state} ${error.reason}`;
};

describe('port of the API server', () => {
  test('only reads of the list leave the process', async () => {
    for (const path of [
      '/metrics',
      '/readyz?verbose',
      '/livez?verbose',
      '/version',
      '/api/v1/nodes?labelSelector=a&limit=1&resourceVersion=0',
      '/api/v1/namespaces/kube-system/pods?limit=1',
      '/api/v1/namespaces/kube-system/events?limit=1&continue=x',
      '/apis/coordination.k8s.io/v1/namespaces/kube-system/leases',
    ])
      assert.equal(isAllowedPath(path), true, path);
    const refused = [
      '/api/v1/namespaces/kube-system/secrets',
      '/api/v1/namespaces/kube-system/configmaps',
      '/api/v1/namespaces/default/pods',
      '/api/v1/namespaces/kube-system/pods/etcd-a/log',
      '/api/v1/namespaces/kube-system/pods/etcd-a/exec?command=sh',
      '/api/v1/pods',
      '/api/v1/nodes?watch=1',
      '/api/v1/nodes/../namespaces/kube-system/secrets',
      '/api/v1/namespaces/kube-system/%73ecrets',
      '/debug/pprof/heap',
      '//evil.example/metrics',
      '/metrics#x',
      'https://evil.example/metrics',
    ];
    for (const path of refused) assert.equal(isAllowedPath(path), false, path);
    let asked = 0;
    const port = portOf(
      await serve((_, response) => {
        asked += 1;
        response.end('');
      }),
    );
    for (const path of refused) assert.equal(await reasonOf(port.get(path, call)), 'failed write-blocked', path);
    assert.equal(asked, 0);
    port.close();
  });

  test('GET with the token of the kubeconfig, and to nobody else: redirects are not followed', async () => {
    const seen: string[] = [];
    const elsewhere = await serve((_, response) => {
      seen.push('elsewhere');
      response.end();
    });
    const port = portOf(
      await serve((request, response) => {
        seen.push(`${request.method} ${request.url} ${request.headers.authorization}`);
        if (request.url === '/version') response.writeHead(302, { location: `${elsewhere}/version` });
        response.end('ok');
      }),
      'right',
    );
    assert.equal((await port.get('/metrics', call)).body.toString(), 'ok');
    assert.equal((await port.get('/version', call)).status, 302);
    assert.deepEqual(seen, ['GET /metrics Bearer right', 'GET /version Bearer right']);
    port.close();
  });

  test('refusals are told apart; a failing check is an answer', async () => {
    let status = 500;
    const port = portOf(
      await serve((_, response) => {
        response.writeHead(status);
        response.end('[-]etcd failed: reason withheld');
      }),
    );
    assert.equal((await port.get('/readyz?verbose', call)).status, 500);
    for (const [code, reason] of [
      [401, 'denied auth-failed'],
      [403, 'denied permission-denied'],
      [404, 'unsupported not-supported-by-server'],
    ] as const) {
      status = code;
      assert.equal(await reasonOf(port.get('/metrics', call)), reason);
    }
    port.close();
  });

  test('an answer is handed on as it comes, and cut where it is too long', async () => {
    const port = portOf(await serve((_, response) => response.end('x'.repeat(5000))));
    let bytes = 0;
    const answer = await port.get('/metrics', { ...call, sink: (chunk) => (bytes += chunk.length) });
    assert.deepEqual([answer.body.length, bytes, answer.truncated], [0, 1000, true]);
    port.close();
  });

  test('a server that cannot be reached is not asked again by every item', async () => {
    const server = await serve(() => undefined);
    const closed = servers.pop();
    closed?.close();
    const port = portOf(server);
    assert.equal(await reasonOf(port.get('/metrics', call)), 'unreachable connection-refused');
    assert.equal(await reasonOf(port.get('/version', call)), 'unreachable target-unreachable');
    port.close();
  });

  test('a server that hangs costs each item its time and no more', async () => {
    const port = portOf(await serve(() => undefined));
    assert.equal(await reasonOf(port.get('/metrics', { ...call, timeoutMs: 150 })), 'timeout not-answering');
    port.close();
  });
});
