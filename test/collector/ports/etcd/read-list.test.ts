import assert from 'node:assert/strict';
import { createServer, type Http2Server } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { openChannel } from '../../../../collector/ports/etcd/channel.js';
import { READ_LIST } from '../../../../collector/ports/etcd/read-list.js';
import { createEtcdPort } from '../../../../collector/ports/etcd.js';
import { type MemberTarget, ProbeError } from '../../../../collector/probe.js';

/** A server that answers nothing but remembers every stream that reaches it, headers only ones too. */
let server: Http2Server;
let endpoint: string;
const wire: string[] = [];

before(async () => {
  server = createServer();
  server.on('stream', (stream, headers) => {
    wire.push(String(headers[':path']));
    stream.on('error', () => undefined);
    stream.respond({ ':status': 200, 'content-type': 'application/grpc', 'grpc-status': '12' }, { endStream: true });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  endpoint = `127.0.0.1:${(server.address() as AddressInfo).port}`;
});

after(() => {
  server.close();
});

const isBlocked = (error: unknown): boolean =>
  error instanceof ProbeError && error.state === 'denied' && error.reason === 'write-blocked';

test('no write of etcd3 and no read of values leaves the process', async () => {
  const channel = openChannel(endpoint, false, { insecureSkipTlsVerify: false });
  const { etcd3 } = channel;
  const attempts: Record<string, () => Promise<unknown>> = {
    put: () => etcd3.put('k').value('v').exec(),
    'delete one': () => etcd3.delete().key('k').exec(),
    'delete all': () => etcd3.delete().all().exec(),
    'get a value': () => etcd3.get('k').exec(),
    'keys only': () => etcd3.getAll().prefix('k').keys(),
    'linearizable count of a range': () => etcd3.getAll().prefix('k').count(),
    'serializable keys': () => etcd3.getAll().prefix('k').serializable(true).keys(),
    defragment: () => etcd3.maintenance.defragment(),
    'alarm off': () => etcd3.maintenance.alarm({ action: 'Deactivate', alarm: 'Nospace' }),
    'alarm on': () => etcd3.maintenance.alarm({ action: 1, alarm: 1 }),
    'move leader': () => etcd3.maintenance.moveLeader({ targetID: '1' }),
    'remove member': () => etcd3.cluster.memberRemove({ ID: '1' }),
    'add member': () => etcd3.cluster.memberAdd({ peerURLs: ['http://127.0.0.1:1'] }),
    'auth off': () => etcd3.auth.authDisable(),
    transaction: () => etcd3.if('k', 'Version', '==', 0).then(etcd3.put('k').value('v')).commit(),
    lease: () => etcd3.lease(10).grant(),
    snapshot: () => etcd3.maintenance.snapshot(),
  };
  for (const [name, attempt] of Object.entries(attempts)) await assert.rejects(attempt, isBlocked, name);
  assert.deepEqual(wire, []);
  channel.close();
});

test('every call of the port is on the read list and reaches the wire', async () => {
  const port = createEtcdPort({ tls: { insecureSkipTlsVerify: false }, auth: { user: 'u', password: 'p' } });
  const member: MemberTarget = {
    kind: 'member',
    id: '00000000000000aa',
    endpoint,
    tls: false,
    clientUrls: [],
    peerUrls: [],
    isLearner: false,
    discoveredBy: 'seed',
    httpUrls: [],
  };
  const call = { signal: new AbortController().signal, timeoutMs: 5_000 };
  const isUnsupported = (error: unknown): boolean =>
    error instanceof ProbeError && error.state === 'unsupported' && error.reason === 'not-supported-by-server';
  wire.length = 0;
  await assert.rejects(port.status(member, { ...call, round: 2 }), isUnsupported);
  await assert.rejects(port.memberList(member, call), isUnsupported);
  await assert.rejects(port.alarms(member, call), isUnsupported);
  await assert.rejects(port.hashKV(member, '1', call), isUnsupported);
  await assert.rejects(port.countRead(member, { serializable: true, anonymous: true }, call), isUnsupported);
  await assert.rejects(port.countRange(member, '/registry/pods/', call), isUnsupported);
  await assert.rejects(port.countRange(member, undefined, call), isUnsupported);
  assert.deepEqual([...new Set(wire)].sort(), [
    '/etcdserverpb.Auth/Authenticate',
    '/etcdserverpb.Cluster/MemberList',
    '/etcdserverpb.KV/Range',
    '/etcdserverpb.Maintenance/Alarm',
    '/etcdserverpb.Maintenance/Status',
  ]);
  assert.ok(wire.every((path) => path in READ_LIST));
  assert.deepEqual(port.requests(), { [member.id]: { '2': 1, once: wire.length - 1 } });
  port.close();
});
