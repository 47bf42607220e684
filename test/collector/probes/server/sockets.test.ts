import assert from 'node:assert/strict';
import { connect, createServer } from 'node:net';
import { after, describe, test } from 'node:test';
import type { RunCommand } from '../../../../collector/ports/command.js';
import { createFilesPort } from '../../../../collector/ports/files.js';
import { type LocalMember, type MemberTarget, type ProbeContext, ProbeError } from '../../../../collector/probe.js';
import { readSockets } from '../../../../collector/probes/server/sockets.js';
import { parseSs } from '../../../../collector/ss-lines.js';
import { parseAddress, parseTcpTable } from '../../../../collector/tcp-table.js';
import { validate } from '../../../../schemas/index.js';
import { type FakeHost, fakeHost } from '../../fake-files.js';
import { fakeMember, memberIds } from '../../fake-wiring.js';

const hosts: FakeHost[] = [];
after(() => {
  for (const host of hosts) host.remove();
});

const HEAD =
  '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode                     \n';
const hexPort = (port: number): string => port.toString(16).toUpperCase().padStart(4, '0');
const hex = (host: number, port: number): string => `${hexPort(host).slice(2)}00000A:${hexPort(port)}`;
const line = (
  local: string,
  remote: string,
  state: string,
  tx: string,
  rx: string,
  retransmits: string,
  inode: number,
) =>
  `   0: ${local} ${remote} ${state} ${tx}:${rx} 01:00000018 ${retransmits}     0        0 ${inode} 2 00000000a0f2c1a5 20 4 30 10 -1\n`;

const local: LocalMember = {
  pid: 77,
  startTicks: '1000',
  executable: 'etcd',
  settings: {
    'listen-client-urls': 'http://10.0.0.1:2379',
    'listen-peer-urls': 'http://10.0.0.1:2380',
    'listen-metrics-urls': 'http://127.0.0.1:2381',
  },
  matchedBy: 'test',
};
const stat = `77 (etcd) S 1 ${'0 '.repeat(17)}1000 0 0 0 0\n`.replace(/^(\S+ \S+ \S+ 1 )(.*)$/m, (_, head: string) => {
  const rest = Array.from({ length: 48 }, (_unused, at) => (at === 17 ? '1000' : '0'));
  return head + rest.join(' ');
});

const contextOf = (host: FakeHost): ProbeContext<MemberTarget> => {
  const members = [0, 1, 2].map((index) => fakeMember(index));
  return {
    target: fakeMember(0, { local }),
    signal: new AbortController().signal,
    timeoutMs: 5000,
    files: host.files,
    shared: { members },
  } as unknown as ProbeContext<MemberTarget>;
};

const world = (tcp: string, fds: readonly number[] | undefined, tcp6?: string): FakeHost => {
  const host = fakeHost(fds === undefined ? ['/proc/77/fd'] : []);
  hosts.push(host);
  host.put('/proc/77/stat', stat);
  host.put('/proc/77/net/tcp', HEAD + tcp);
  if (tcp6 !== undefined) host.put('/proc/77/net/tcp6', HEAD + tcp6);
  host.put('/proc/77/ns/net', '->net:[4026531840]');
  host.put('/proc/self/ns/net', '->net:[4026531840]');
  for (const inode of fds ?? []) host.put(`/proc/77/fd/${inode}`, `->socket:[${inode}]`);
  return host;
};

const silent: RunCommand = async () => ({ stdout: Buffer.alloc(0), cut: false });

