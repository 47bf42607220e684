import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { profiles } from '../../../collector/platforms/index.js';
import { lookAround, type Place } from '../../../collector/platforms/look.js';
import type { CollectOptions } from '../../../collector/options.js';
import { type FakeHost, fakeHost } from '../fake-files.js';
import { fakeOptions } from '../fake-wiring.js';

const withHost = async (work: (host: FakeHost) => Promise<void>, denied: readonly string[] = []): Promise<void> => {
  const host = fakeHost(denied);
  host.put('/proc/self/ns/mnt', '->mnt:[1]');
  try {
    await work(host);
  } finally {
    host.remove();
  }
};

const running = (
  host: FakeHost,
  pid: number,
  comm: string,
  argv: readonly string[],
  env: readonly string[] = [],
): void => {
  host.put(
    `/proc/${pid}/stat`,
    `${pid} (${comm}) S 1 1 1 0 -1 0 0 0 7 0 50 25 0 0 20 0 9 0 4242 1000 333 ${'0 '.repeat(17)}0 0 11 0 0\n`,
  );
  host.put(`/proc/${pid}/comm`, `${comm}\n`);
  host.put(`/proc/${pid}/cmdline`, `${argv.join('\0')}\0`);
  host.put(`/proc/${pid}/environ`, `${env.join('\0')}\0`);
  host.put(`/proc/${pid}/cwd`, '->/');
  host.put(`/proc/${pid}/exe`, `->/usr/bin/${comm}`);
  host.put(`/proc/${pid}/ns/mnt`, '->mnt:[1]');
};

const look = (host: FakeHost, more: Partial<CollectOptions> = {}): Promise<Place> =>
  lookAround(fakeOptions({ endpoints: [], local: true, ...more }), host.files);

const manifest = (...flags: string[]): string =>
  `spec:\n  containers:\n  - name: etcd\n    command: [etcd, ${flags.map((flag) => `"${flag}"`).join(', ')}]\n`;

