import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { exitCodeOf, type FanOut, fanOut, type HostResult } from '../../../collector/fan-out/fan-out.js';
import { parseHosts } from '../../../collector/fan-out/hosts.js';
import { outcomeTable } from '../../../collector/fan-out/outcome.js';
import { sshFailure, sshTarget } from '../../../collector/fan-out/ssh.js';
import type { PipeEnd, PipeOptions, RunPipe } from '../../../collector/ports/pipe.js';
import { CHECKSUMS_PATH, MANIFEST_PATH } from '../../../schemas/index.js';
import { type BundleFiles, bundleFiles, packBundle, withChecksums } from '../../support/bundle-archive.js';
import type { FakeBundle } from '../../support/fake-case.js';
import { withDirectory } from '../fake-wiring.js';
import { readArchive } from '../read-archive.js';

type Answer = Partial<Omit<PipeEnd, 'stdout'>> & {
  readonly stdout?: Buffer | string;
  readonly says?: readonly string[];
};

const bundle = (name: string, files: BundleFiles = bundleFiles({ bundleId: name.repeat(32).slice(0, 32) })): Buffer =>
  packBundle(files, `etcd-evidence_lab_20260102T030405Z_${name}`);

/** Answers by host; a function gets the options of the call. */
type Hosts = Readonly<Record<string, Answer | ((options: PipeOptions) => Promise<Answer>)>>;

const pipeTo =
  (hosts: Hosts): RunPipe =>
  async (_file, args, options) => {
    const given = hosts[args.at(-2) ?? ''] ?? {};
    const { says = [], stdout = '', ...end } = typeof given === 'function' ? await given(options) : given;
    for (const line of says) options.onLine?.(line);
    return { started: 'yes', tooLarge: false, ...end, stdout: Buffer.from(stdout) };
  };

const ssh = { program: 'ssh', options: [], connectTimeoutMs: 1000, sudo: false } as const;

const run = async (
  directory: string,
  hosts: Hosts,
  over: Partial<FanOut> = {},
  signal = new AbortController().signal,
): Promise<{ readonly results: HostResult[]; readonly stages: string[] }> => {
  const privateDirectory = join(directory, 'private');
  await mkdir(privateDirectory, { recursive: true });
  const stages: string[] = [];
  const results = await fanOut(
    {
      via: 'ssh',
      targets: parseHosts(Object.keys(hosts)).map((host) => sshTarget(host, ssh)),
      failure: sshFailure,
      program: { kind: 'node', node: 'node', code: Buffer.from('x') },
      args: [],
      parallel: 32,
      deadlineMs: 60_000,
      keep: {
        directory,
        privateDirectory,
        mode: 'standard',
        key: Buffer.alloc(32, 1),
        words: [],
        known: [],
        map: true,
      },
      ...over,
    },
    { pipe: pipeTo(hosts), signal, onStage: (host, stage) => stages.push(`${host} ${stage}`) },
  );
  return { results, stages };
};

const statesOf = (results: readonly HostResult[]): Record<string, string> =>
  Object.fromEntries(results.map(({ host, state }) => [host, state]));

const without = (path: string): BundleFiles => new Map([...bundleFiles()].filter(([name]) => name !== path));

