import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { createFilesPort } from '../../../../collector/ports/files.js';
import type { NetPort } from '../../../../collector/ports/net.js';
import type { HostTarget, MemberTarget, ProbeContext } from '../../../../collector/probe.js';
import netConfig, { parseHosts, parseResolver } from '../../../../collector/probes/host/net-config.js';
import { addressNumber, parseRoutes, parseRoutes6, routeTo } from '../../../../collector/routes.js';
import { validate } from '../../../../schemas/index.js';
import { type FakeHost, fakeHost } from '../../fake-files.js';
import { fakeMember, memberIds } from '../../fake-wiring.js';

const hosts: FakeHost[] = [];
after(() => {
  for (const host of hosts) host.remove();
});

const table =
  'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n' +
  'eth0\t00000000\t010010AC\t0003\t0\t0\t100\t00000000\t0\t0\t0\n' +
  'eth0\t000010AC\t00000000\t0001\t0\t0\t100\t0000FFFF\t0\t0\t0\n' +
  'eth1\t0000630A\t00000000\t0001\t0\t0\t50\t00FFFFFF\t1400\t0\t0\n' +
  'eth2\t0000630A\t00000000\t0001\t0\t0\t10\t00FFFFFF\t0\t0\t0\n' +
  'down\t00006409\t00000000\t0000\t0\t0\t0\t00FFFFFF\t0\t0\t0\n' +
  'broken\tx\n';

const run = async (host: FakeHost, members: readonly MemberTarget[], resolve?: NetPort['resolve']) => {
  hosts.push(host);
  const context = {
    target: { kind: 'host', id: 'host-1', members: [] },
    signal: new AbortController().signal,
    timeoutMs: 5000,
    files: host.files,
    net: { resolve: resolve ?? (() => assert.fail('no names here')) },
    shared: { members },
  } as unknown as ProbeContext<HostTarget>;
  const result = await netConfig.run(context);
  const content = result.parts[0]?.content;
  assert.deepEqual(validate('net-config', content), { ok: true, value: content });
  assert.ok(content !== undefined);
  return { result, content };
};

const withInterface = (host: FakeHost, name: string, files: Readonly<Record<string, string>>): void => {
  for (const [path, text] of Object.entries(files)) host.put(`/sys/class/net/${name}/${path}`, `${text}\n`);
};

const withEtc = (host: FakeHost): FakeHost => {
  host.put(
    '/etc/resolv.conf',
    '# managed\nnameserver 10.0.0.53\nnameserver 10.0.0.54 ; second\ndomain old.example\nsearch a.example b.example\noptions ndots:5 timeout:1\n',
  );
  host.put('/etc/nsswitch.conf', 'passwd: files\nhosts:  files dns [NOTFOUND=return] # x\n');
  host.put('/etc/hosts', '127.0.0.1 localhost\n10.99.0.2 m2.internal m2\n192.168.7.7 payroll.internal\n');
  return host;
};

