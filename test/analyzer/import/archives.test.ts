/** Archives of other tools: their layouts as in the tools' own source, the content from captured incidents and real etcdctl. */
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { zipSync } from 'fflate';
import { importFiles } from '../../../analyzer/import/index.js';
import { packageRoot } from '../../../schemas/index.js';
import { paxEntry, type TarEntry, tarOf as tar } from '../../support/tar-archive.js';
import { looseFiles } from './from-fixture.js';
import { analysed, formsOf, type Given, give, leftOf, NOW, notesOf, valuesOf } from './give.js';

const text = (name: string): string =>
  readFileSync(join(packageRoot, 'test', 'analyzer', 'import', 'texts', '3.5', name), 'utf8');

const logs = [
  ...looseFiles('volume-not-mounted-3.5', ['server-log']),
  ...looseFiles('slow-fsync-leader-3.5', ['server-log']),
];
/** Of m2, which lost its data dir; of m1 of another cluster. */
const logOf = (member: string): string =>
  Buffer.from((logs.find(([name]) => name.startsWith(`${member}-`)) as Given)[1] as Uint8Array).toString('utf8');

/** As `oc adm inspect` and `kubectl logs --timestamps` print it. */
const stamped = (log: string): string =>
  log.replace(/^(?=\{"level":"\w+","ts":"([^"]+)")/gm, (_, ts: string) => `${ts} `);
/** As the kubelet writes it. */
const cri = (log: string): string => log.replace(/^(\{"level":"\w+","ts":"([^"]+)".*)$/gm, '$2 stderr F $1');

const entries = (files: Readonly<Record<string, string | Uint8Array>>): TarEntry[] =>
  Object.entries(files).flatMap(([path, content]): TarEntry[] =>
    path.length <= 100 ? [{ name: path, content }] : [paxEntry({ path }), { name: path.slice(-100), content }],
  );
const tarGz = (files: Readonly<Record<string, string | Uint8Array>>): Uint8Array => gzipSync(tar(entries(files)));

const zipped = (files: Readonly<Record<string, string>>): Uint8Array =>
  zipSync(Object.fromEntries(Object.entries(files).map(([path, content]) => [path, Buffer.from(content)])));

const targets = ({ manifest }: Awaited<ReturnType<typeof give>>): string[] =>
  manifest.targets
    .filter(({ kind }) => kind === 'member')
    .map(({ name, id }) => name ?? id)
    .sort();

const root = 'must-gather.local.123/quay-io-openshift-release-dev-ocp-v4-0-art-dev-sha256-0123456789abcdef';
const pods = `${root}/namespaces/openshift-etcd/pods`;
const mustGather = {
  [`${root}/version`]: 'must-gather 4.16',
  [`${root}/etcd_info/member_list.json`]: text('member-list.json.txt').split('\n')[0] ?? '',
  [`${root}/etcd_info/endpoint_status.json`]: text('endpoint-status.json.txt'),
  [`${root}/etcd_info/alarm_list.json`]: text('alarm-list.json.txt'),
  [`${root}/etcd_info/etcd_object_count`]: '  120 pods\n',
  [`${pods}/etcd-m1/etcd/etcd/logs/current.log`]: stamped(logOf('m1')),
  [`${pods}/etcd-m2/etcd/etcd/logs/current.log`]: stamped(logOf('m2')),
  [`${pods}/etcd-m2/etcd/etcd/logs/previous.log`]: '',
  [`${pods}/etcd-m2/etcd-metrics/etcd-metrics/logs/current.log`]:
    '{"level":"info","ts":"2026-01-01T00:00:00Z","msg":"proxy"}\n',
  [`${root}/cluster-scoped-resources/core/nodes/m1.yaml`]: 'kind: Node\n',
};

describe('OpenShift must-gather', () => {
  test('as a tar.gz', async () => {
    const { made, report } = await analysed(await give(['must-gather.tar.gz', tarGz(mustGather)]));
    assert.ok(notesOf(made).some((note) => note.includes('OpenShift must-gather')));
    assert.deepEqual(
      formsOf(made)
        .map((form) => form.replace(/\d+ lines/, 'n lines'))
        .sort(),
      [
        'etcdctl alarm list (json)',
        'etcdctl endpoint status (json)',
        'etcdctl member list (json)',
        'server log, n lines',
        'server log, n lines',
      ],
    );
    // The logs of this fixture are of other members with the same names: an id in a log counts more than its pod's name.
    assert.ok(report.diagnosis.causes.some(({ rule }) => rule === 'member-already-bootstrapped'));
  });

  test('as a directory, with links in it', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'must-gather-'));
    try {
      for (const [path, content] of Object.entries(mustGather)) {
        await mkdir(dirname(join(dir, path)), { recursive: true });
        await writeFile(join(dir, path), content);
      }
      await symlink('/etc/passwd', join(dir, `${pods}/etcd-m1/etcd-link.log`));
      const made = await importFiles([{ kind: 'directory', path: dir }], { now: NOW });
      assert.equal(formsOf(made).length, 5);
      assert.ok(leftOf(made).some((line) => /etcd-link\.log: a link or special file/.test(line)));
    } finally {
      await rm(dir, { recursive: true, force: true });
    }
  });
});

