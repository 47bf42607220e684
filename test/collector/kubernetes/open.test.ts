import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { kubernetesFrom } from '../../../collector/cli/kubernetes.js';
import { UsageError } from '../../../collector/errors.js';
import { openKubernetes } from '../../../collector/kubernetes/open.js';
import { profiles } from '../../../collector/platforms/index.js';
import type { Place } from '../../../collector/platforms/look.js';
import { createFilesPort } from '../../../collector/ports/files.js';
import { ProbeError } from '../../../collector/probe.js';
import { fakeOptions, withDirectory } from '../fake-wiring.js';
import { fakeHost } from '../fake-files.js';

const config = (user: string): string => `current-context: c
contexts: [{name: c, context: {cluster: c, user: u}}]
clusters: [{name: c, cluster: {server: "http://127.0.0.1:9"}}]
users: [{name: u, user: ${user}}]
`;

const kubeadm = profiles.find(({ name }) => name === 'kubeadm');
assert.ok(kubeadm);
const place = (isOwnCluster: boolean): Place => ({
  options: fakeOptions(),
  locals: { members: [], notes: [] },
  notes: [],
  platform: { profile: kubeadm, detectedBy: 'auto', evidence: [], points: 9 },
  isOwnCluster,
});

describe('which kubeconfig is used', () => {
  test('that of this control-plane node, unless the endpoints are of another cluster', async () => {
    const host = fakeHost();
    host.put('/etc/kubernetes/admin.conf', config('{token: t}'));
    const own = await openKubernetes(fakeOptions(), place(true), host.files);
    assert.ok('port' in own);
    assert.deepEqual(
      [own.port.from, own.port.server, own.port.identity],
      ['platform', 'http://127.0.0.1:9', 'token of the kubeconfig'],
    );
    assert.ok('none' in (await openKubernetes(fakeOptions(), place(false), host.files)));
    assert.ok('none' in (await openKubernetes(fakeOptions(), undefined, host.files)));
    host.remove();
  });

  test('one that the user named goes first, and a name without a file is a gap, no error', () =>
    withDirectory(async (directory) => {
      const path = join(directory, 'config');
      writeFileSync(path, config('{}'));
      const named = fakeOptions({ kubeconfig: { paths: [path], from: 'flag' } });
      const door = await openKubernetes(named, place(true), createFilesPort());
      assert.ok('port' in door);
      assert.deepEqual([door.port.from, door.port.identity], ['flag', 'anonymous']);
      const missing = fakeOptions({ kubeconfig: { paths: [join(directory, 'no')], from: 'environment' } });
      const none = await openKubernetes(missing, place(true), createFilesPort());
      assert.ok('none' in none && none.none.includes('KUBECONFIG') && !none.none.includes(directory));
    }));

  test('one that cannot be used says so at every read, and sends nothing', () =>
    withDirectory(async (directory) => {
      const cases: readonly (readonly [string, string])[] = [
        [config('{exec: {command: /bin/false}}'), 'unsupported'],
        [config('{client-certificate-data: QQ==, client-key-data: QQ==}'), 'failed'],
        [config('{token: "two words"}'), 'failed'],
        ['no: yaml: at all', 'failed'],
      ];
      for (const [text, state] of cases) {
        const path = join(directory, 'config');
        writeFileSync(path, text);
        const door = await openKubernetes(
          fakeOptions({ kubeconfig: { paths: [path], from: 'flag' } }),
          undefined,
          createFilesPort(),
        );
        assert.ok('port' in door);
        await assert.rejects(
          door.port.get('/metrics', { signal: new AbortController().signal, timeoutMs: 100, maxBytes: 1 }),
          (error: unknown) =>
            error instanceof ProbeError && error.state === state && error.reason === 'kubeconfig-unusable',
        );
      }
    }));
});

describe('flags', () => {
  test('--kubeconfig before KUBECONFIG, which may be a list; --no-kubernetes before both', () =>
    withDirectory(async (directory) => {
      const path = join(directory, 'a');
      writeFileSync(path, '');
      const env = { KUBECONFIG: `/x:${path}:` };
      assert.deepEqual(kubernetesFrom(undefined, undefined, {}), {});
      assert.deepEqual(kubernetesFrom(undefined, undefined, env), {
        kubeconfig: { paths: ['/x', path], from: 'environment' },
      });
      assert.deepEqual(kubernetesFrom(path, undefined, env), { kubeconfig: { paths: [path], from: 'flag' } });
      assert.deepEqual(kubernetesFrom(undefined, false, env), { kubernetes: false });
      assert.throws(() => kubernetesFrom(path, false, env), UsageError);
      assert.throws(() => kubernetesFrom(join(directory, 'no'), undefined, {}), /does not exist/);
    }));
});
