/** Planted identities and secrets: gone in the mode that promises it, from every kind of place; the same tokens on every node. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { OpenBundle } from '../../../collector/bundle/open.js';
import { redactBundle } from '../../../collector/redact/redact-bundle.js';
import { SECRET_MARKER } from '../../../collector/redact/index.js';
import { type ArtifactKind, type Manifest, packageRoot, pathOf } from '../../../schemas/index.js';
import { asBundle, contentsOf, fixtureFiles } from '../../support/fixture-variants.js';

const key = Buffer.alloc(32, 3);
const fixture = 'healthy-mtls-3.7';

/** Identities of the made-up place. Each must be gone in mode `standard`. */
const identities = [
  '10.77.31.201',
  '203.0.113.77',
  '169.254.44.7',
  '2001:db8:77:1::c0de',
  'fd77:1:2:3::9',
  'cp-zebra-1',
  'zebra-node-7.dc9.zebracorp.internal',
  'dc9.zebracorp.internal',
  'zebracorp',
  'Zebra Corp Ltd',
  'zoe.stripe',
  'billing-ledger',
  'stripe-vault',
  'zebra-etcd-data',
  'nfs77.zebracorp.internal',
  '02:77:ab:cd:ef:01',
  'zebra-pet-name',
  'zebra-uplink',
  'enx0277abcdef02',
  'zebravg-etcd',
  'ntp7.zebracorp.internal',
  'zebra-tenants',
  'prom7.zebracorp.internal',
  '10.77.31.202',
  'zebra-tools',
  'zebra-conf',
  'ledgers',
  'zebrapets',
  'cp-zebra-2',
] as const;

const secrets = [
  'hunter2secret77',
  'sup3rS3cretValue',
  'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ6b2UifQ.c2lnbmF0dXJlMTIz',
  'MIIEcanaryKeyMaterial77',
] as const;
const [password, , jwt, pem] = secrets;

const privateKey = `-----BEGIN ${''}PRIVATE KEY-----\n${pem}\n-----END ${''}PRIVATE KEY-----`;

/** Log lines in which identities and secrets stand as they do in the field. */
const logLines: readonly string[] = [
  JSON.stringify({
    level: 'info',
    msg: 'starting an etcd server',
    name: 'cp-zebra-1',
    'data-dir': '/srv/zebra-etcd-data/m',
    'initial-cluster': 'cp-zebra-1=https://10.77.31.201:2380,cp-zebra-2=https://[2001:db8:77:1::c0de]:2380',
  }),
  JSON.stringify({
    level: 'info',
    msg: 'Running: ',
    args: ['/opt/zebra-tools/bin/etcd', '--auto-tls', '--experimental-file', '/opt/zebra-conf/etcd.yaml'],
  }),
  JSON.stringify({
    level: 'warn',
    msg: 'apply request took too long',
    request:
      'header:<ID:1 > range:<key:"/registry/secrets/billing-ledger/stripe-vault" range_end:"/registry/secrets/billing-ledger0" > ',
    took: '1.2s',
  }),
  JSON.stringify({
    level: 'info',
    msg: 'trace[1] range',
    detail:
      '{range_begin:/registry/pods/billing-ledger/; range_end:/registry/pods/billing-ledger0; response_count:3; }',
  }),
  JSON.stringify({
    level: 'warn',
    msg: 'request stats',
    remote: '10.77.31.201:55123',
    'request content': 'key:"billing-ledger/stripe-vault" ',
  }),
  JSON.stringify({
    level: 'warn',
    msg: 'rejected connection',
    'remote-addr': '[fd77:1:2:3::9]:40000',
    'server-name': 'cp-zebra-1',
    'dns-names': ['zebra-node-7.dc9.zebracorp.internal', '*.dc9.zebracorp.internal'],
    error: 'tls: bad certificate',
  }),
  JSON.stringify({
    level: 'warn',
    msg: 'failed',
    error: 'x509: certificate is valid for cp-zebra-1, zebra-node-7.dc9.zebracorp.internal, not cp-zebra-9',
  }),
  JSON.stringify({ level: 'warn', msg: 'dial', error: 'dial tcp: lookup cp-zebra-3 on 169.254.44.7:53: no such host' }),
  JSON.stringify({ level: 'info', msg: 'authenticated', 'user-name': 'zoe.stripe' }),
  JSON.stringify({
    log: `${JSON.stringify({ level: 'warn', 'user-name': 'zoe.stripe', error: 'dial https://cp-zebra-1:2379: refused', nested: JSON.stringify({ host: 'cp-zebra-1', password }) })}\n`,
    stream: 'stderr',
  }),
  '2026-11-22T10:00:00.123456+00:00 cp-zebra-1 etcd[123]: 2026-11-22 10:00:00 W | rafthttp: health check for peer 91bc3c398fb3c146 could not connect: dial tcp 10.77.31.201:2380: i/o timeout',
  'Nov 22 10:00:00 cp-zebra-1 kernel: [12.3] nfs: server nfs77.zebracorp.internal not responding',
  '{"_HOSTNAME":"cp-zebra-1","_MACHINE_ID":"0123456789abcdef0123456789abcdef","MESSAGE":"mail from zoe.stripe@zebracorp.example"}',
  `Authorization: Bearer ${jwt}`,
  `http://root:${password}@10.77.31.201:2379/v3`,
  '{"password":"sup3rS3cretValue","token":"sup3rS3cretValue"}',
  `{"msg":${JSON.stringify(privateKey)}}`,
  'GET /files/home/zoe.stripe and /home/zoe.stripe/.kube/config from ip-10-77-31-201',
  'percent 10%2E77%2E31%2E201 unicode cp\\u002dzebra\\u002d1 systemd cp\\x2dzebra\\x2d1 upper CP-ZEBRA-1 reverse 201.31.77.10.in-addr.arpa',
  `base64 ${Buffer.from('xy cp-zebra-1 and 10.77.31.201 z').toString('base64')} hex ${Buffer.from('cp-zebra-1').toString('hex')}`,
  'eth1: link/ether 02:77:ab:cd:ef:01 brd ff:ff:ff:ff:ff:ff, our zebra-pet-name is here: ZEBRA-PET-NAMEs',
  'read tcp 10.77.31.201:1->203.0.113.77:2380: i/o timeout, mapped ::ffff:10.77.31.201, zone fe80::77%eth1',
];

