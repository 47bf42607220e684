/** What a whole run does to the host and the network, as the kernel saw it. */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { startCluster } from '../lab/cluster/cluster.js';
import { isRoot, systemTool } from '../support/tools.js';
import { line, tempDir } from './harness.js';
import { collector, onlyBundleIn, start, wholeBundle } from './places-support.js';

/** Calls that give a file a name, a content or a place. */
const changing = [
  ...['openat', 'open', 'creat', 'mkdir', 'mkdirat', 'mknod', 'mknodat', 'rename', 'renameat', 'renameat2'],
  ...['unlink', 'unlinkat', 'rmdir', 'link', 'linkat', 'symlink', 'symlinkat', 'truncate', 'ftruncate'],
  ...['chmod', 'fchmodat', 'chown', 'fchownat', 'lchown', 'utimensat', 'setxattr', 'mount', 'umount2'],
];

interface Seen {
  /** Paths that were opened for writing, made, renamed, linked or removed, with the call. */
  readonly writes: readonly { readonly call: string; readonly path: string }[];
  /** `address port` that were connected to. */
  readonly connections: readonly { readonly address: string; readonly port: number }[];
  readonly calls: number;
}

/** Reads the output of `strace -f -y`; calls that failed changed nothing. */
const parseTrace = (text: string, cwd: string): Seen => {
  const writes: { call: string; path: string }[] = [];
  const connections: { address: string; port: number }[] = [];
  // A call of one thread that another one interrupted stands in two lines.
  const begun = new Map<string, string>();
  let calls = 0;
  for (const raw of text.split('\n')) {
    const [, pid = '', shown = ''] = /^(\d+)\s+(.*)$/.exec(raw) ?? [];
    if (shown.endsWith('<unfinished ...>')) {
      begun.set(pid, shown.slice(0, -'<unfinished ...>'.length));
      continue;
    }
    const resumed = /^<\.\.\. \w+ resumed>(.*)$/.exec(shown);
    const whole = resumed === null ? shown : `${begun.get(pid) ?? ''}${resumed[1]}`;
    const [, call = '', args = '', result = ''] = /^(\w+)\((.*)\)\s+= (-?\w+)/.exec(whole) ?? [];
    if (call === '') continue;
    calls += 1;
    if (call === 'connect') {
      const address = /inet_addr\("([^"]+)"\)|inet_pton\(AF_INET6, "([^"]+)"/.exec(args);
      const port = /sin6?_port=htons\((\d+)\)/.exec(args)?.[1];
      if (address !== null && port !== undefined)
        connections.push({ address: address[1] ?? address[2] ?? '', port: Number(port) });
      continue;
    }
    if (result.startsWith('-1') || !changing.includes(call)) continue;
    if (/^open/.test(call) && !/O_WRONLY|O_RDWR|O_CREAT|O_TRUNC|O_APPEND/.test(args)) continue;
    for (const [, path = ''] of args.matchAll(/"((?:[^"\\]|\\.)*)"/g)) writes.push({ call, path: resolve(cwd, path) });
  }
  return { writes, connections, calls };
};

const isBelow = (path: string, dirs: readonly string[]): boolean =>
  dirs.some((dir) => path === dir || path.startsWith(`${dir}/`));

test('a run writes below its output directory and the place of the series key, and connects to the cluster alone', {
  timeout: 180_000,
}, async (t) => {
  const strace = isRoot() ? await systemTool('strace') : undefined;
  if (strace === undefined) {
    t.skip('needs root and strace');
    return;
  }
  const cluster = await startCluster({ version: line, size: 1 });
  t.after(() => cluster.dispose());
  const base = tempDir(t);
  const [out, home, temporary] = ['out', 'home', 'tmp'].map((name) => join(base, name)) as [string, string, string];
  for (const dir of [out, home, temporary]) mkdirSync(dir);
  const trace = join(base, 'trace');
  const args = ['--endpoints', cluster.endpoints().join(','), '--rounds', '2', '--window', '1s'];
  const watched = [
    strace,
    '-f',
    '-qq',
    '--seccomp-bpf',
    '-s',
    '512',
    '-e',
    `trace=${[...changing, 'connect'].join(',')}`,
    '-o',
    trace,
  ];
  const run = start([...watched, ...collector, ...args], {
    cwd: out,
    env: { PATH: process.env.PATH, HOME: home, TMPDIR: temporary },
    timeoutMs: 120_000,
  });
  const { code, stderr } = await run.ended;
  assert.ok(code === 0 || code === 3, stderr);
  const { manifest } = await wholeBundle(onlyBundleIn(out));
  const { writes, connections, calls } = parseTrace(readFileSync(trace, 'utf8'), out);
  assert.ok(calls > 200, `the trace has ${calls} calls`);

  const allowed = [out, temporary, join(home, '.config')];
  const elsewhere = writes.filter(({ path }) => !isBelow(path, allowed) && !path.startsWith('/dev/null'));
  assert.deepEqual(elsewhere, [], 'nothing is written elsewhere');
  assert.ok(
    writes.some(({ path }) => isBelow(path, [out])),
    'the trace sees the bundle being written',
  );
  assert.ok(
    writes.some(({ path }) => path.endsWith('/etcd-evidence/series.key')),
    'and the series key',
  );

  // Client and peer URLs of the member list are what a run may knock at.
  const known = new Set(
    manifest.targets
      .flatMap(({ endpoint }) => (endpoint === undefined ? [] : [endpoint]))
      .concat(
        cluster.members.flatMap(({ clientUrl, peerUrl }) =>
          [clientUrl, peerUrl].map((url) => url.replace(/^https?:\/\//, '')),
        ),
      ),
  );
  // chronyc asks its daemon over the loopback; getaddrinfo connects datagram sockets without sending (port 0 or of no service).
  const strangers = connections.filter(
    ({ address, port }) => !known.has(`${address}:${port}`) && !(port === 323 && /^(127\.0\.0\.1|::1)$/.test(address)),
  );
  assert.deepEqual(strangers, [], 'nobody else is connected to');
  assert.ok(
    connections.some(({ address, port }) => cluster.endpoints().some((url) => url.endsWith(`${address}:${port}`))),
  );
  t.diagnostic(`${calls} calls, ${writes.length} of them writes, ${connections.length} connections`);
});