describe('sockets', () => {
  const table = [
    line(hex(1, 2379), '00000000:0000', '0A', '00000000', '00000003', '00000000', 10),
    line(hex(1, 2379), hex(9, 50000), '01', '00000000', '00000100', '00000000', 11),
    line(hex(1, 2379), hex(9, 50001), '08', '00000010', '00000000', '00000000', 12),
    line(hex(1, 2380), hex(2, 50002), '01', '00000000', '00000000', '00000000', 13),
    line(hex(1, 40000), hex(2, 2380), '01', '0000032C', '00000000', '00000002', 14),
    // Of another process in the same namespace.
    line(hex(1, 40001), hex(3, 2380), '01', '00000000', '00000000', '00000000', 99),
    line(hex(1, 22), hex(9, 50003), '01', '00000000', '00000000', '00000000', 98),
    line(hex(1, 2379), hex(8, 50004), '06', '00000000', '00000000', '00000000', 0),
    'garbage\n',
  ].join('');

  test('groups by role, tells queues, and leaves out what other processes hold', async () => {
    const content = await readSockets(contextOf(world(table, [10, 11, 12, 13, 14])), silent);
    assert.deepEqual(validate('sockets', content), { ok: true, value: content });
    assert.equal(content.attributedBy, 'inode');
    const [client, peerIn, peerOut] = content.groups;
    assert.deepEqual(client?.states, { ESTABLISHED: 1, CLOSE_WAIT: 1, TIME_WAIT: 1 });
    assert.deepEqual([client?.rxQueueBytes, client?.txQueueBytes], [256, 16]);
    assert.deepEqual(client?.topRemotes, [
      { address: '10.0.0.9', sockets: 2 },
      { address: '10.0.0.8', sockets: 1 },
    ]);
    assert.deepEqual([peerIn?.role, peerIn?.sockets, peerOut?.role, peerOut?.sockets], ['peer-in', 1, 'peer-out', 1]);
    assert.deepEqual([peerOut?.txQueueMaxBytes, peerOut?.retransmitting], [812, 1]);
    assert.deepEqual(content.listeners, [{ address: '10.0.0.1', port: 2379, waiting: 3 }]);
    assert.deepEqual(
      content.peers.map(({ direction, memberId, remote }) => [direction, memberId, remote]),
      [
        ['in', memberIds[1], '10.0.0.2:50002'],
        ['out', memberIds[1], '10.0.0.2:2380'],
      ],
    );
  });

  test('without rights the ports tell, and it says so', async () => {
    const content = await readSockets(contextOf(world(table, undefined)), silent);
    assert.equal(content.attributedBy, 'port');
    assert.equal(content.groups.find(({ role }) => role === 'peer-out')?.sockets, 2);
  });

  test('ss adds round-trip times to the same connection; IPv4 in IPv6 form is one address', async () => {
    const mapped = (text: string): string => `0000000000000000FFFF0000${text}`;
    const six = line(mapped(hex(1, 2380)), mapped(hex(3, 50005)), '01', '00000000', '00000000', '00000000', 15);
    const run: RunCommand = async (file, args) => {
      assert.equal(file, 'ss');
      assert.deepEqual(args, ['-tinH', '( sport = :2380 or dport = :2380 )']);
      const text =
        'ESTAB 0 812 10.0.0.1:40000 10.0.0.2:2380 \n\t cubic rto:408 backoff:1 rtt:7.925/12.8 mss:1448 pmtu:1500 cwnd:1 ssthresh:2 bytes_sent:18446744073709551615 bytes_retrans:1619 unacked:3 retrans:1/17 lost:2 lastsnd:8 minrtt:0.4\n' +
        'ESTAB 0 0 [::ffff:10.0.0.1]:2380 [::ffff:10.0.0.3]:50005\n\t cubic rto:204 rtt:0.5/0.1 mss:1448 cwnd:10\n';
      return { stdout: Buffer.from(text), cut: false };
    };
    const content = await readSockets(contextOf(world(table, [10, 11, 12, 13, 14, 15], six)), run);
    assert.deepEqual(validate('sockets', content), { ok: true, value: content });
    const out = content.peers.find(({ direction }) => direction === 'out');
    assert.deepEqual(out?.tcp, {
      rttMs: 7.925,
      rttVarMs: 12.8,
      minRttMs: 0.4,
      rtoMs: 408,
      backoff: 1,
      cwnd: 1,
      ssthresh: 2,
      unacked: 3,
      lost: 2,
      retransInFlight: 1,
      retransTotal: 17,
      mss: 1448,
      pmtu: 1500,
      lastSendMs: 8,
      bytesSent: '18446744073709551615',
      bytesRetransmitted: '1619',
    });
    assert.equal(content.peers.find(({ remote }) => remote === '10.0.0.3:50005')?.tcp?.rttMs, 0.5);
    assert.equal(content.ss.state, 'ok');
  });

  test('ss that is missing or fails takes nothing else away', async () => {
    for (const [reason, state] of [
      ['file-missing', 'missing'],
      ['unexpected', 'failed'],
    ] as const) {
      const run: RunCommand = async () => {
        throw new ProbeError('failed', reason, 'no ss');
      };
      const content = await readSockets(contextOf(world(table, [10, 11, 12, 13, 14])), run);
      assert.deepEqual([content.ss.state, content.peers.length], [state, 2]);
    }
  });

  test('a process that was replaced is not read', async () => {
    const host = world(table, []);
    host.put('/proc/77/stat', stat.replace(' 1000 ', ' 2000 '));
    await assert.rejects(
      readSockets(contextOf(host), silent),
      (error: unknown) => error instanceof ProbeError && error.reason === 'no-such-process',
    );
  });
});