test('what each end means; one host never ends the others', () =>
  withDirectory(async (directory) => {
    const whole = bundle('aaaaaaaa');
    const changed = new Map([...bundleFiles(), ['README.txt', 'other']]);
    const { results } = await run(directory, {
      fine: { code: 0, stdout: whole },
      gaps: { code: 3, stdout: bundle('bbbbbbbb') },
      dead: { code: 255, says: ['ssh: connect to host dead port 22: Connection refused'] },
      gone: { code: 255, says: ['Timeout, server gone not responding.'] },
      locked: { code: 255, says: ['** note **', 'root@locked: Permission denied (publickey).'] },
      strange: { code: 255, says: ['@@@@', 'Host key verification failed.'] },
      nodeless: { code: 127, says: ['sh: 1: node: not found'] },
      oldnode: { code: 1, says: ['etcd-collect: Node 12.0.0 is too old; it needs 20 or newer.'] },
      olderNode: { code: 1, says: ["Error: Cannot find module 'node:fs'", '    at internal'] },
      sudo: { code: 1, says: ['sudo: a password is required'] },
      sudonode: { code: 1, says: ['sudo: node: command not found'] },
      usage: {
        code: 2,
        says: ['{"event":"planned"}', 'etcd-collect: --cacert x: does not exist.', 'Nothing was collected.'],
      },
      cut: { code: 0, stdout: whole.subarray(0, whole.length - 200) },
      greeting: { code: 0, stdout: 'Welcome\n' },
      nothing: { code: 0 },
      unsummed: { code: 0, stdout: bundle('cccccccc', without(CHECKSUMS_PATH)) },
      unlisted: { code: 0, stdout: bundle('cccccccc', withChecksums(without(MANIFEST_PATH))) },
      changed: { code: 0, stdout: bundle('cccccccc', changed) },
      large: { tooLarge: true },
      same: { code: 0, stdout: whole },
      climbing: { code: 0, stdout: packBundle(bundleFiles(), '..') },
    });
    assert.deepEqual(statesOf(results), {
      fine: 'ok',
      gaps: 'partial',
      dead: 'unreachable',
      gone: 'unreachable',
      locked: 'auth-refused',
      strange: 'host-key-refused',
      nodeless: 'no-node',
      oldnode: 'no-node',
      olderNode: 'no-node',
      sudo: 'sudo-refused',
      sudonode: 'no-node',
      usage: 'remote-exit',
      cut: 'not-a-bundle',
      greeting: 'not-a-bundle',
      nothing: 'not-a-bundle',
      unsummed: 'not-a-bundle',
      unlisted: 'not-a-bundle',
      changed: 'not-a-bundle',
      large: 'not-a-bundle',
      same: 'not-written',
      climbing: 'not-a-bundle',
    });
    assert.deepEqual(readdirSync(directory).sort(), [
      'etcd-evidence_lab_20260102T030405Z_aaaaaaaa.tar.gz',
      'etcd-evidence_lab_20260102T030405Z_bbbbbbbb.tar.gz',
      'private',
    ]);
    const table = outcomeTable(results);
    assert.match(table, /usage +remote-exit \(exit 2\)/);
    assert.match(table, /usage: etcd-collect: --cacert x: does not exist/);
    assert.ok(!table.includes('"event"'), 'progress of the collectors is no last word');
  }));

test('bundles are masked here, with one key: same tokens, and the names of hosts wherever they stand', () =>
  withDirectory(async (directory) => {
    const hostOs = (hostname: string): FakeBundle => ({
      hosts: ['0123456789ab'],
      artifacts: [
        {
          kind: 'host-os',
          of: '0123456789ab',
          value: {
            ...{ hostname, os: 'Debian GNU/Linux 12', kernel: '6.1.0', arch: 'x64', uptimeSeconds: 1, bootId: 'x' },
            ...{ container: false, time: '2026-01-02T03:04:05.000Z', timezone: 'UTC' },
          },
        },
      ],
    });
    const log = (text: string) => ({ 'members/f1a2b3c4d5e6f701/logs/a.log': `${text}\n` });
    const { results } = await run(directory, {
      'alpha.example': {
        code: 0,
        stdout: bundle('aaaaaaaa', bundleFiles(hostOs('quartz'), log('cannot reach feldspar'))),
      },
      'beta.example': {
        code: 0,
        stdout: bundle('bbbbbbbb', bundleFiles(hostOs('feldspar'), log('ssh to alpha.example'))),
      },
    });
    assert.deepEqual(Object.values(statesOf(results)), ['ok', 'ok'], JSON.stringify(results));
    for (const { bundle: path = '' } of results) {
      assert.equal(statSync(path).mode & 0o777, 0o600);
      for (const { content } of await readArchive(path))
        assert.ok(!/quartz|feldspar|alpha\.example|10\.0\.0\.1/.test(content.toString()), content.toString());
    }
    const maps = results.map(
      ({ map = '' }) => JSON.parse(readFileSync(map, 'utf8')) as { tokens: Record<string, string> },
    );
    const tokenOf = (name: string) =>
      maps.map(({ tokens }) => Object.keys(tokens).find((token) => tokens[token] === name));
    for (const name of ['feldspar', '10.0.0.1', 'm1']) {
      const [first, second] = tokenOf(name);
      assert.ok(first !== undefined && first === second, `${name}: ${first} ${second}`);
    }
  }));

