import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { accessMap } from '../../collector/access.js';
import { profiles } from '../../collector/platforms/index.js';
import type { ReasonCode } from '../../collector/probe.js';
import type { ManifestItem } from '../../collector/store-item.js';
import { type ArtifactKind, validate } from '../../schemas/index.js';
import { fakeMember, memberIds } from './fake-wiring.js';

const item = (
  kind: ArtifactKind,
  state: ManifestItem['state'],
  reason?: ReasonCode,
  more: Partial<ManifestItem> = {},
): ManifestItem => ({
  id: `${kind}-${state}-${reason}`,
  probe: kind,
  kind,
  target: { kind: 'member', id: memberIds[0] },
  state,
  ...(reason === undefined ? {} : { reason }),
  paths: [],
  sensitivity: 'public',
  cost: 'cheap',
  ...more,
});

const remote = new Set(['endpoint-status', 'metrics', 'hashkv']);
const context = {
  uid: 1000,
  certificate: 'CN=client',
  certificateFrom: 'platform' as const,
  user: 'reader',
  isRemote: (kind: string) => remote.has(kind),
};

describe('access map', () => {
  test('a kind of a target stands in one entry, whatever its rounds gave', () => {
    const items = [
      item('endpoint-status', 'ok'),
      item('endpoint-status', 'unreachable', 'connection-refused'),
      item('metrics', 'ok'),
      item('metrics', 'ok'),
      item('hashkv', 'denied', 'permission-denied'),
      item('server-log', 'denied', 'file-access'),
      item('server-config', 'partial', 'file-access'),
      item('livez', 'unsupported', 'not-supported-by-server'),
    ];
    const map = accessMap(items, [fakeMember(0)], context);
    assert.ok(validate('access-map', map).ok);
    const found = map.entries.flatMap(({ kinds, access }) => kinds.map((kind) => [kind, access]));
    assert.deepEqual(Object.fromEntries(found), {
      metrics: 'full',
      'endpoint-status': 'partial',
      'server-config': 'partial',
      hashkv: 'none',
      'server-log': 'none',
    });
    assert.equal(found.length, 5);
  });

  test('says as whom: the user of the host, or certificate and user towards etcd', () => {
    const map = accessMap([item('metrics', 'ok'), item('server-log', 'ok')], [fakeMember(0)], context);
    const as = new Map(map.entries.flatMap(({ kinds, identity }) => kinds.map((kind) => [kind, identity])));
    assert.equal(as.get('metrics'), 'certificate CN=client, user reader');
    assert.equal(as.get('server-log'), 'uid 1000');
    assert.deepEqual(map.vantage, { uid: 1000, certificate: 'CN=client', certificateFrom: 'platform', user: 'reader' });
  });

  test('tells barriers apart', () => {
    const barrierOf = (reason: ReasonCode, message?: string): string | undefined =>
      accessMap([item('kernel-log', 'failed', reason, message === undefined ? {} : { message })], []).entries[0]
        ?.barrier;
    assert.deepEqual(
      (
        [
          'file-access',
          'connection-refused',
          'connection-timeout',
          'tls-client-certificate',
          'auth-required',
          'permission-denied',
          'not-local',
          'file-missing',
          'redaction-failed',
          'not-answering',
        ] as const
      ).map((reason) => barrierOf(reason)),
      [
        'permission',
        'port',
        'network',
        'certificate',
        'auth-role',
        'auth-role',
        'other-host',
        'absent',
        'policy',
        'silent-server',
      ],
    );
    assert.equal(barrierOf('file-missing', 'journalctl is not installed here'), 'missing-binary');
    assert.equal(barrierOf('item-timeout'), undefined);
  });

  test('the API server: as whom, who can supply what it refuses, and the command', () => {
    const cluster = { target: { kind: 'cluster', id: 'cluster' } } as const;
    const items = [
      item('apiserver-health', 'ok', undefined, cluster),
      item('apiserver-metrics', 'denied', 'permission-denied', cluster),
      item('kube-pods', 'unsupported', 'kubeconfig-unusable', cluster),
      item('kube-nodes', 'denied', 'file-access', cluster),
    ];
    const map = accessMap(items, [], { ...context, kubernetes: 'certificate CN=kubernetes-admin' });
    assert.ok(validate('access-map', map).ok);
    const of = (kind: string) => map.entries.find(({ kinds }) => kinds.includes(kind));
    assert.deepEqual(
      [of('apiserver-health')?.access, of('apiserver-health')?.identity, of('apiserver-health')?.what],
      ['full', 'certificate CN=kubernetes-admin', 'the API server of Kubernetes'],
    );
    assert.equal(of('apiserver-metrics')?.command, 'kubectl get --raw /metrics');
    assert.match(of('apiserver-metrics')?.whoCanSupply ?? '', /cluster admin/);
    assert.match(of('kube-pods')?.command ?? '', /--kubeconfig FILE/);
    assert.deepEqual([of('kube-nodes')?.barrier, of('kube-nodes')?.command], ['permission', 'sudo etcd-collect run']);
  });

  test('without a kubeconfig the API server is missed on a platform of Kubernetes only', () => {
    const items = [
      item('apiserver-metrics', 'not-applicable', 'no-kubeconfig', { target: { kind: 'cluster', id: 'cluster' } }),
    ];
    assert.deepEqual(accessMap(items, [], context).entries, []);
    const [profile] = profiles;
    assert.ok(profile);
    const platform = { profile, detectedBy: 'auto' as const, evidence: [], points: 4 };
    const entry = accessMap(items, [], { ...context, platform }).entries.find(({ kinds }) =>
      kinds.includes('apiserver-metrics'),
    );
    assert.deepEqual(
      [entry?.access, entry?.barrier, entry?.command],
      ['none', 'absent', 'etcd-collect run --kubeconfig FILE'],
    );
  });

  for (const profile of profiles) {
    test(`${profile.name}: every gap that is one of access names who can fill it and how`, () => {
      const platform = { profile, detectedBy: 'auto' as const, evidence: [], points: 4 };
      const items = [
        item('server-log', 'not-applicable', 'not-local'),
        item('datadir-listing', 'denied', 'file-access'),
        item('endpoint-status', 'unreachable', 'tls-client-certificate'),
      ];
      const map = accessMap(items, [fakeMember(0)], { ...context, platform });
      assert.ok(validate('access-map', map).ok);
      assert.equal(map.platform, profile.name);
      for (const { kinds } of items.map(({ kind }) => ({ kinds: kind }))) {
        const entry = map.entries.find((each) => each.kinds.includes(kinds) && each.target.kind === 'member');
        assert.ok(entry?.whoCanSupply, kinds);
        assert.ok(entry?.command, kinds);
      }
    });
  }

  test('a member name goes into a command only when a shell sees nothing in it', () => {
    const platform = {
      profile: profiles.find(({ name }) => name === 'openshift'),
      detectedBy: 'auto' as const,
      evidence: [],
      points: 4,
    };
    const commandFor = (name: string): string | undefined =>
      accessMap([item('datadir-listing', 'not-applicable', 'not-local')], [fakeMember(0, { name })], {
        platform: platform as never,
      }).entries[0]?.command;
    assert.match(commandFor('master-0') ?? '', /node\/master-0 /);
    for (const name of ['$(reboot)', 'a;b', '-x', 'a b', '`id`', ''])
      assert.match(commandFor(name) ?? '', /node\/NODE /, name);
  });
});
