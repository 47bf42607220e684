import assert from 'node:assert/strict';
import { test } from 'node:test';
import { accessTable } from '../../../collector/cli/access-table.js';

const target = { kind: 'member' as const, id: '8e9e05c52164694d' };

test('the access map for people: what is refused, who can, the command on one line; nothing that a terminal acts on', () => {
  const text = accessTable(
    {
      vantage: { uid: 1000 },
      entries: [
        { what: 'the member over the network', kinds: ['metrics'], target, access: 'full' },
        { what: 'the member over the network', kinds: ['hashkv'], target, access: 'unknown' },
        {
          what: 'the host of a member',
          kinds: [
            'datadir-listing',
            'server-log',
            'server-config',
            'server-certificates',
            'process',
            'cgroup',
            'server-limits',
          ],
          target,
          access: 'none',
          reason: 'this user may not read it',
          whoCanSupply: 'root \u001b[31m on the node',
          command: `sudo etcd-collect ${'--cacert /etc/kubernetes/pki/etcd/ca.crt '.repeat(4)}`,
        },
      ],
    },
    new Map([[target.id, 'm1']]),
    { name: 'kubeadm', evidence: ['/etc/kubernetes/manifests/etcd.yaml'], detectedBy: 'auto' },
  );
  assert.match(text, /Platform: kubeadm \(\/etc\/kubernetes\/manifests\/etcd\.yaml\)/);
  assert.match(text, /Reading as: uid 1000, no client certificate/);
  assert.match(text, /member m1 \(8e9e05c52164694d\): the host of a member: cannot be read: this user may not read it/);
  assert.match(text, /hashkv/);
  assert.doesNotMatch(text, /metrics/);
  assert.ok(!text.includes('\u001b'));
  for (const line of text.split('\n')) assert.ok(line.length <= 118 || line.includes('command: '), line);
});

test('with nothing to be wished for it says so', () => {
  const text = accessTable({ entries: [] }, new Map(), undefined);
  assert.match(text, /none recognised/);
  assert.match(text, /all of it/);
});