type Json = Record<string, unknown>;

const podLog = '/var/log/pods/kube-system_etcd-cp-zebra-1_0123/etcd/3.log';

/** Artifacts that the fixture does not have: the example of the schema, with canaries in its fields. */
const further: Readonly<Partial<Record<ArtifactKind, (example: Json) => Json>>> = {
  'access-map': (example) => ({
    ...example,
    vantage: {
      uid: 0,
      certificate: 'CN=cp-zebra-1, O=Zebra Corp Ltd',
      certificateFrom: 'platform',
      user: 'zoe.stripe',
    },
    entries: (example['entries'] as Json[]).map((entry) => ({
      ...entry,
      identity: 'certificate CN=cp-zebra-1, O=Zebra Corp Ltd, user zoe.stripe',
      command:
        'ssh core@zebra-node-7.dc9.zebracorp.internal sudo etcd-collect --cacert /etc/zebracorp/pki/ca.crt --cert /etc/kubernetes/pki/etcd/ca.crt; oc -n openshift-etcd logs etcd-cp-zebra-1',
    })),
  }),
  sockets: (example) => ({
    ...example,
    groups: [
      {
        ...(example['groups'] as Json[])[0],
        topRemotes: [{ address: '203.0.113.77', sockets: 3 }],
      },
    ],
    listeners: [{ address: '10.77.31.201', port: 2380, waiting: 0 }],
    peers: [{ ...(example['peers'] as Json[])[0], local: '10.77.31.201:40112', remote: '[2001:db8:77:1::c0de]:2380' }],
  }),
  'net-config': (example) => ({
    ...example,
    interfaces: ['zebra-uplink', 'enx0277abcdef02', 'bond0.7'].map((name) => ({
      ...(example['interfaces'] as Json[])[0],
      name,
      master: 'zebra-uplink',
    })),
    routes: [
      {
        ...(example['routes'] as Json[])[0],
        address: '10.77.31.202',
        interface: 'zebra-uplink',
        gateway: '10.77.31.201',
      },
    ],
    resolver: { nameservers: ['10.77.31.201'], search: ['dc9.zebracorp.internal', 'zebracorp'], options: ['ndots:1'] },
    hosts: [{ address: '10.77.31.202', names: ['cp-zebra-1', 'zebra-node-7.dc9.zebracorp.internal'] }],
    problems: ['search zebracorp is asked first'],
  }),
  'time-sync': (example) => ({ ...example, server: 'ntp7.zebracorp.internal' }),
  'crash-markers': (example) => ({
    ...example,
    markers: [
      {
        ...(example['markers'] as Json[])[0],
        line: 'panic: member cp-zebra-1 at /srv/zebra-etcd-data/m lost 10.77.31.201:2380',
        log: podLog,
      },
    ],
    logs: [{ ...(example['logs'] as Json[])[0], log: podLog }],
    coreFiles: [{ path: '/srv/zebra-etcd-data/core.etcd.cp-zebra-1', size: '1', modified: '2025-01-02T03:04:05.000Z' }],
    corePattern: '|/opt/zebracorp/save-core %p %h',
  }),
  history: (example) => ({
    ...example,
    query: String.raw`etcd_debugging_mvcc_keys_total{job=~"etcd",instance=~"10\\.77\\.31\\.201:2381|cp-zebra-1:2381",site="zebracorp"}`,
    series: (example['series'] as Json[]).map((one) => ({
      ...one,
      labels: { job: 'etcd', instance: 'cp-zebra-1:2381', pod: 'etcd-cp-zebra-1', Remote: '91bc3c398fb3c146' },
    })),
    warnings: ['no answer of prom7.zebracorp.internal'],
  }),
  'fsync-probe': (example) => ({
    ...example,
    measurements: (example['measurements'] as Json[]).map((one) => ({
      ...one,
      dir: '/srv/zebra-etcd-data',
      mountPoint: '/srv/zebra-etcd-data',
    })),
    refused: [{ path: '/srv/zebra-etcd-data/m', reason: 'read-only file system /srv/zebra-etcd-data' }],
  }),
  keyspace: (example) => ({
    ...example,
    prefixes: [
      ...(example['prefixes'] as Json[]),
      { prefix: '/zebra-tenants/stripe-vault/', count: '7', elapsedMs: 1 },
    ],
    notCounted: ['/registry/pods/billing-ledger/'],
  }),
  'apiserver-metrics': (example) => ({
    ...example,
    server: 'https://cp-zebra-1:6443',
    families: [
      ...(example['families'] as Json[]),
      {
        name: 'apiserver_storage_objects',
        type: 'gauge',
        series: [
          { labels: { resource: 'ledgers.billing.zebracorp.internal' }, value: 3 },
          { labels: { resource: 'zebrapets.zebra-tools' }, value: 4 },
          { labels: { resource: '/registry/billing.zebracorp.internal/ledgers/' }, value: 4 },
          { labels: { resource: '/registry/pods/' }, value: 4 },
          { labels: { endpoint: 'https://10.77.31.201:2379' }, value: 5 },
        ],
      },
    ],
  }),
  'apiserver-health': (example) => ({
    ...example,
    server: 'https://zebra-node-7.dc9.zebracorp.internal:6443',
    probes: [
      {
        path: '/readyz?verbose',
        statusCode: 500,
        checks: [{ name: 'etcd', ok: false, reason: `dial tcp 10.77.31.201:2379 as zoe.stripe password=${password}` }],
        elapsedMs: 1,
      },
    ],
  }),
  'kube-nodes': (example) => ({
    ...example,
    nodes: (example['nodes'] as Json[]).map((node) => ({ ...node, name: 'cp-zebra-1' })),
  }),
  'kube-pods': (example) => ({
    ...example,
    pods: (example['pods'] as Json[]).map((pod) => ({ ...pod, name: 'etcd-cp-zebra-1', node: 'cp-zebra-1' })),
  }),
  'kube-events': (example) => ({
    ...example,
    events: (example['events'] as Json[]).map((event) => ({
      ...event,
      name: 'kube-apiserver-cp-zebra-2',
      message: `Readiness probe failed: Get "https://10.77.31.202:6443/readyz": dial tcp, on zebra-node-7.dc9.zebracorp.internal token=${password}`,
    })),
  }),
  'kube-leases': (example) => ({
    ...example,
    leases: (example['leases'] as Json[]).map((lease) => ({ ...lease, holder: 'cp-zebra-1' })),
  }),
  'static-pods': (example) => ({
    ...example,
    pods: (example['pods'] as Json[]).map((pod) => ({
      ...pod,
      flags: {
        'etcd-servers': `https://root:${password}@10.77.31.201:2379,https://zebra-node-7.dc9.zebracorp.internal:2379`,
        'etcd-cafile': '/etc/zebracorp/pki/ca.crt',
        'etcd-servers-overrides': '/events#https://10.77.31.202:2379',
      },
    })),
  }),
  'datadir-wal': (example) => ({ ...example, dir: '/srv/zebra-etcd-data/m/member/wal' }),
  'datadir-snap': (example) => ({
    ...example,
    dir: '/srv/zebra-etcd-data/m/member/snap',
    snapshots: (example['snapshots'] as Json[]).map((one) => ({ ...one, membership: membership() })),
  }),
  'datadir-db': (example) => ({
    ...example,
    path: '/srv/zebra-etcd-data/m/member/snap/db',
    members: membership().members,
  }),
  'block-devices': () => ({
    devices: [{ name: 'dm-3', device: '253:3', mapper: { name: 'zebravg-etcd', type: 'LVM' }, members: [] }],
  }),
};