describe('net-config', () => {
  test('the way to each peer, with the MTU in force, and its interface first', async () => {
    const host = withEtc(fakeHost());
    host.put('/proc/net/route', table);
    withInterface(host, 'aaa', { mtu: '1500', operstate: 'up', speed: '-1' });
    withInterface(host, 'eth2', {
      mtu: '9000',
      operstate: 'up',
      carrier: '1',
      carrier_changes: '7',
      speed: '25000',
      duplex: 'full',
      tx_queue_len: '1000',
      'statistics/rx_errors': '0',
      'statistics/rx_crc_errors': '18446744073709551615',
      'statistics/rx_packets': '55',
      'lower_eth9/x': '',
    });
    const peer = (index: number, url: string): MemberTarget =>
      fakeMember(index, { peerUrls: [url], clientUrls: [], endpoint: '' });
    const { result, content } = await run(
      host,
      [
        peer(0, 'http://10.99.0.2:2380'),
        peer(1, 'http://m9.internal:2380'),
        fakeMember(2, { local: { pid: 1, startTicks: '0', executable: 'etcd', settings: {}, matchedBy: '' } }),
      ],
      async (name) => ({ host: name, literal: false, elapsedMs: 1, addresses: [{ address: '8.8.8.8', family: 4 }] }),
    );
    assert.equal(result.state, 'ok');
    assert.deepEqual(content.routes, [
      { memberId: memberIds[0], address: '10.99.0.2', via: 'link', interface: 'eth2', prefix: 24, mtu: 9000 },
      {
        memberId: memberIds[1],
        address: '8.8.8.8',
        via: 'gateway',
        interface: 'eth0',
        prefix: 0,
        gateway: '172.16.0.1',
      },
    ]);
    assert.deepEqual(content.interfaces[0], {
      name: 'eth2',
      mtu: 9000,
      operState: 'up',
      carrier: true,
      carrierChanges: 7,
      speedMbps: 25000,
      duplex: 'full',
      txQueueLen: 1000,
      lower: ['eth9'],
      virtual: true,
      errors: { rx_crc_errors: '18446744073709551615' },
    });
    assert.equal(content.interfaces[1]?.speedMbps, undefined, '-1 is no speed');
    assert.deepEqual(content.hosts, [{ address: '10.99.0.2', names: ['m2.internal', 'm2'] }]);
    assert.ok(!JSON.stringify(content).includes('payroll'), 'other hosts are not taken');
    assert.equal(content.nsswitchHosts, 'files dns [NOTFOUND=return]');
    assert.deepEqual(content.resolver, {
      nameservers: ['10.0.0.53', '10.0.0.54'],
      search: ['a.example', 'b.example'],
      options: ['ndots:5', 'timeout:1'],
    });
  });

  test('many interfaces are cut, and those of pods go first', async () => {
    const host = withEtc(fakeHost());
    host.put('/proc/net/route', table);
    for (let at = 0; at < 100; at += 1) withInterface(host, `cali${at}`, { mtu: '1500' });
    withInterface(host, 'zbond0', { mtu: '1500' });
    const { content } = await run(host, []);
    assert.equal(content.interfaces.length, 64);
    assert.equal(content.interfaces[0]?.name, 'zbond0');
    assert.equal(content.omittedInterfaces, 37);
  });

  test('what cannot be read is named, and the rest is there', async () => {
    const host = fakeHost();
    host.put('/etc/hosts', '');
    const { result, content } = await run(host, [fakeMember(0, { peerUrls: ['http://10.99.0.2:2380'] })]);
    assert.equal(result.state, 'partial');
    assert.deepEqual(content.routes, [{ memberId: memberIds[0], address: '10.99.0.2', via: 'none' }]);
    assert.equal(content.problems.length, 3, content.problems.join('\n'));
  });

  test('of this machine', { skip: process.platform !== 'linux' }, async () => {
    const host = { ...fakeHost(), files: createFilesPort() };
    const { content } = await run(host, [fakeMember(0, { peerUrls: ['http://127.0.0.1:2380'] })]);
    const lo = content.interfaces.find(({ name }) => name === 'lo');
    assert.equal(lo?.mtu, 65536);
    assert.equal(lo?.virtual, true);
    assert.equal(content.routes[0]?.via, 'local');
  });
});

test('routes: longest prefix, then metric; down ones do not count', () => {
  const routes = parseRoutes(table);
  assert.equal(routes.length, 4);
  assert.equal(routeTo(routes, '10.99.0.77')?.interface, 'eth2');
  assert.equal(routeTo(routes, '172.16.9.9')?.prefix, 16);
  assert.equal(routeTo(routes, '9.100.0.1')?.interface, 'eth0', 'the route that is down is not taken');
  assert.equal(routeTo(parseRoutes(table.split('\n').slice(2).join('\n')), '1.1.1.1'), undefined);
  assert.equal(routeTo(routes, 'name'), undefined);
});

test('routes of IPv6', () => {
  const zero = '0'.repeat(32);
  const six = parseRoutes6(
    [
      `20010db8000100000000000000000000 40 ${zero} 00 ${zero} 00000100 00000001 00000000 00000001     eth0`,
      `${zero} 00 ${zero} 00 fe800000000000000000000000000001 00000400 00000001 00000000 00000003     eth1`,
      `${zero} 00 ${zero} 00 ${zero} ffffffff 00000001 00000000 00200200       lo`,
    ].join('\n'),
  );
  assert.equal(routeTo(six, '2001:db8:1::5')?.interface, 'eth0');
  const fallback = routeTo(six, '2a00::1');
  assert.equal(fallback?.interface, 'eth1');
  assert.equal(addressNumber(fallback?.gateway ?? '')?.value, addressNumber('fe80::1')?.value);
  assert.equal(addressNumber('::ffff:1.2.3.4')?.value, addressNumber('::ffff:102:304')?.value);
});

test('resolv.conf and /etc/hosts of any shape', () => {
  assert.deepEqual(parseResolver('nameserver\nsearch\noptions\n\0'), { nameservers: [], search: [], options: [] });
  assert.deepEqual(parseHosts('10.0.0.1\n# 10.0.0.1 x\n10.0.0.1 a # b\n', new Set(['10.0.0.1'])), [
    { address: '10.0.0.1', names: ['a'] },
  ]);
});
