import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { copyFileSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { optionsFrom, type RawFlags } from '../../../collector/cli/options.js';
import { collect, type CollectOutcome, plan, type Planned } from '../../../collector/collect.js';
import { realIo } from '../../../collector/io.js';
import { createFilesPort, type FilesPort } from '../../../collector/ports/files.js';
import { ProbeError } from '../../../collector/probe.js';
import { createWiring } from '../../../collector/wiring.js';
import type { AccessMapArtifact } from '../../../schemas/index.js';
import { ensureEtcd } from '../../support/etcd-binaries.js';
import { type Authority, createAuthority, issueCertificate } from '../../support/pki.js';
import { type ReadFile, readArchive, textOf } from '../read-archive.js';

/** A node of a cluster: its root below a temporary directory, its processes real. */
export interface TestNode {
  readonly root: string;
  readonly ca: Authority;
  readonly ports: readonly number[];
  /** Path of this machine for a path of the node. */
  readonly at: (path: string) => string;
  readonly put: (path: string, content: string | Buffer, mode?: number) => void;
  readonly dir: (path: string) => void;
  /** Puts a certificate and its key where the platform has them. */
  readonly issue: (name: string, cert: string, key: string, more?: Partial<Issue>) => Promise<void>;
  readonly putCa: (path: string) => void;
  /** Starts etcd and waits until it serves clients; the command name is that of `as`. */
  readonly start: (argv: readonly string[], more?: StartOptions) => Promise<number>;
  readonly stop: () => Promise<void>;
}

export interface StartOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Command name and first argument. */
  readonly as?: string;
  readonly argv0?: string;
  readonly log?: string;
  readonly cwd?: string;
  /** Port that tells that it serves. */
  readonly port?: number;
}

interface Issue {
  readonly eku: readonly ('serverAuth' | 'clientAuth')[];
  readonly expired: boolean;
}

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    // Above the ephemeral ports of other tests is no safe place either: a port that was free a moment ago has to do.
    server.listen(30_000 + Math.floor(Math.random() * 2_500), '127.0.0.1', () => {
      const address = server.address();
      server.close(() =>
        typeof address === 'object' && address !== null ? resolve(address.port) : reject(new Error('no port')),
      );
    });
  });

const uniquePorts = async (count: number): Promise<number[]> => {
  const found = new Set<number>();
  while (found.size < count) {
    const port = await freePort().catch(() => undefined);
    if (port !== undefined) found.add(port);
  }
  return [...found];
};

const serves = async (port: number): Promise<boolean> => {
  const { connect } = await import('node:net');
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
};

export const makeNode = async (ports = 4): Promise<Node> => {
  const root = mkdtempSync(join(tmpdir(), 'platform-node-'));
  const ca = await createAuthority(join(root, 'authority'));
  const at = (path: string): string => join(root, path);
  const children: ChildProcess[] = [];
  const put = (path: string, content: string | Buffer, mode = 0o600): void => {
    mkdirSync(dirname(at(path)), { recursive: true });
    writeFileSync(at(path), content, { mode });
  };
  mkdirSync(at('/etc'), { recursive: true });
  return {
    root,
    ca,
    ports: await uniquePorts(ports),
    at,
    put,
    dir: (path) => mkdirSync(at(path), { recursive: true }),
    putCa: (path) => {
      mkdirSync(dirname(at(path)), { recursive: true });
      cpSync(ca.cert, at(path));
    },
    issue: async (name, cert, key, more = {}) => {
      const pair = await issueCertificate(ca, { name, hosts: ['127.0.0.1', 'localhost'], ...more });
      for (const [from, to] of [
        [pair.cert, cert],
        [pair.key, key],
      ] as const) {
        mkdirSync(dirname(at(to)), { recursive: true });
        cpSync(from, at(to));
      }
    },
    start: async (argv, { env = {}, as = 'etcd', argv0, log, cwd, port } = {}) => {
      const { etcd } = await ensureEtcd('3.5');
      const binary = join(root, 'bin', as);
      mkdirSync(dirname(binary), { recursive: true });
      copyFileSync(etcd, binary);
      const { openSync } = await import('node:fs');
      const path = log ?? '/var/log/etcd-test.log';
      mkdirSync(dirname(at(path)), { recursive: true });
      const output = openSync(at(path), 'a');
      const child = spawn(binary, argv, {
        stdio: ['ignore', output, output],
        env: { PATH: '/usr/bin:/bin', ...env },
        cwd: cwd ?? root,
        ...(argv0 === undefined ? {} : { argv0 }),
      });
      children.push(child);
      for (let tries = 0; port !== undefined && !(await serves(port)); tries += 1) {
        if (child.exitCode !== null || tries > 600) throw new Error(`etcd does not start, see ${at(path)}`);
        await sleep(50);
      }
      return child.pid ?? 0;
    },
    stop: async () => {
      for (const child of children) {
        if (child.exitCode !== null || child.signalCode !== null) continue;
        const gone = new Promise((resolve) => child.once('exit', resolve));
        child.kill('SIGKILL');
        await gone;
      }
      rmSync(root, { recursive: true, force: true });
    },
    pids: () => children.flatMap(({ pid }) => (pid === undefined ? [] : [pid])),
  };
};