const membership = () => ({
  members: [
    {
      id: '91bc3c398fb3c146',
      name: 'cp-zebra-1',
      peerUrls: ['https://10.77.31.201:2380', 'https://zebra-node-7.dc9.zebracorp.internal:2380'],
      clientUrls: ['https://[fd77:1:2:3::9]:2379'],
    },
  ],
  removed: [],
});

const exampleOf = (kind: string): Json => {
  const schema = JSON.parse(readFileSync(join(packageRoot, 'schemas', 'artifacts', `${kind}.schema.json`), 'utf8')) as {
    examples: Json[];
  };
  return schema.examples[0] ?? {};
};

/** Adds the further artifacts and the items that name them. */
const plantFurther = (files: Map<string, Buffer>): void => {
  const manifest = JSON.parse(files.get('manifest.json')?.toString('utf8') ?? '') as Manifest;
  const kinds = Object.keys(further) as ArtifactKind[];
  const member = manifest.targets.find(({ kind }) => kind === 'member');
  const items = kinds.map((kind): Manifest['items'][number] => {
    const target =
      kind === 'access-map'
        ? ({ kind: 'collection', id: 'collection' } as const)
        : ({ kind: 'member', id: member?.id ?? '' } as const);
    const path = kind === 'access-map' ? pathOf(kind, target, {}) : `extra/${kind}.json`;
    files.set(path, Buffer.from(JSON.stringify(further[kind]?.(exampleOf(kind)))));
    return {
      id: `${kind}@${target.id}`,
      probe: kind,
      kind,
      target,
      state: 'ok',
      source: podLog,
      paths: [path],
      sensitivity: 'internal',
      cost: 'cheap',
    };
  });
  const value = {
    ...manifest,
    items: [...manifest.items.filter(({ id }) => !items.some((each) => each.id === id)), ...items],
    invocation: {
      ...manifest.invocation,
      flags: {
        ...manifest.invocation.flags,
        endpoints: 'cp-zebra-1:2379,10.77.31.202:2379',
        'keyspace-prefix': '/zebra-tenants/stripe-vault/',
        prometheus: 'https://prom7.zebracorp.internal:9090',
        'prometheus-match': 'site="zebracorp",job="etcd"',
      },
    },
    platform: {
      name: 'kubeadm',
      evidence: [
        '/srv/zebra-etcd-data/manifests/etcd.yaml',
        '--initial-cluster=cp-zebra-1=https://10.77.31.201:2380',
        '/etc/kubernetes/manifests/etcd.yaml',
      ],
      detectedBy: 'auto',
    },
  };
  files.set('manifest.json', Buffer.from(JSON.stringify(value)));
};