test('Rancher log collector: the host is in the name of the archive', async () => {
  const made = await give([
    'm1-2026-11-22_16_05_00.tar.gz',
    tarGz({
      './etcd/memberlist': text('member-list.simple.txt'),
      './etcd/endpointstatus': text('endpoint-status.table.txt'),
      './etcd/endpointhealth': text('endpoint-health.simple.txt'),
      './etcd/alarmlist': text('alarm-list.simple.txt'),
      './rke2/podlogs/kube-system-etcd-m1': logOf('m1'),
      './rke2/podlogs/kube-system-etcd-m1-previous': logOf('m1'),
      './journald/rke2-server': 'Nov 22 16:00:00 m1 rke2[1]: time="2026-11-22T16:00:00Z" level=info msg="starting"\n',
      './systeminfo/hostname': 'm1\n',
    }),
  ]);
  assert.equal(formsOf(made).filter((form) => form.startsWith('etcdctl')).length, 4);
  assert.equal(formsOf(made).filter((form) => form.startsWith('server log')).length, 2);
  const paths = made.files.map(({ path }) => path).filter((path) => path.includes('/logs/'));
  assert.deepEqual(paths.map((path) => path.replace(/^.*\//, '')).sort(), [
    'server-current.log',
    'server-previous.log',
  ]);
});

test('Troubleshoot support bundle', async () => {
  const base = 'support-bundle-2026-11-22T16_05_00/cluster-resources';
  const pod = {
    metadata: { name: 'etcd-m2', labels: { component: 'etcd' } },
    spec: {
      nodeName: 'm2',
      containers: [
        { name: 'etcd', command: ['etcd', '--name=m2', '--heartbeat-interval=100', '--key-file=/pki/server.key'] },
      ],
    },
    status: {
      containerStatuses: [
        {
          name: 'etcd',
          ready: false,
          restartCount: 7,
          state: { waiting: { reason: 'CrashLoopBackOff' } },
          lastState: {
            terminated: {
              exitCode: 1,
              reason: 'Error',
              finishedAt: '2026-11-22T16:04:00Z',
              containerID: 'containerd://0123456789abcdef',
            },
          },
        },
      ],
    },
  };
  const made = await give([
    'support-bundle.tar.gz',
    tarGz({
      [`${base}/pods/kube-system.json`]: JSON.stringify({ kind: 'PodList', apiVersion: 'v1', items: [pod] }),
      [`${base}/pods/logs/kube-system/etcd-m2/etcd.log`]: logOf('m2'),
      [`${base}/pods/logs/kube-system/etcd-m2/etcd-previous.log`]: logOf('m2'),
      [`${base}/events/kube-system.json`]: JSON.stringify({
        kind: 'EventList',
        apiVersion: 'v1',
        items: [
          {
            type: 'Warning',
            reason: 'Unhealthy',
            count: 9,
            lastTimestamp: '2026-11-22T16:04:30Z',
            involvedObject: { name: 'etcd-m2' },
            message: 'Liveness probe failed',
          },
        ],
      }),
    }),
  ]);
  const member = targets(made);
  assert.equal(member.length, 1, member.join(', '));
  assert.equal(valuesOf(made, 'crash-markers')[0]?.value.containers[0]?.exitCode, 1);
  const config = valuesOf(made, 'server-config')[0]?.value;
  assert.deepEqual(config?.flags, { name: 'm2', 'heartbeat-interval': '100' });
  assert.deepEqual(config?.omitted, ['key-file'], 'its value is not taken over');
  assert.ok(notesOf(made).some((note) => /7 restarts, last end Error \(exit code 1\)/.test(note)));
  assert.ok(notesOf(made).some((note) => /Unhealthy 9 times/.test(note)));
  assert.equal(valuesOf(made, 'kube-pods')[0]?.value.pods[0]?.containers[0]?.restarts, 7);
  assert.equal(valuesOf(made, 'kube-events')[0]?.value.events[0]?.count, 9);
  const { report } = await analysed(made);
  assert.equal(report.diagnosis.causes[0]?.rule, 'member-already-bootstrapped');
});

test('pods of several files are one answer about Kubernetes', async () => {
  const pod = (name: string): string =>
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, labels: { component: 'etcd' } },
      status: { containerStatuses: [{ name: 'etcd', restartCount: 1 }] },
    });
  const made = await give(['a.json', pod('etcd-a'), 1_795_363_550_000], ['b.json', pod('etcd-b'), 1_795_363_560_000]);
  const [pods, other] = valuesOf(made, 'kube-pods');
  assert.deepEqual(
    pods?.value.pods.map(({ name }) => name),
    ['etcd-a', 'etcd-b'],
  );
  assert.equal(other, undefined);
  await analysed(made);
});

