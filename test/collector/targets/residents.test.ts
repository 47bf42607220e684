import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LocalMember, MemberTarget } from '../../../collector/probe.js';
import { withResidents } from '../../../collector/targets/residents.js';

const member = (id: string, host: string, local?: LocalMember): MemberTarget => ({
  kind: 'member',
  id,
  name: id,
  endpoint: `${host}:2379`,
  clientUrls: [`http://${host}:2379`],
  peerUrls: [`http://${host}:2380`],
  discoveredBy: 'member-list',
  tls: false,
  isLearner: false,
  httpUrls: [],
  ...(local === undefined ? {} : { local }),
});

const running = (pid: number): LocalMember => ({
  pid,
  startTicks: '1',
  executable: 'etcd',
  settings: {},
  matchedBy: 'test',
});

const own = new Set(['node-a', '10.0.0.1', '127.0.0.1']);

test('a member without a process lives here when an address of it is one of this host', () => {
  const [here, there] = withResidents([member('m1', '10.0.0.1'), member('m2', '10.0.0.2')], [], own);
  assert.equal(here?.local?.pid, 0);
  assert.match(here?.local?.matchedBy ?? '', /10\.0\.0\.1/);
  assert.equal(there?.local, undefined);
});

test('a loopback address proves nothing', () => {
  assert.equal(withResidents([member('m1', '127.0.0.1')], [], own)[0]?.local, undefined);
});

test('a process that belongs to no member may be that of the member: nothing is claimed', () => {
  assert.equal(withResidents([member('m1', '10.0.0.1')], [running(7)], own)[0]?.local, undefined);
});

test('a member with a process stays as it is, and its neighbour without one is found', () => {
  const found = withResidents([member('m1', '10.0.0.1', running(7)), member('m2', 'node-a')], [running(7)], own);
  assert.deepEqual(
    found.map(({ local }) => local?.pid),
    [7, 0],
  );
});
