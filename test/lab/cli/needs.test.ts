import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lacking } from './needs.js';

test('a cluster that has what is wanted lacks nothing', () => {
  assert.deepEqual(lacking({}, {}), []);
  assert.deepEqual(lacking({ spares: 1, hosts: true }, { spares: 2, hosts: 500 }), []);
  assert.deepEqual(lacking({ hosts: 200 }, { hosts: [150, 150, 150] }), []);
  assert.deepEqual(lacking({ netns: true }, { hosts: true }), []);
  assert.deepEqual(lacking({ metricsUrls: true }, { tls: 'mtls' }), []);
  assert.deepEqual(lacking({ flags: ['--quota-backend-bytes=1'] }, { flags: ['--quota-backend-bytes=2'] }), []);
  assert.deepEqual(lacking({ memberFlags: { 2: ['--a=1'] } }, { flags: ['--a=3'] }), []);
});

test('what it lacks is named', () => {
  assert.deepEqual(lacking({ hosts: true }, { hosts: false }), ['a host per member']);
  assert.deepEqual(lacking({ hosts: 200 }, { hosts: true }), ['disks of 200 MiB']);
  assert.deepEqual(lacking({ netns: true }, {}), ['a network namespace per member']);
  assert.deepEqual(lacking({ peerProxy: true }, {}), ['relays in front of the peer ports']);
  assert.deepEqual(lacking({ size: 5 }, {}), ['5 members']);
  assert.deepEqual(lacking({ spares: 1 }, { spares: 0 }), ['1 spare member']);
  assert.deepEqual(lacking({ tls: 'mtls', auth: { user: 'u', password: 'p' } }, { tls: 'none' }), [
    'TLS',
    'authentication',
  ]);
  assert.deepEqual(lacking({ version: '3.4' }, {}), ['etcd 3.4']);
  assert.deepEqual(lacking({ flags: ['--a=1', '--b=1'], memberFlags: { 1: ['--c=1'] } }, { flags: ['--a=2'] }), [
    'the flag --b=1',
    'the flag --c=1 on m2',
  ]);
  assert.deepEqual(lacking({ env: { GOGC: '5' } }, { env: {} }), ['the environment variable GOGC']);
});