test('addresses of the table', () => {
  assert.deepEqual(parseAddress('0100007F:0050'), { address: '127.0.0.1', port: 80 });
  assert.deepEqual(parseAddress('00000000000000000000000001000000:0050'), { address: '::1', port: 80 });
  assert.deepEqual(parseAddress('B80D0120000000000000000001000000:FFFF'), { address: '2001:db8::1', port: 65535 });
  assert.deepEqual(parseAddress(`${'0'.repeat(32)}:0000`), { address: '::', port: 0 });
  for (const wrong of ['', '0100007F', '0100007F:1', '0100007F0100007F:0050', 'x:0050'])
    assert.equal(parseAddress(wrong), undefined);
});

test('ss: its forms, and texts that are not of it', () => {
  const [one] = parseSs('0 0 127.0.0.1%lo:1 [fe80::1]%eth0:2\n\t bbr rto:204 rtt:0.02/0.01\n');
  assert.deepEqual(one, {
    local: { address: '127.0.0.1', port: 1 },
    remote: { address: 'fe80::1', port: 2 },
    tcp: { rttMs: 0.02, rttVarMs: 0.01, rtoMs: 204 },
  });
  assert.deepEqual(parseSs('ESTAB 0 0 a b\n\t rto:1\nnonsense\n\t rto:1\n\n'), []);
  const oneLine = parseSs('ESTAB 0 0 10.0.0.1:1 10.0.0.2:2 cubic wscale:7,7 rto:204 rtt:1/2 mss:9 cwnd:3\n');
  assert.deepEqual(oneLine[0]?.tcp, { rttMs: 1, rttVarMs: 2, rtoMs: 204, cwnd: 3, mss: 9 });
});

test('real: a connection of this process is found with its queue, and by ss', {
  skip: process.platform !== 'linux',
}, async () => {
  const server = createServer(() => undefined).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as { port: number };
  const socket = connect(port, '127.0.0.1');
  await new Promise((resolve) => socket.once('connect', resolve));
  try {
    const table = await createFilesPort().readRange(`/proc/${process.pid}/net/tcp`, 0, 8 << 20);
    const found = parseTcpTable(table.toString('latin1'), (own, remote) => own === port || remote === port);
    assert.deepEqual(found.map(({ state }) => state).sort(), ['ESTABLISHED', 'ESTABLISHED', 'LISTEN']);
    const { runCommand } = await import('../../../../collector/ports/command.js');
    const options = { signal: new AbortController().signal, timeoutMs: 10_000, maxBytes: 1 << 20 };
    const answer = await runCommand('ss', ['-tinH', `( sport = :${port} or dport = :${port} )`], options).catch(
      () => undefined,
    );
    if (answer === undefined) return;
    const listed = parseSs(answer.stdout.toString('latin1'));
    assert.equal(listed.length, 2);
    assert.ok(
      listed.every(({ tcp }) => (tcp.rttMs ?? -1) >= 0 && (tcp.mss ?? 0) > 0),
      JSON.stringify(listed),
    );
  } finally {
    socket.destroy();
    server.close();
  }
});
