/** Many hosts over a real ssh: hosts of the lab with a server each, a member that is down, a host that is dead, one that lets nobody in. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { readBundle } from '../../analyzer/bundle/index.js';
import { buildCase } from '../../analyzer/bundle/merge.js';
import { packageRoot, type Report } from '../../schemas/index.js';
import { buildSingleFile, programs } from '../../scripts/package/single-file.js';
import { readArchive } from '../collector/read-archive.js';
import { type Cluster, startCluster } from '../lab/cluster/cluster.js';
import { hostsObstacle } from '../lab/cluster/hosts.js';
import { labDir } from '../lab/cluster/lab.js';
import { run } from '../support/run.js';
import { createSshAccess, type SshAccess, type SshServer, sshdObstacle } from '../support/sshd.js';
import { line, program } from './harness.js';

interface Outcome {
  readonly exitCode: number;
  readonly hosts: readonly {
    readonly host: string;
    readonly state: string;
    readonly exitCode?: number;
    readonly detail?: string;
    readonly bundle?: string;
    readonly map?: string;
  }[];
}

interface Place {
  readonly cluster: Cluster;
  readonly access: SshAccess;
  readonly servers: readonly SshServer[];
  readonly addresses: readonly string[];
  readonly sent: string;
}

const obstacle = line === '3.5' ? ((await hostsObstacle()) ?? (await sshdObstacle())) : 'the same for every etcd';
const skip = obstacle ?? false;
let place: Place;
let dispose = async (): Promise<void> => undefined;

before(
  async () => {
    if (skip !== false) return;
    const collector = programs.find(({ name }) => name === 'etcd-collect');
    assert.ok(collector !== undefined);
    const [cluster, { code }] = await Promise.all([
      startCluster({ version: line, hosts: 256, spares: 1 }),
      buildSingleFile(collector),
    ]);
    dispose = cluster.dispose;
    const sent = join(labDir(cluster.lab, 'sent'), 'etcd-collect.cjs');
    writeFileSync(sent, code);
    const addresses = [...cluster.members, ...cluster.spares].map(({ address }) => address);
    const access = await createSshAccess(cluster.lab);
    const servers: SshServer[] = [];
    for (const [index, host] of (cluster.hosts ?? []).entries()) {
      // The last one is dead: nothing listens there.
      if (index === 3) continue;
      const address = addresses[index] ?? '';
      servers.push(await access.serve(host, address, index === 0 ? [22, 2222] : [22]));
      if (index === 0) servers.push(await access.serve(host, address, [2223], false));
    }
    await cluster.member(1).stop('SIGTERM');
    place = { cluster, access, servers, addresses, sent };
  },
  { timeout: 180_000 },
);

after(() => dispose());

const flagsOf = (dir: string, hosts: readonly string[], flags: readonly string[]): string[] => [
  ...['fan-out', '--ssh', hosts.join(','), '--ssh-config', place.access.config, '--program', place.sent, '-o', dir],
  ...['--series-key', join(place.cluster.lab.dir, 'series.key'), '--remote-node', process.execPath],
  ...['--connect-timeout', '5s', '--', ...flags],
];

const outcomeIn = (dir: string): Outcome =>
  JSON.parse(readFileSync(join(dir, 'private', 'fan-out.json'), 'utf8')) as Outcome;

/** Runs the program and sends it SIGINT when its progress matches. */
const interruptedWhen = (args: readonly string[], when: RegExp): Promise<{ code: number | null; stderr: string }> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(packageRoot, 'dist', 'collector', 'main.js'), ...args], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      const before = when.test(stderr);
      stderr += text;
      if (!before && when.test(stderr)) child.kill('SIGINT');
    });
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stderr }));
  });

/** Processes of all hosts that are not the lab's own. */
const strangers = async (): Promise<string[]> => {
  const found: string[] = [];
  for (const host of place.cluster.hosts ?? []) {
    const list = 'for each in /proc/[0-9]*/cmdline; do tr "\\0" " " < "$each"; echo; done 2> /dev/null';
    const [file = '', ...args] = host.inside(['sh', '-c', list]);
    const { stdout } = await run(file, args);
    assert.match(stdout, /sshd|sleep/, 'the processes of the host are seen');
    found.push(...stdout.split('\n').filter((text) => /etcd-collect|node /.test(text)));
  }
  return found;
};

const nothingLeft = async (): Promise<void> => {
  const deadline = Date.now() + 5000;
  let left = await strangers();
  while (left.length > 0 && Date.now() < deadline) {
    await sleep(100);
    left = await strangers();
  }
  assert.deepEqual(left, [], 'processes');
  for (const { home, tmp } of place.servers) {
    assert.deepEqual(readdirSync(home), [], 'in the home directory there');
    assert.deepEqual(readdirSync(tmp), [], 'in the temporary directory there');
  }
};