/** The fixture with canaries planted in flags, environment, certificates, DNS, mounts, metrics, kernel log, messages and paths. */
const planted = (): Map<string, Buffer> => {
  const files = new Map<string, Buffer>();
  const edit = (content: Buffer, change: (value: Json) => void): Buffer => {
    const value = JSON.parse(content.toString('utf8')) as Json;
    change(value);
    return Buffer.from(JSON.stringify(value));
  };
  for (const [path, content] of fixtureFiles(fixture)) {
    const to = path.replace('127.104.152.1_', '10.77.31.201_');
    if (path.endsWith('/server/config.json')) {
      files.set(
        to,
        edit(content, (value) => {
          const flags = value['flags'] as Json;
          Object.assign(flags, {
            name: 'cp-zebra-1',
            'data-dir': '/srv/zebra-etcd-data/m',
            'host-whitelist': 'cp-zebra-1,10.77.31.201',
            'discovery-srv': 'dc9.zebracorp.internal',
            'cert-file': '/etc/zebracorp/pki/server.crt',
            'peer-cert-allowed-cn': 'cp-zebra-1',
            'listen-client-urls': `https://root:${password}@10.77.31.201:2379`,
          });
          value['env'] = {
            ETCD_NAME: 'cp-zebra-1',
            ETCD_INITIAL_CLUSTER:
              'cp-zebra-1=https://10.77.31.201:2380,cp-zebra-2=https://zebra-node-7.dc9.zebracorp.internal:2380',
          };
          value['dataDir'] = '/srv/zebra-etcd-data/m';
        }),
      );
    } else if (path.endsWith('/tls-handshake.json') || path.endsWith('/server/certificates.json')) {
      files.set(
        to,
        Buffer.from(
          content
            .toString('utf8')
            .replaceAll('"CN=server"', '"CN=cp-zebra-1, O=Zebra Corp Ltd, OU=zebracorp"')
            .replaceAll('"localhost"', '"localhost", "zebra-node-7.dc9.zebracorp.internal", "*.dc9.zebracorp.internal"')
            .replaceAll('127.104.152.1"', '10.77.31.201"'),
        ),
      );
    } else if (path.endsWith('/dns.json')) {
      files.set(
        to,
        edit(content, (value) =>
          Object.assign(value, {
            host: 'zebra-node-7.dc9.zebracorp.internal',
            literal: false,
            addresses: [
              { address: '10.77.31.201', family: 4 },
              { address: '2001:db8:77:1::c0de', family: 6 },
            ],
          }),
        ),
      );
    } else if (path.endsWith('/os.json')) {
      files.set(
        to,
        edit(content, (value) => Object.assign(value, { hostname: 'cp-zebra-1' })),
      );
    } else if (path.endsWith('/filesystems.json')) {
      files.set(
        to,
        edit(content, (value) => {
          for (const fs of value['filesystems'] as Json[])
            Object.assign(fs, {
              source: 'nfs77.zebracorp.internal:/exports/zebra-etcd-data',
              mountPoint: '/srv/zebra-etcd-data',
              path: '/srv/zebra-etcd-data/m',
              options: ['rw', 'addr=10.77.31.201', 'username=zoe.stripe'],
            });
        }),
      );
    } else if (path.endsWith('/kernel-log.txt')) {
      files.set(
        to,
        Buffer.from(
          `${content.toString('utf8')}2026-11-22T10:00:00.000Z [12.3] nfs: server nfs77.zebracorp.internal not responding, 10.77.31.201\n`,
        ),
      );
    } else if (path.endsWith('.prom')) {
      files.set(
        to,
        Buffer.concat([
          content,
          Buffer.from(
            'up{instance="cp-zebra-1:2379",node="cp-zebra-1",namespace="billing-ledger",user="zoe.stripe"} 1\nx{addr="10.77.31.201"} 2\n',
          ),
        ]),
      );
    } else if (path.endsWith('.log')) {
      files.set(to, Buffer.concat([content, Buffer.from(`${logLines.join('\n')}\n`)]));
    } else if (path === 'manifest.json') {
      const text = content
        .toString('utf8')
        .replaceAll('127.104.152.1', '10.77.31.201')
        .replaceAll('"m1"', '"cp-zebra-1"');
      files.set(
        path,
        edit(Buffer.from(text), (value) => {
          const [first] = value['items'] as Json[];
          Object.assign(first as Json, {
            message: `dial tcp 10.77.31.201:2379: refused; log of cp-zebra-1 at /srv/zebra-etcd-data/m/etcd.log with token=${password}`,
          });
        }),
      );
    } else files.set(to, Buffer.from(content.toString('latin1').replaceAll('127.104.152.1', '10.77.31.201'), 'latin1'));
  }
  plantFurther(files);
  files.set('notes/cp-zebra-1.log.gz', gzipSync(Buffer.from(logLines.join('\n'))));
  return files;
};