test('talosctl support, a zip', async () => {
  const made = await give([
    'support.zip',
    zipped({
      '10.5.0.2/service-logs/etcd.log': logOf('m1'),
      '10.5.0.3/service-logs/etcd.log': logOf('m2'),
      '10.5.0.2/service-logs/kubelet.log': 'not of etcd\n',
      '10.5.0.2/dmesg.log': 'kern: info\n',
      'kubernetesResources/nodes.yaml':
        'apiVersion: v1\nkind: NodeList\nitems:\n- kind: Node\n  metadata: {name: m1}\n  status:\n    conditions:\n    - {type: DiskPressure, status: "True", lastTransitionTime: "2026-11-22T16:00:00Z", reason: KubeletHasDiskPressure}\n',
    }),
  ]);
  assert.equal(formsOf(made).filter((form) => form.startsWith('server log')).length, 2);
  assert.ok(notesOf(made).some((note) => /Node m1: DiskPressure is True since 2026-11-22T16:00:00Z/.test(note)));
  assert.deepEqual(targets(made), ['m1', 'm2']);
});

test('sos report: pod logs, etcdctl output, files of /proc', async () => {
  const at = 'sosreport-m1-0123456-2026-11-22-abcdefg';
  const made = await give([
    `${at}.tar`,
    tar(
      entries({
        [`${at}/var/log/pods/kube-system_etcd-m1_0123456789abcdef0123456789abcdef/etcd/3.log`]: cri(logOf('m1')),
        [`${at}/sos_commands/etcd/etcdctl_member_list`]: text('member-list.simple.txt'),
        [`${at}/sos_commands/etcd/etcdctl_endpoint_status`]: text('endpoint-status.simple.txt'),
        [`${at}/proc/meminfo`]: 'MemTotal: 1000 kB\nMemAvailable: 500 kB\n',
        [`${at}/etc/systemd/system/dev-disk-by\\x2duuid.swap`]: 'x',
      }),
    ),
  ]);
  assert.deepEqual(
    formsOf(made)
      .map((form) => form.replace(/\d+ lines/, 'n lines'))
      .sort(),
    ['/proc of m1', 'etcdctl endpoint status (simple)', 'etcdctl member list (simple)', 'server log, n lines'],
  );
  assert.ok(made.files.some(({ path }) => path === 'hosts/m1/meminfo-0.txt'));
  assert.equal(made.manifest.targets.find(({ name }) => name === 'm1')?.host, 'm1', 'the host is that of the member');
});

test('a bundle among other files is told to be one', async () => {
  const bundle = tarGz({ 'etcd-evidence_x_20261122T160550Z_01234567/bundle.json': '{}' });
  const made = await give(['case.tar.gz', tarGz({ 'etcd-bundle.tar.gz': bundle, 'etcd.log': logOf('m2') })]);
  assert.ok(leftOf(made).some((line) => /a bundle of etcd-collect/.test(line)));
});

test('an archive in an archive, and a gzip in it', async () => {
  const inner = tarGz({ 'm2/etcd.log.gz': gzipSync(logOf('m2')) });
  const made = await give(['case.zip', zipSync({ 'node-m2.tar.gz': inner })]);
  assert.match(formsOf(made)[0] ?? '', /^server log/);
});