describe('a look around on the host', { skip: process.platform !== 'linux' }, () => {
  for (const profile of profiles) {
    test(`${profile.name} is told from all others by what lies on its nodes`, () =>
      withHost(async (host) => {
        for (const sign of profile.signs) if (sign.kind === 'path') host.put(`${sign.path.replace('*', 'x')}/here`, '');
        const { platform } = await look(host);
        assert.equal(platform?.profile.name, profile.name);
        assert.equal(platform.detectedBy, 'auto');
      }));
  }

  test('an ordinary host is none of them, nor is one with a foreign etcd', () =>
    withHost(async (host) => {
      host.put('/etc/os-release', 'ID=debian\n');
      running(host, 50, 'etcd', ['etcd', '--name=m1', '--data-dir=/srv/m1']);
      running(host, 51, 'kubelet', ['kubelet']);
      const { platform, options } = await look(host);
      assert.equal(platform, undefined);
      assert.deepEqual(options.tls, { insecureSkipTlsVerify: false });
      assert.equal(options.furtherSeeds, undefined);
    }));

  test('a flag wins over what is seen, and --no-local looks at nothing', () =>
    withHost(async (host) => {
      host.put('/var/lib/rancher/k3s/server/db/etcd/config', 'name: a\n');
      const named = await look(host, { platform: 'talos' });
      assert.deepEqual([named.platform?.profile.name, named.platform?.detectedBy], ['talos', 'flag']);
      assert.deepEqual(named.platform?.evidence, []);
      assert.equal((await look(host, { local: false })).platform, undefined);
      assert.equal((await look(host, { local: false, platform: 'k0s' })).platform?.profile.name, 'k0s');
    }));

  test('the member that does not run is found beside a live etcd of somebody else, and once only when it runs', () =>
    withHost(async (host) => {
      const flags = ['--name=cp-1', '--data-dir=/var/lib/etcd', '--listen-client-urls=https://127.0.0.1:2379'];
      host.put('/etc/kubernetes/manifests/etcd.yaml', manifest(...flags));
      running(host, 60, 'etcd', ['etcd', '--name=app-0', '--data-dir=/bitnami/etcd/data']);
      const { members } = (await look(host)).locals;
      assert.deepEqual(
        members.map(({ pid, settings, logPlaces }) => [pid, settings['name'], logPlaces?.[0]?.kind]),
        [
          [60, 'app-0', undefined],
          [0, 'cp-1', 'pod'],
        ],
      );
      running(host, 61, 'etcd', ['etcd', ...flags]);
      assert.deepEqual((await look(host)).locals.members.map(({ pid }) => pid).sort(), [60, 61]);
    }));

  test('the environment that may not be read is taken from the file it came from', () =>
    withHost(
      async (host) => {
        running(host, 70, 'etcd', ['/usr/local/bin/etcd']);
        host.put(
          '/etc/etcd.env',
          'ETCD_NAME=etcd1\nETCD_DATA_DIR=/var/lib/etcd\nETCD_LISTEN_CLIENT_URLS="https://10.0.0.7:2379"\nETCD_PASSWORD_FILE=canary\n',
        );
        const { locals } = await look(host);
        const [member, ...others] = locals.members;
        assert.deepEqual(others, []);
        assert.deepEqual([member?.pid, member?.settings['name'], member?.dataDir], [70, 'etcd1', '/var/lib/etcd']);
        assert.ok(!JSON.stringify(locals).includes('canary'));
      },
      ['/proc/70/environ'],
    ));

  test('a process whose config file may not be read is taken for the member at the port that the platform always has', () =>
    withHost(
      async (host) => {
        host.put('/var/lib/rancher/k3s/server/db/etcd/config', 'name: a\n');
        running(host, 80, 'k3s-server', ['/usr/local/bin/k3s server']);
        const { locals, platform } = await look(host);
        assert.equal(platform?.profile.name, 'k3s');
        assert.deepEqual(
          locals.members.map(({ pid, settings, dataDir }) => [pid, settings['listen-client-urls'], dataDir]),
          [[80, 'https://127.0.0.1:2379', '/var/lib/rancher/k3s/server/db/etcd']],
        );
      },
      ['/var/lib/rancher/k3s/server/db/etcd/config'],
    ));

  test('peers are asked when nothing is named: those of the manifest, and none for members that serve loopback alone', () =>
    withHost(async (host) => {
      const flags = (client: string): string[] => [
        '--name=cp-1',
        '--data-dir=/var/lib/etcd',
        `--listen-client-urls=https://127.0.0.1:2379,${client}`,
        `--advertise-client-urls=${client}`,
        '--initial-cluster=cp-1=https://10.0.0.1:2380,cp-2=https://10.0.0.2:2380,cp-3=https://[fd00::3]:2380',
      ];
      host.put('/etc/kubernetes/manifests/etcd.yaml', manifest(...flags('https://10.0.0.1:2379')));
      assert.deepEqual((await look(host)).options.furtherSeeds, [
        'https://10.0.0.1:2379',
        'https://10.0.0.2:2379',
        'https://[fd00::3]:2379',
      ]);
      assert.deepEqual((await look(host, { endpoints: ['https://10.9.9.9:2379'] })).options.furtherSeeds, []);
      assert.deepEqual((await look(host, { cluster: false })).options.furtherSeeds, []);
      host.put('/etc/kubernetes/manifests/etcd.yaml', manifest(...flags('https://127.0.0.1:2379')));
      assert.deepEqual((await look(host)).options.furtherSeeds, []);
    }));

  test('with an external etcd the API server tells servers and certificate, and no other flag of it is kept', () =>
    withHost(async (host) => {
      host.put('/etc/kubernetes/admin.conf', 'x');
      host.put(
        '/etc/kubernetes/manifests/kube-apiserver.yaml',
        'spec:\n  containers:\n  - name: kube-apiserver\n    command: [kube-apiserver, "--etcd-servers=https://10.1.0.1:2379,https://10.1.0.2:2379", --etcd-cafile=/x/ca.crt, --etcd-certfile=/x/c.crt, --etcd-keyfile=/x/c.key, --token=canary]\n',
      );
      const place = await look(host);
      assert.equal(place.platform?.profile.name, 'kubeadm');
      assert.deepEqual(place.options.furtherSeeds, ['https://10.1.0.1:2379', 'https://10.1.0.2:2379']);
      assert.ok(!JSON.stringify(place).includes('canary'));
    }));

  test('a certificate is not looked for towards servers elsewhere, nor where nothing speaks TLS', () =>
    withHost(async (host) => {
      host.put(
        '/etc/kubernetes/manifests/etcd.yaml',
        manifest('--name=a', '--data-dir=/d', '--listen-client-urls=http://127.0.0.1:2379'),
      );
      assert.equal((await look(host)).identity, undefined);
      assert.equal((await look(host, { endpoints: ['https://192.0.2.77:2379'] })).identity, undefined);
      assert.equal((await look(host, { endpoints: ['127.0.0.1:2379'] })).identity, undefined);
      assert.notEqual((await look(host, { endpoints: ['https://127.0.0.1:2379'] })).identity, undefined);
    }));

  test('a manifest that is too large or no file ends in a note', () =>
    withHost(async (host) => {
      host.put('/etc/kubernetes/manifests/etcd.yaml', `# ${'x'.repeat(300 * 1024)}\n${manifest('--name=a')}`);
      const place = await look(host);
      assert.deepEqual(place.locals.members, []);
      assert.match(place.notes[0] ?? '', /larger than/);
    }));

  test('broken files on the way end in notes', () =>
    withHost(async (host) => {
      host.put('/etc/kubernetes/manifests/etcd.yaml', 'spec: [');
      host.put('/etc/kubernetes/pki/etcd/ca.crt', 'no PEM');
      host.put('/etc/kubernetes/pki/etcd/healthcheck-client.crt', 'no PEM');
      host.put('/etc/kubernetes/pki/etcd/healthcheck-client.key', 'canary');
      const place = await look(host);
      assert.equal(place.platform?.profile.name, 'kubeadm');
      assert.equal(place.options.tls.cert, undefined);
      assert.equal(place.notes.length, 2);
      assert.ok(!JSON.stringify(place.notes).includes('canary'));
    }));
});