/** Where a platform has the certificates of a member. */
export interface MemberFiles {
  readonly ca: string;
  readonly server: readonly [cert: string, key: string];
  readonly peer: readonly [cert: string, key: string];
  readonly client: readonly [cert: string, key: string];
  readonly dataDir: string;
}

/** Makes the certificates of a single-member cluster and returns its settings by flag name: ports 0 client, 1 peer, 2 metrics (http), 3 HTTP of clients. */
export const furnish = async (
  node: TestNode,
  name: string,
  files: MemberFiles,
  more: Readonly<Record<string, string>> = {},
): Promise<Readonly<Record<string, string>>> => {
  const [client, peer] = node.ports;
  node.putCa(files.ca);
  await node.issue('etcd-server', ...files.server);
  await node.issue('etcd-peer', ...files.peer);
  await node.issue('the-client', ...files.client, { eku: ['clientAuth'] });
  return {
    name,
    'data-dir': node.at(files.dataDir),
    'listen-client-urls': `https://127.0.0.1:${client}`,
    'advertise-client-urls': `https://127.0.0.1:${client}`,
    'listen-peer-urls': `https://127.0.0.1:${peer}`,
    'initial-advertise-peer-urls': `https://127.0.0.1:${peer}`,
    'initial-cluster': `${name}=https://127.0.0.1:${peer}`,
    'cert-file': node.at(files.server[0]),
    'key-file': node.at(files.server[1]),
    'client-cert-auth': 'true',
    'trusted-ca-file': node.at(files.ca),
    'peer-cert-file': node.at(files.peer[0]),
    'peer-key-file': node.at(files.peer[1]),
    'peer-trusted-ca-file': node.at(files.ca),
    'peer-client-cert-auth': 'true',
    ...more,
  };
};

type Settings = Readonly<Record<string, string>>;

export const asFlags = (settings: Settings): string[] =>
  Object.entries(settings).map(([name, value]) => `--${name}=${value}`);

export const asEnvironment = (settings: Settings): Record<string, string> =>
  Object.fromEntries(
    Object.entries(settings).map(([name, value]) => [`ETCD_${name.toUpperCase().replaceAll('-', '_')}`, value]),
  );

const clientSection = ['cert-file', 'key-file', 'client-cert-auth', 'trusted-ca-file'];

/** etcd's config file. */
export const asConfig = (settings: Settings): string => {
  const isPeer = (name: string): boolean => /^peer-(cert-file|key-file|trusted-ca-file|client-cert-auth)$/.test(name);
  const plain = Object.entries(settings).filter(([name]) => !clientSection.includes(name) && !isPeer(name));
  const section = (names: readonly (readonly [string, string])[]): string[] =>
    names.map(([name, value]) => `  ${name}: ${value}`);
  const entries = Object.entries(settings);
  return [
    ...plain.map(([name, value]) => `${name}: ${value}`),
    'client-transport-security:',
    ...section(entries.filter(([name]) => clientSection.includes(name))),
    'peer-transport-security:',
    ...section(entries.filter(([name]) => isPeer(name)).map(([name, value]) => [name.replace(/^peer-/, ''), value])),
    '',
  ].join('\n');
};

export type Node = TestNode & { readonly pids: () => readonly number[] };

/** One test on one node, which is taken down whatever happens. */
export const onNode = async (work: (node: Node) => Promise<void>, ports = 4): Promise<void> => {
  const node = await makeNode(ports);
  try {
    await work(node);
  } finally {
    await node.stop();
  }
};

