import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { type FanOutCommand, parseFanOut } from '../../../collector/cli/fan-out-options.js';
import { UsageError } from '../../../collector/errors.js';
import { readProgram } from '../../../collector/fan-out/program.js';
import { openReceived } from '../../../collector/fan-out/received.js';
import { packageRoot } from '../../../schemas/index.js';
import { bundleFiles, packBundle } from '../../support/bundle-archive.js';
import { withDirectory } from '../fake-wiring.js';

const parse = async (...args: string[]): Promise<FanOutCommand> => {
  const command = await parseFanOut(args, '1.2.3');
  assert.ok(typeof command !== 'string');
  return command;
};

test('what runs there: the flags after --, and those that keep names, key and output on this side', async () => {
  const { args, mode, deadlineMs, reach } = await parse(
    '--ssh',
    'a,b',
    '--ssh',
    'c',
    '--',
    '--quick',
    '--endpoints',
    'https://{host}:2379',
  );
  assert.deepEqual(args, [
    ...['--quick', '--endpoints', 'https://{host}:2379', '--redact', 'secrets-only'],
    ...['--output', '-', '--progress', 'json', '--stop-with-stdin'],
  ]);
  assert.equal(mode, 'standard');
  assert.deepEqual(reach.via === 'ssh' && reach.hosts.map(({ label }) => label), ['a', 'b', 'c']);
  assert.equal(deadlineMs, 10_000 + 60_000 + 30_000);
  const longer = await parse('--ssh', 'a,b,c', '--parallel', '2', '--connect-timeout', '5s', '--', '--budget', '2m');
  assert.equal(longer.deadlineMs, 2 * (5_000 + 120_000) + 30_000, 'two turns');
  assert.ok((await parse('--ssh', 'a', '--redact', 'none')).args.join(' ').includes('--redact none'));
});

test('mistakes are told before any host is asked', async () => {
  const cases: [string[], RegExp][] = [
    [[], /no host is named/],
    [['--ssh', 'a', '--kubectl'], /two ways/],
    [['--kubectl'], /one of --pod, --selector and --image/],
    [['--kubectl', '--pod', 'a', '--selector', 'x=y'], /one of --pod, --selector and --image/],
    [['--kubectl', '--pod', 'a', '--node', 'b'], /--node without --image/],
    [['--ssh', 'a', '--namespace', 'x'], /--namespace belongs to --kubectl/],
    [['--kubectl', '--pod', 'a', '--sudo'], /--sudo belongs to --ssh/],
    [['--ssh', 'a', '--quick'], /quick/],
    [['--ssh', 'a', 'b'], /b: not understood/],
    [['--ssh', 'a', '--', '--quik'], /quik/],
    [['--ssh', 'a', '--', 'plan'], /plan is not what runs/],
    [['--ssh', 'a', '--', 'record'], /record is not what runs/],
    [['--ssh', 'a', '--', '-o', 'x'], /--output does not belong there/],
    [['--ssh', 'a', '--', '--series-key', 'x'], /--series-key does not belong there/],
    [['--ssh', 'a', '--', '--label', 'a\nb'], /characters/],
    [['--ssh', 'a', '-o', '-'], /do not fit into one stream/],
    [['--ssh', 'a', '--program', 'x', '--remote-program', 'y'], /use one of them|is sent/],
    [['--ssh', 'a', '--parallel', '0'], /--parallel/],
    [['--ssh', 'a', '--deadline', '10'], /not a duration/],
  ];
  for (const [args, message] of cases)
    await assert.rejects(
      parseFanOut(args, '1.2.3'),
      (error) => error instanceof UsageError && message.test(error.message),
      args.join(' '),
    );
  assert.match(String(await parseFanOut(['--help'], '1.2.3')), /fan-out --ssh HOST/);
});