test('without tokens a bundle keeps its bytes of content; secrets that came all the same put it aside', () =>
  withDirectory(async (directory) => {
    const leaky = bundleFiles({}, { 'members/f1a2b3c4d5e6f701/logs/a.log': 'password=hunter2hunter2\n' });
    const key = { directory, privateDirectory: join(directory, 'private'), words: [], known: [], map: true } as const;
    const hosts = {
      fine: { code: 0, stdout: bundle('aaaaaaaa') },
      leaky: { code: 0, stdout: bundle('bbbbbbbb', leaky) },
    };
    const { results } = await run(directory, hosts, { keep: { ...key, mode: 'secrets-only' } });
    assert.deepEqual(statesOf(results), { fine: 'ok', leaky: 'quarantined' });
    const kept = await readArchive(results[0]?.bundle ?? '');
    const sent = bundleFiles({ bundleId: 'a'.repeat(32) });
    assert.deepEqual(
      kept.map(({ path, content }) => [path, content.toString()]),
      [...sent],
    );
    assert.match(results[1]?.bundle ?? '', /\.quarantine$/);
    assert.equal(exitCodeOf(results, undefined), 5);
    assert.deepEqual(readdirSync(join(directory, 'private')), []);
  }));

/** Ends when it is told to, with what it has; or only when it is killed. */
const onHangUp =
  (answer: Answer) =>
  ({ hangUp }: PipeOptions): Promise<Answer> =>
    new Promise((resolve) => hangUp.addEventListener('abort', () => resolve(answer)));
const hung = ({ kill }: PipeOptions): Promise<Answer> =>
  new Promise((resolve) => kill.addEventListener('abort', () => resolve({ code: 255 })));

test('the deadline: collectors are told first, then ended; who is not done is timed out', () =>
  withDirectory(async (directory) => {
    const hosts = { slow: onHangUp({ code: 130, stdout: bundle('aaaaaaaa') }), hung, late: { code: 0 } };
    const { results } = await run(directory, hosts, { deadlineMs: 400, parallel: 2 });
    // The third one got its turn when the first one ended, which was too late.
    assert.deepEqual(statesOf(results), { slow: 'partial', hung: 'timed-out', late: 'timed-out' });
    assert.equal(exitCodeOf(results, undefined), 3);
  }));

test('an interruption: what was read comes back', () =>
  withDirectory(async (directory) => {
    const controller = new AbortController();
    const hosts = {
      reading: onHangUp({ code: 130, stdout: bundle('aaaaaaaa') }),
      hung,
      fine: async () => {
        controller.abort('SIGINT');
        return { code: 0, stdout: bundle('bbbbbbbb') };
      },
    };
    const { results } = await run(directory, hosts, { deadlineMs: 2000 }, controller.signal);
    assert.deepEqual(statesOf(results), { reading: 'partial', hung: 'interrupted', fine: 'ok' });
    assert.equal(exitCodeOf(results, controller.signal.reason), 130);
  }));

test('at most so many at a time, in the order given', () =>
  withDirectory(async (directory) => {
    let [now, most] = [0, 0];
    const slow = async (): Promise<Answer> => {
      now += 1;
      most = Math.max(most, now);
      await new Promise((resolve) => setTimeout(resolve, 20));
      now -= 1;
      return { code: 255 };
    };
    const { results } = await run(directory, { a: slow, b: slow, c: slow, d: slow, e: slow }, { parallel: 2 });
    assert.equal(most, 2);
    assert.deepEqual(
      results.map(({ host }) => host),
      ['a', 'b', 'c', 'd', 'e'],
    );
  }));

test('what a host is at is told as it goes', () =>
  withDirectory(async (directory) => {
    const says = [
      '{"event":"planned","planned":3,"rounds":2}',
      '{"event":"item"}',
      '{"event":"round","round":1,"of":2}',
    ];
    const { stages } = await run(directory, { a: { code: 0, stdout: bundle('aaaaaaaa'), says } });
    const dead = await run(directory, { b: { code: 255 } });
    assert.deepEqual(dead.stages, ['b connecting', 'b unreachable']);
    assert.deepEqual(stages, ['a connecting', 'a reading', 'a round 2 of 2', 'a received', 'a ok']);
  }));

test('exit codes', () => {
  const of = (...hosts: [HostResult['state'], number?][]) =>
    exitCodeOf(
      hosts.map(([state, exitCode = 0]) => ({ host: 'a', state, exitCode, elapsedMs: 1 })),
      undefined,
    );
  assert.equal(of(['ok'], ['ok']), 0);
  assert.equal(of(['ok'], ['unreachable', 255]), 3);
  assert.equal(of(['partial', 3]), 3);
  assert.equal(of(['partial', 4], ['unreachable', 255]), 4);
  assert.equal(of(['no-node', 127]), 4);
  assert.equal(of(['ok'], ['not-written']), 6);
  assert.equal(of(['not-written'], ['quarantined']), 5);
});