/** What every platform with a running member must give: state by kind. */
export const stateOf = ({ outcome }: Run, kind: string): string | undefined =>
  outcome.manifest.items.find((item) => item.kind === kind)?.state;

/** Asserts that a run found the member at its place, read it as `the-client`, and says so. */
export const assertWhole = (
  run: Run,
  node: Node,
  expected: { readonly platform: string; readonly name: string },
): void => {
  const { manifest } = run.outcome;
  assert.equal(manifest.platform?.name, expected.platform);
  assert.equal(manifest.platform.detectedBy, 'auto');
  assert.ok(manifest.platform.evidence.length > 0);
  const members = manifest.targets.filter(({ kind }) => kind === 'member');
  assert.deepEqual(
    members.map(({ name, endpoint, reachable }) => [name, endpoint, reachable]),
    [[expected.name, `127.0.0.1:${node.ports[0]}`, true]],
  );
  for (const kind of [
    'endpoint-status',
    'member-list',
    'metrics',
    'hashkv',
    'server-config',
    'datadir-listing',
    'server-certificates',
  ])
    assert.equal(
      stateOf(run, kind),
      'ok',
      `${kind}: ${manifest.items.find((item) => item.kind === kind)?.message ?? ''}`,
    );
  const remote = entryOf(run.access, 'metrics', 'member');
  assert.equal(remote?.access, 'full');
  assert.match(remote.identity ?? '', /the-client/);
  assert.equal(run.access.vantage?.certificateFrom, 'platform');
  assert.equal(run.access.platform, expected.platform);
  for (const { path, content } of run.bundle) assert.ok(!content.includes('PRIVATE KEY'), path);
};

/** The files of this machine without its other processes, which must neither be read nor asked; `denied` ones answer as if rights were missing. */
const onlyProcesses = (pids: readonly number[], denied: readonly string[]): FilesPort => {
  const files = createFilesPort();
  const wanted = new Set(['self', ...pids.map(String)]);
  const refuse = (path: string): void => {
    if (denied.includes(path))
      throw new ProbeError('denied', 'file-access', `${path} may not be read by this user`, { permission: 'root' });
  };
  return {
    ...files,
    readText: async (path, options) => {
      refuse(path);
      return files.readText(path, options);
    },
    readRange: async (path, start, length, signal) => {
      refuse(path);
      return files.readRange(path, start, length, signal);
    },
    list: async (path, signal) => {
      refuse(path);
      const names = await files.list(path, signal);
      return path === '/proc' ? names.filter((name) => !/^\d+$/.test(name) || wanted.has(name)) : names;
    },
  };
};

export interface Run {
  readonly outcome: CollectOutcome;
  readonly bundle: readonly ReadFile[];
  readonly access: AccessMapArtifact;
}

const base: RawFlags = { rounds: '1', timeout: '3s', progress: 'none', redact: 'secrets-only' };

/** One collection on the node, with the flags of a user who names nothing. */
export const collectOn = async (node: Node, flags: RawFlags = {}, denied: readonly string[] = []): Promise<Run> => {
  const files = onlyProcesses(node.pids(), denied.map(node.at));
  const options = optionsFrom(
    { ...base, 'host-root': node.root, output: `${mkdtempSync(join(node.root, 'out-'))}/`, ...flags },
    {},
  );
  const outcome = await collect(options, realIo({ wire: (each) => createWiring(each, files) }));
  const bundle = await readArchive(outcome.path ?? '');
  return { outcome, bundle, access: JSON.parse(textOf(bundle, 'collection/access.json')) as AccessMapArtifact };
};

export const planOn = async (node: Node, flags: RawFlags = {}, denied: readonly string[] = []): Promise<Planned> => {
  const files = onlyProcesses(node.pids(), denied.map(node.at));
  const options = optionsFrom({ ...base, 'host-root': node.root, ...flags }, {});
  return plan(options, realIo({ wire: (each) => createWiring(each, files) }));
};

/** Entry of the access map that holds a kind of a target of a kind. */
export const entryOf = (
  access: AccessMapArtifact,
  kind: string,
  targetKind: string,
): AccessMapArtifact['entries'][number] | undefined =>
  access.entries.find(({ kinds, target }) => target.kind === targetKind && kinds.includes(kind));