const spellings = (text: string): string[] => [
  text,
  ...(text.length >= 6 ? [Buffer.from(text).toString('hex')] : []),
  ...(text.includes('.') && /^[\d.]+$/.test(text) ? [text.replaceAll('.', '-'), text.replaceAll('.', '_')] : []),
  text.replaceAll('-', '\\u002d'),
  text.replaceAll('-', '\\x2d'),
  text.replaceAll('.', '%2E'),
];

const words = ['zebra-pet-name'];

/** All paths and contents as one text, packed contents unpacked. Written apart from the code under test. */
const everything = async (files: ReadonlyMap<string, Buffer>): Promise<string> => {
  const { gunzipSync } = await import('node:zlib');
  return [...files]
    .map(([path, content]) => `${path}\n${(path.endsWith('.gz') ? gunzipSync(content) : content).toString('latin1')}`)
    .join('\n')
    .toLowerCase();
};

const redacted = async (bundle: OpenBundle, mode: 'standard' | 'secrets-only') => {
  const done = await redactBundle(bundle, { mode, key, words });
  return { done, files: await contentsOf(done.files) };
};

describe('canaries', () => {
  test('the corpus holds what it is to be searched for', async () => {
    const text = await everything(planted());
    for (const canary of [...identities, ...secrets]) assert.ok(text.includes(canary.toLowerCase()), canary);
  });

  test('standard: no identity and no secret, in any spelling, anywhere', async () => {
    const { done, files } = await redacted(asBundle(planted()), 'standard');
    assert.deepEqual(
      done.manifest.items.filter(({ state }) => state === 'withheld').map(({ id, message }) => `${id} ${message}`),
      [],
    );
    const text = `${done.root}\n${await everything(files)}`;
    for (const canary of [...identities, ...secrets]) {
      for (const spelling of spellings(canary)) {
        const at = text.indexOf(spelling.toLowerCase());
        assert.ok(at < 0, `${canary} as ${spelling}: ...${text.slice(Math.max(0, at - 80), at + 80)}`);
      }
    }
    const decoded = [...text.matchAll(/base64 ([a-z0-9+/=]+)/gi)].length;
    assert.ok(decoded > 0, 'the line itself is still there');
    const raw = [...files].find(([path]) => path.endsWith('.log'))?.[1].toString('latin1') ?? '';
    for (const [, code = ''] of raw.matchAll(/base64 (\S+)/g)) {
      assert.ok(!Buffer.from(code, 'base64').toString('latin1').includes('zebra'), code);
    }
  });

  test('standard: what a diagnosis needs is kept', async () => {
    const { files } = await redacted(asBundle(planted()), 'standard');
    const log = [...files].find(([path]) => path.endsWith('.log'))?.[1].toString('utf8') ?? '';
    assert.match(
      log,
      /key:\\"\/registry\/secrets\/key-[0-9a-f]{10}\/key-[0-9a-f]{10}\\" range_end:\\"\/registry\/secrets\/key-[0-9a-f]{10}\\"/,
    );
    assert.match(log, /dial tcp ip4-private-[0-9a-f]{6}-[0-9a-f]{10}:2380: i\/o timeout/);
    assert.match(log, /lookup name-[0-9a-f]{10} on ip4-linklocal-/);
    assert.match(log, /"took":"1.2s"/);
    assert.match(log, /->ip4-public-[0-9a-f]{6}-[0-9a-f]{10}:2380/);
    assert.match(log, /cp-zebra-1=|name-[0-9a-f]{10}=https:\/\/ip6-public-[0-9a-f]{6}-[0-9a-f]{10}:2380/);
    for (const line of log.split('\n')) if (line.startsWith('{')) assert.doesNotThrow(() => JSON.parse(line), line);
    const certificate =
      [...files].find(([path]) => path.endsWith('/server/certificates.json'))?.[1].toString('utf8') ?? '';
    const names = [...certificate.matchAll(/"((?:\*|name-[0-9a-f]{10})\.dom-[0-9a-f]{10})"/g)].map(
      ([, name = '']) => name,
    );
    assert.equal(
      new Set(names.map((name) => name.slice(name.indexOf('.')))).size,
      1,
      'a wildcard and a name of its domain share the domain',
    );
  });

  test('standard: what the artifacts of host, history and data dir say is kept', async () => {
    const { done, files } = await redacted(asBundle(planted()), 'standard');
    const text = (path: string): string => files.get(path)?.toString('utf8') ?? '';
    assert.deepEqual(done.manifest.platform?.evidence.at(-1), '/etc/kubernetes/manifests/etcd.yaml');
    assert.equal(done.manifest.invocation.flags['prometheus-match']?.endsWith(',job="etcd"'), true);
    const map = JSON.parse(text('collection/access.json')) as { entries: { command: string; identity: string }[] };
    assert.match(
      map.entries[0]?.command ?? '',
      /^ssh core@name-.* --cert \/etc\/kubernetes\/pki\/etcd\/ca\.crt; oc -n openshift-etcd logs name-/,
    );
    assert.match(
      map.entries[0]?.identity ?? '',
      /^certificate CN=name-[0-9a-f]{10}, O=word-[0-9a-f]{10}, user user-[0-9a-f]{10}$/,
    );
    const history = JSON.parse(text('extra/history.json')) as {
      query: string;
      series: { labels: Record<string, string> }[];
    };
    assert.match(
      history.query,
      /^etcd_debugging_mvcc_keys_total\{job=~"etcd",instance=~"ip4-private-[0-9a-f]{6}-[0-9a-f]{10}:2381\|name-[0-9a-f]{10}:2381",site="name-[0-9a-f]{10}"\}$/,
    );
    const { job, instance, Remote } = history.series[0]?.labels ?? {};
    assert.deepEqual(
      [job, /^name-[0-9a-f]{10}:2381$/.test(instance ?? ''), Remote],
      ['etcd', true, '91bc3c398fb3c146'],
    );
    const net = JSON.parse(text('extra/net-config.json')) as {
      interfaces: { name: string }[];
      routes: { interface: string }[];
    };
    assert.equal(net.routes[0]?.interface, net.interfaces[0]?.name, 'a route still leads to its interface');
    assert.equal(net.interfaces[2]?.name, 'bond0.7');
    const keys = JSON.parse(text('extra/keyspace.json')) as { prefixes: { prefix: string }[]; notCounted: string[] };
    assert.equal(keys.prefixes[0]?.prefix, '/registry/events/');
    assert.match(keys.notCounted[0] ?? '', /^\/registry\/pods\/key-[0-9a-f]{10}\/$/);
    const scrape = JSON.parse(text('extra/apiserver-metrics.json')) as {
      families: { series: { labels: Record<string, string> }[] }[];
    };
    assert.deepEqual(scrape.families[0]?.series[0]?.labels, { operation: 'get', resource: 'pods' });
    assert.equal(scrape.families[1]?.series[1]?.labels['resource'], 'leases.coordination.k8s.io');
    assert.match(scrape.families[2]?.series[0]?.labels['resource'] ?? '', /^name-[0-9a-f]{10}\.dom-[0-9a-f]{10}$/);
    assert.equal(scrape.families[2]?.series[3]?.labels['resource'], '/registry/pods/');
    const manifest = JSON.parse(text('extra/static-pods.json')) as { pods: { path: string; flags: object }[] };
    assert.equal(manifest.pods[0]?.path, '/etc/kubernetes/manifests/kube-apiserver.yaml');
    const pods = JSON.parse(text('extra/kube-pods.json')) as { pods: { node: string; containers: object[] }[] };
    const nodes = JSON.parse(text('extra/kube-nodes.json')) as { nodes: { name: string; taints: string[] }[] };
    assert.equal(pods.pods[0]?.node, nodes.nodes[0]?.name, 'a pod still leads to its node');
    assert.deepEqual(nodes.nodes[0]?.taints, ['node-role.kubernetes.io/control-plane:NoSchedule']);
    const snap = JSON.parse(text('extra/datadir-snap.json')) as {
      snapshots: { membership: { members: { id: string; name: string; peerUrls: string[] }[] } }[];
    };
    const [member] = snap.snapshots[0]?.membership.members ?? [];
    const config = [...files].find(([path]) => path.endsWith('/server/config.json'))?.[1].toString('utf8') ?? '';
    assert.ok(
      config.includes(`"name": "${member?.name}"`),
      'the member of the snapshot is the one of the configuration',
    );
    assert.equal(member?.id, '91bc3c398fb3c146');
    assert.match(member?.peerUrls[0] ?? '', /^https:\/\/ip4-private-[0-9a-f]{6}-[0-9a-f]{10}:2380$/);
  });

  test('secrets-only: no secret; identities stay', async () => {
    const { files } = await redacted(asBundle(planted()), 'secrets-only');
    const text = await everything(files);
    for (const secret of secrets) assert.ok(!text.includes(secret.toLowerCase()), secret);
    assert.ok(text.includes('cp-zebra-1') && text.includes('10.77.31.201') && text.includes(SECRET_MARKER));
  });

  test('the gate finds every canary that is put back', async () => {
    const { done } = await redacted(asBundle(planted()), 'standard');
    for (const canary of [...identities, ...secrets]) {
      const line =
        secrets.includes(canary as (typeof secrets)[number]) && canary !== jwt
          ? canary === pem
            ? privateKey
            : `password=${canary}`
          : canary;
      if (canary === 'zoe.stripe' || canary === 'Zebra Corp Ltd') continue;
      assert.notDeepEqual(done.inspect(Buffer.from(`some text ${line} more`)), {}, canary);
      assert.notDeepEqual(done.inspect(gzipSync(Buffer.from(`some text ${line} more`))), {}, `${canary} packed`);
    }
    assert.notDeepEqual(done.inspect(Buffer.from('by zoe.stripe')), {});
    assert.notDeepEqual(done.inspect(Buffer.from('O=Zebra Corp Ltd')), {});
    assert.deepEqual(done.inspect(Buffer.from('member 91bc3c398fb3c146 at revision 12345, 1.2.3 took 10.5ms')), {});
  });

  test('three nodes with one key give one identity one token, in any order', async () => {
    const tokensOf = async (bundle: OpenBundle): Promise<Map<string, string>> => {
      const { done } = await redacted(bundle, 'standard');
      return new Map(
        [...(done.identities?.tokens.originals() ?? [])].map(([token, original]) => [original.toLowerCase(), token]),
      );
    };
    const whole = planted();
    const reversed = new Map([...whole].reverse());
    const manifest = JSON.parse(whole.get('manifest.json')?.toString('utf8') ?? '') as Manifest;
    // Another node: only some of the artifacts, the log from its end.
    const fewer = new Map([...whole].filter(([path]) => !/certificates|filesystems|\/os\.json/.test(path)));
    fewer.set(
      'manifest.json',
      Buffer.from(
        JSON.stringify({
          ...manifest,
          items: manifest.items.filter(({ paths }) => paths.every((path) => fewer.has(path))),
        }),
      ),
    );
    for (const [path, content] of fewer)
      if (path.endsWith('.log'))
        fewer.set(path, Buffer.from(content.toString('utf8').split('\n').reverse().join('\n')));
    const [a, b, c] = await Promise.all([
      tokensOf(asBundle(whole)),
      tokensOf(asBundle(reversed)),
      tokensOf(asBundle(fewer)),
    ]);
    let compared = 0;
    for (const [original, token] of c) {
      // A segment of a path and a name are two kinds.
      const kind = token.slice(0, token.indexOf('-'));
      for (const other of [a.get(original), b.get(original)]) {
        if (other?.startsWith(`${kind}-`) !== true) continue;
        assert.equal(other, token, original);
        compared += 1;
      }
    }
    assert.ok(compared > 20, String(compared));
  });

  test('masking what is masked changes nothing', async () => {
    const { files } = await redacted(asBundle(planted()), 'standard');
    const again = await redacted(asBundle(files), 'standard');
    for (const [path, content] of files) {
      if (!/^(?:members|hosts|cluster|vantage)\//.test(path)) continue;
      assert.equal(again.files.get(path)?.toString('latin1'), content.toString('latin1'), path);
    }
  });
});
