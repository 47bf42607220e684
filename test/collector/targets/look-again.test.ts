import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { NetPort } from '../../../collector/ports/net.js';
import type { LocalMember, MemberTarget } from '../../../collector/probe.js';
import { lookAgain } from '../../../collector/targets/look-again.js';
import type { Ports } from '../../../collector/wiring.js';
import { fakeMember } from '../fake-wiring.js';

const own = new Set(['10.0.0.1']);
const process: LocalMember = {
  pid: 77,
  startTicks: '5',
  executable: 'etcd',
  settings: { name: 'm1', 'listen-client-urls': 'http://10.0.0.1:2379' },
  matchedBy: 'process etcd (pid 77)',
};

const look = async (members: readonly MemberTarget[], connects: boolean) => {
  let watched = 0;
  const net = {
    tcpConnect: async () => ({ ok: connects, ms: 1 }),
  } as unknown as NetPort;
  const wiring = {
    ports: { net } as unknown as Ports,
    watchLocals: async () => {
      watched += 1;
      return { members: [process], notes: [] };
    },
  };
  return { found: await lookAgain(members, wiring, own, new AbortController().signal), watched: () => watched };
};

test('a member of this host that takes no connection is waited for, and only it gets the process', async () => {
  const { found, watched } = await look([fakeMember(0), fakeMember(1)], false);
  assert.equal(watched(), 1);
  assert.deepEqual(
    found.map(({ local }) => local?.pid),
    [77, undefined],
  );
});

test('members that answer, run here already or live elsewhere are not waited for', async () => {
  for (const [members, connects] of [
    [[fakeMember(0)], true],
    [[fakeMember(0, { local: process })], false],
    [[fakeMember(1), fakeMember(2)], false],
  ] as const) {
    const { found, watched } = await look(members, connects);
    assert.equal(watched(), 0);
    assert.deepEqual(found, members);
  }
});