test('the program that is sent is told apart by how it begins', () =>
  withDirectory(async (directory) => {
    const place = { node: 'n', directory: '/d' };
    const [script, executable, other] = [join(directory, 'a.cjs'), join(directory, 'a'), join(directory, 'b')];
    writeFileSync(script, 'x');
    writeFileSync(executable, '\x7fELF...');
    writeFileSync(other, 'x');
    assert.deepEqual(readProgram(script, place).program, { kind: 'node', node: 'n', code: Buffer.from('x') });
    assert.equal(readProgram(executable, place).program.kind, 'executable');
    assert.equal(readProgram(undefined, place, script).path, script, 'a single file sends itself');
    assert.throws(() => readProgram(other, place), /neither a single file/);
    assert.throws(() => readProgram(join(directory, 'none'), place), /cannot be read \(ENOENT\)/);
    const main = join(directory, 'collector.js');
    writeFileSync(main, '');
    assert.throws(
      () => readProgram(undefined, place, main),
      (error) => error instanceof UsageError && /npm run package/.test(error.advice ?? ''),
    );
  }));

interface PodSpec {
  readonly nodeName: string;
  readonly restartPolicy: string;
  readonly activeDeadlineSeconds: number;
  readonly automountServiceAccountToken: boolean;
  readonly hostPID?: boolean;
  readonly containers: readonly {
    readonly image: string;
    readonly command: readonly string[];
    readonly args: readonly string[];
    readonly securityContext: unknown;
    readonly volumeMounts: readonly { readonly name: string; readonly readOnly?: boolean }[];
  }[];
  readonly volumes: readonly { readonly name: string; readonly hostPath?: unknown }[];
}

const bin = join(packageRoot, 'dist', 'collector', 'main.js');

const collect = (directory: string, args: readonly string[]) =>
  spawnSync(process.execPath, [bin, 'fan-out', ...args], {
    env: { PATH: directory, HOME: directory },
    encoding: 'utf8',
    timeout: 60_000,
  });

test('no ssh, no kubectl: says what to do', () =>
  withDirectory(async (directory) => {
    const remote = ['--remote-program', 'etcd-collect'];
    const ssh = collect(directory, ['--ssh', 'a', ...remote]);
    assert.equal(ssh.status, 2);
    assert.match(
      ssh.stderr,
      /ssh is not installed here.*\nNothing was collected\. To go on: install the OpenSSH client/,
    );
    const kubectl = collect(directory, ['--kubectl', '--pod', 'a', ...remote]);
    assert.equal(kubectl.status, 2);
    assert.match(kubectl.stderr, /kubectl is not installed here/);
  }));