test('one dead host, one without a way in, one with a strange key, one whose member is down: a case of the others', {
  skip,
  timeout: 120_000,
}, async () => {
  const { cluster, addresses } = place;
  const [first = '', second = '', third = '', dead = ''] = addresses;
  const flags = ['--rounds', '1', '--timeout', '2s', '--endpoints', cluster.endpoints().join(',')];
  const hosts = [first, second, `root@${third}`, dead, `nobody@${first}:2222`, `${first}:2223`];
  const dir = join(cluster.lab.dir, 'case');
  const { code, stderr, stdout } = await program('collector', flagsOf(dir, hosts, flags));
  const outcome = outcomeIn(dir);
  const states = Object.fromEntries(outcome.hosts.map(({ host, state }) => [host, state]));
  assert.deepEqual(
    states,
    {
      [first]: 'partial',
      [second]: 'partial',
      [third]: 'partial',
      [dead]: 'unreachable',
      [`${first}:2222`]: 'auth-refused',
      [`${first}:2223`]: 'host-key-refused',
    },
    stderr,
  );
  assert.equal(code, 3, stderr);
  assert.equal(outcome.exitCode, 3);
  const bundles = stdout.trim().split('\n');
  assert.equal(bundles.length, 3);
  assert.match(stderr, new RegExp(`Next: etcd-analyze ${dir}`));
  // What stays here is apart from what may leave.
  assert.deepEqual(readdirSync(dir).sort(), [...bundles.map((path) => path.slice(dir.length + 1)), 'private'].sort());

  // One key: the same thing has the same token on all hosts, and no bundle has a real name.
  const maps = outcome.hosts.flatMap(({ map }) =>
    map === undefined
      ? []
      : [(JSON.parse(readFileSync(join(dir, map), 'utf8')) as { tokens: Record<string, string> }).tokens],
  );
  assert.equal(maps.length, 3);
  for (const wanted of [first, second, third, cluster.member(0).name]) {
    const tokens = maps.map((map) => Object.entries(map).find(([, original]) => original === wanted)?.[0]);
    assert.ok(tokens[0] !== undefined && tokens.every((token) => token === tokens[0]), `${wanted}: ${tokens.join()}`);
  }
  const names = [...addresses, ...(cluster.hosts ?? []).map(({ name }) => name)];
  for (const bundle of bundles) {
    for (const { path, content } of await readArchive(bundle)) {
      const text = content.toString('latin1');
      for (const name of names) assert.ok(!text.includes(name) && !path.includes(name), `${path} names ${name}`);
    }
  }

  const read = await Promise.all(bundles.map((path) => readBundle({ path }, {})));
  const { hosts: found, conflicts, members } = buildCase(read);
  assert.deepEqual([found.length, members.length, conflicts], [3, 3, []]);
  const analysed = await program('analyzer', [dir, '--format', 'json']);
  const report = JSON.parse(analysed.stdout) as Report;
  assert.equal(report.provenance.bundles.length, 3, analysed.stderr);
  await nothingLeft();
});

test('Ctrl-C: what the hosts have read comes back, and nothing goes on there', { skip, timeout: 60_000 }, async () => {
  const { addresses, cluster } = place;
  const dir = join(cluster.lab.dir, 'interrupted');
  const flags = ['--rounds', '20', '--window', '55s'];
  const { code, stderr } = await interruptedWhen(
    flagsOf(dir, [addresses[0] ?? '', addresses[2] ?? ''], flags),
    /(?:: reading\n.*){2}/s,
  );
  const outcome = outcomeIn(dir);
  assert.equal(code, 130, stderr);
  assert.deepEqual(
    outcome.hosts.map(({ state, exitCode }) => [state, exitCode]),
    [
      ['partial', 130],
      ['partial', 130],
    ],
    stderr,
  );
  await nothingLeft();
});

test('a login script that prints something: said so, and no file under the final name', {
  skip,
  timeout: 60_000,
}, async () => {
  const { cluster, addresses } = place;
  const noisy = join(labDir(cluster.lab, 'noisy'), 'etcd-collect');
  writeFileSync(noisy, '#!/bin/sh\necho "Welcome to this host"\n', { mode: 0o755 });
  const dir = join(cluster.lab.dir, 'out');
  const ran = await program('collector', [
    ...[
      'fan-out',
      '--ssh',
      addresses[0] ?? '',
      '--ssh-config',
      place.access.config,
      '--remote-program',
      noisy,
      '-o',
      dir,
    ],
    ...['--series-key', join(cluster.lab.dir, 'series.key')],
  ]);
  assert.equal(ran.code, 4, ran.stderr);
  assert.match(ran.stderr, /not-a-bundle.*Welcome to this host/);
  assert.deepEqual(readdirSync(dir), ['private']);
});
