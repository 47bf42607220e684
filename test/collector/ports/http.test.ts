import assert from 'node:assert/strict';
import { createServer, type RequestListener, type Server } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { after, test } from 'node:test';
import { createHttpPort, type HttpMember } from '../../../collector/ports/http.js';
import { ProbeError } from '../../../collector/probe.js';

const servers: Server[] = [];

const serve = async (listener: RequestListener): Promise<string> => {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
};

after(() => {
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
});

const port = createHttpPort({ tls: { insecureSkipTlsVerify: false } });
after(() => port.close());

const options = (more: { timeoutMs?: number; maxBytes?: number } = {}) => ({
  signal: new AbortController().signal,
  timeoutMs: 3_000,
  maxBytes: 1_000,
  ...more,
});

const memberAt = (id: string, httpUrls: readonly string[]): HttpMember => ({
  id,
  endpoint: (httpUrls[0] ?? '').replace('http://', ''),
  clientUrls: httpUrls.slice(0, 1),
  httpUrls,
});

const reasonOf = (expected: string) => (error: unknown) =>
  error instanceof ProbeError && `${error.state} ${error.reason}` === expected;

test('the body is bounded', async () => {
  const url = await serve((_request, response) => response.end('x'.repeat(100_000)));
  const answer = await port.get(url, options());
  assert.equal(answer.body.length, 1_000);
  assert.equal(answer.truncated, true);
});

test('a dead port, a silent port and an aborted item are told apart', async () => {
  const silent = createTcpServer(() => undefined);
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`;
  await assert.rejects(port.get(url, options({ timeoutMs: 200 })), reasonOf('timeout not-answering'));
  const signal = AbortSignal.timeout(100);
  await assert.rejects(port.get(url, { ...options(), signal }), reasonOf('timeout item-timeout'));
  silent.close();
  await assert.rejects(port.get('http://127.0.0.1:1', options()), reasonOf('unreachable connection-refused'));
});

test('proxies of the environment are not used', async () => {
  const url = await serve((_request, response) => response.end('direct'));
  const before = { ...process.env };
  process.env['http_proxy'] = 'http://127.0.0.1:1';
  process.env['HTTP_PROXY'] = 'http://127.0.0.1:1';
  try {
    assert.equal((await port.get(url, options())).body.toString(), 'direct');
  } finally {
    process.env = before;
  }
});

test('an unproven URL is asked only where the answer can be told apart, and used for the rest afterwards', async () => {
  const asked: string[] = [];
  const own = await serve((_request, response) => response.writeHead(404).end());
  const metrics = await serve((request, response) => {
    asked.push(request.url ?? '');
    response.end(request.url === '/metrics' ? 'mine' : 'fine');
  });
  const member = memberAt('m1', [own, metrics]);
  assert.equal((await port.getFromMember(member, '/health', options())).status, 404);
  assert.deepEqual(asked, []);
  const accept = () => 'yes' as const;
  const page = await port.getFromMember(member, '/metrics', { ...options(), accept, tryUnproven: true });
  assert.equal(page.base, metrics);
  assert.equal((await port.getFromMember(member, '/health', options())).body.toString(), 'fine');
  assert.deepEqual(asked, ['/metrics', '/health']);
});

test("another member's page is passed over", async () => {
  const foreign = await serve((_request, response) => response.end('theirs'));
  const own = await serve((_request, response) => response.end('mine'));
  const accept = ({ body }: { body: Buffer }) => (body.toString() === 'mine' ? ('yes' as const) : { no: 'not mine' });
  const member = memberAt('m2', ['http://127.0.0.1:1', foreign, own]);
  const answer = await port.getFromMember(member, '/metrics', { ...options(), accept, tryUnproven: true });
  assert.equal(answer.base, own);
});

test('a silent first URL does not use up the time of the next', async () => {
  const silent = await serve(() => undefined);
  const good = await serve((_request, response) => response.end('mine'));
  const startedAt = performance.now();
  const answer = await port.getFromMember(memberAt('m3', [silent, good]), '/metrics', {
    ...options(),
    accept: () => 'yes',
    tryUnproven: true,
  });
  assert.equal(answer.base, good);
  assert.ok(performance.now() - startedAt < 3_000);
});

test('with no good URL the error of the first is given, and requests are counted', async () => {
  const member = memberAt('m4', ['http://127.0.0.1:1', 'http://127.0.0.1:2']);
  const failing = port.getFromMember(member, '/metrics', { ...options(), accept: () => 'yes', tryUnproven: true });
  await assert.rejects(failing, (error: Error) => error.message.includes('127.0.0.1:1/'));
  const url = await serve((_request, response) => response.end());
  await port.get(url, { ...options(), memberId: 'm5', round: 3 });
  await port.get(url, { ...options(), memberId: 'm5' });
  assert.deepEqual(port.requests()['m5'], { '3': 1, once: 1 });
});