test('a collector whose standard input ends stops early, with a partial bundle', { timeout: 60_000 }, async () => {
  const silent = createServer((socket) => socket.on('error', () => undefined).resume());
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  const address = silent.address();
  const endpoint = `127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
  const flags = ['--endpoints', endpoint, '--no-local', '--redact', 'secrets-only', '--progress', 'json'];
  const child = spawn(process.execPath, [bin, ...flags, '--timeout', '40s', '-o', '-', '--stop-with-stdin']);
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
    if (said.includes('"planned"')) child.stdin.end();
  });
  silent.on('connection', () => setTimeout(() => child.stdin.end(), 500));
  const code = await new Promise((resolve) => child.on('close', resolve));
  silent.close();
  assert.equal(code, 130, said);
  const { manifest } = await openReceived(Buffer.concat(chunks), 'it');
  assert.equal(manifest.endReason, 'signal');
});

interface Call {
  readonly args: string[];
  readonly stdin: string;
}

/** A `kubectl` that notes what it is given, and answers from files: pods, nodes, a bundle for what is run in pods. */
const fakeKubectl = (directory: string): (() => Call[]) => {
  const program = join(directory, 'kubectl');
  writeFileSync(
    program,
    `#!${process.execPath}
const fs = require('node:fs');
const args = process.argv.slice(2);
const note = (stdin) => fs.appendFileSync(${JSON.stringify(join(directory, 'calls'))}, JSON.stringify({ args, stdin }) + '\\n');
const answer = (file) => process.stdout.write(fs.readFileSync(${JSON.stringify(directory)} + '/' + file), () => process.exit(0));
if (args.includes('exec') && args.includes('pod-b')) {
  note('');
  console.error('error: Internal error occurred: error executing command in container: exec: "node": executable file not found in $PATH');
  process.exit(1);
} else if (args.includes('exec')) {
  process.stdin.once('data', (chunk) => {
    note(chunk.toString());
    answer('bundle');
  });
} else {
  note(fs.readFileSync(0, 'utf8'));
  if (args.includes('create') && fs.existsSync(${JSON.stringify(join(directory, 'forbidden'))})) {
    console.error('Error from server (Forbidden): violates PodSecurity "restricted:latest"');
    process.exit(1);
  }
  if (args.includes('get')) answer(args.includes('nodes') ? 'nodes.json' : 'pods.json');
}
`,
  );
  chmodSync(program, 0o755);
  return () =>
    readFileSync(join(directory, 'calls'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Call);
};

const pod = (name: string, hostIP: string) => ({
  metadata: { name },
  spec: { nodeName: `node-of-${name}` },
  status: { hostIP, phase: 'Running' },
});

test('pods: kubectl exec, word by word and without a shell, the program over standard input', () =>
  withDirectory(async (directory) => {
    const calls = fakeKubectl(directory);
    writeFileSync(
      join(directory, 'pods.json'),
      JSON.stringify({ items: [pod('pod-a', '10.0.0.1'), pod('pod-b', 'fd00::2')] }),
    );
    writeFileSync(join(directory, 'bundle'), packBundle(bundleFiles()));
    const sent = join(directory, 'etcd-collect.cjs');
    writeFileSync(sent, 'the program');
    const out = join(directory, 'out');
    const cluster = ['--context', 'c1', '-n', 'kube-system', '--kubeconfig', 'cfg'];
    const { status, stderr, stdout } = collect(directory, [
      ...['--kubectl', '-l', 'app=x', '-c', 'collect', ...cluster, '--program', sent, '-o', out],
      ...['--', '--endpoints', 'https://{address}:2379', '--label', '{node}'],
    ]);
    assert.equal(status, 3, stderr);
    assert.equal(stdout.trim().split('\n').length, 1);
    const common = ['--kubeconfig=cfg', '--context=c1', '--namespace=kube-system'];
    const timed = [...common, '--request-timeout=40s'];
    const [get, ...execs] = calls();
    assert.deepEqual(get?.args, [...timed, 'get', 'pods', '--output=json', '--selector=app=x']);
    const [first, second] = execs.sort((a, b) => (a.args.join() < b.args.join() ? -1 : 1));
    assert.ok(first !== undefined && second !== undefined);
    const at = first.args.indexOf('--');
    assert.deepEqual(first.args.slice(0, at), [...common, 'exec', '--stdin', '--container=collect', 'pod-a']);
    const [node, flag, , , size, ...rest] = first.args.slice(at + 1);
    assert.deepEqual([node, flag, size], ['node', '-e', '11']);
    assert.deepEqual(rest.slice(0, 4), ['--endpoints', 'https://10.0.0.1:2379', '--label', 'node-of-pod-a']);
    assert.equal(first.stdin, 'the program');
    assert.ok(second.args.includes('https://[fd00::2]:2379'));
    assert.ok(!execs.some(({ args }) => args.includes('sh')), 'no shell');
    const outcome = JSON.parse(readFileSync(join(out, 'private', 'fan-out.json'), 'utf8')) as {
      hosts: { host: string; state: string }[];
    };
    assert.deepEqual(
      outcome.hosts.map(({ host, state }) => [host, state]),
      [
        ['pod-a (node-of-pod-a)', 'ok'],
        ['pod-b (node-of-pod-b)', 'no-node'],
      ],
    );
    assert.equal(statSync(join(out, 'private')).mode & 0o777, 0o700);
    assert.match(stderr, new RegExp(`Next: etcd-analyze ${out}\n`));
    const again = collect(directory, ['--kubectl', '--pod', 'pod-a', '--program', sent, '-o', out]);
    assert.equal(again.status, 2);
    assert.match(again.stderr, /has the results of another fan-out/);
  }));

test('pods made for it: bound to their nodes, unprivileged, with the flags of the DaemonSet, and deleted', () =>
  withDirectory(async (directory) => {
    const calls = fakeKubectl(directory);
    writeFileSync(join(directory, 'nodes.json'), JSON.stringify({ items: [{ metadata: { name: 'cp1' } }] }));
    writeFileSync(join(directory, 'pods.json'), JSON.stringify(pod('pod-a', '10.0.0.1')));
    writeFileSync(join(directory, 'bundle'), packBundle(bundleFiles()));
    const sent = join(directory, 'etcd-collect.cjs');
    writeFileSync(sent, 'the program');
    const flags = ['--kubectl', '--image', 'registry/etcd-collect@sha256:abc', '--program', sent];
    const { status, stderr } = collect(directory, [...flags, '-o', join(directory, 'out')]);
    assert.equal(status, 0, stderr);
    const [nodes, create, wait, get, exec, remove] = calls();
    const common = ['--namespace=kube-system', '--request-timeout=40s'];
    const selector = '--selector=node-role.kubernetes.io/control-plane=';
    assert.deepEqual(nodes?.args, [...common, 'get', 'nodes', '--output=json', selector]);
    assert.deepEqual(create?.args, [...common, 'create', '--filename=-', '--output=name']);
    const { items } = JSON.parse(create.stdin) as { items: readonly { metadata: { name: string }; spec: PodSpec }[] };
    const [made] = items;
    assert.ok(items.length === 1 && made !== undefined);
    const name = made.metadata.name;
    assert.match(name, /^etcd-collect-[0-9a-f]{8}-1$/);
    const { containers, volumes, ...spec } = made.spec;
    assert.equal(spec.nodeName, 'cp1');
    assert.equal(spec.restartPolicy, 'Never');
    assert.ok(spec.activeDeadlineSeconds < 300 && spec.automountServiceAccountToken === false && spec.hostPID !== true);
    const [container] = containers;
    assert.equal(container?.image, 'registry/etcd-collect@sha256:abc');
    assert.deepEqual([container.command, container.args[0]], [['node'], '-e']);
    assert.deepEqual(container.securityContext, {
      privileged: false,
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
    const ofHost = volumes.filter(({ hostPath }) => hostPath !== undefined).map((volume) => volume.name);
    assert.ok(ofHost.length > 2);
    for (const mount of container.volumeMounts)
      assert.ok(mount.readOnly === true || !ofHost.includes(mount.name), mount.name);
    assert.deepEqual(wait?.args, [...common, 'wait', '--for=condition=Ready', '--timeout=30s', `pod/${name}`]);
    assert.deepEqual(get?.args, [...common, 'get', 'pods', '--output=json', name]);
    assert.ok(exec?.args.includes('--endpoints=https://10.0.0.1:2379') === true, exec?.args.join(' '));
    assert.ok(exec.args.includes('--data-dir=10.0.0.1=/var/lib/etcd'));
    assert.deepEqual(remove?.args, [...common, 'delete', 'pods', '--ignore-not-found', '--wait=false', name]);

    writeFileSync(join(directory, 'forbidden'), '');
    const refused = collect(directory, [...flags, '--node', 'cp1,cp2', '-o', join(directory, 'out2')]);
    assert.equal(refused.status, 2);
    assert.match(refused.stderr, /does not make the pods: .*PodSecurity.*\n.*pod security level privileged/);
    assert.deepEqual(calls().at(-1)?.args.slice(0, 4), [...common, 'delete', 'pods'], 'what was made is deleted');
  }));
