import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { optionsFrom } from '../../../collector/cli/options.js';
import { parseArguments } from '../../../collector/cli/parse.js';
import { parseBytes, parseDuration } from '../../../collector/cli/values.js';
import { unknownVariables } from '../../../collector/cli/environment.js';
import { UsageError } from '../../../collector/errors.js';
import { withDirectory } from '../fake-wiring.js';

type Env = Readonly<Record<string, string>>;

const options = async (args: readonly string[], env: Env = {}) => {
  const parsed = await parseArguments(args, '1.2.3');
  assert.equal(parsed.command, 'run');
  return optionsFrom(parsed.command === 'run' ? parsed.flags : {}, env);
};

test('defaults', async () => {
  const { endpoints, cluster, local, rounds, windowMs, budgetMs, itemTimeoutMs, redact, profile } = await options([]);
  assert.deepEqual(
    { endpoints, cluster, local, rounds, windowMs, budgetMs, itemTimeoutMs, redact, profile },
    {
      endpoints: [],
      cluster: true,
      local: true,
      rounds: 4,
      windowMs: 36_000,
      budgetMs: 60_000,
      itemTimeoutMs: 5000,
      redact: 'standard',
      profile: 'default',
    },
  );
});

test('flags as with etcdctl; flag before environment', async () => {
  const env = { ETCDCTL_ENDPOINTS: 'e:1', ETCDCTL_INSECURE_SKIP_TLS_VERIFY: 'true' };
  assert.deepEqual((await options([], env)).endpoints, ['e:1']);
  const given = await options(
    ['run', '--endpoints', 'a:1, b:2', '--endpoints=c:3', '--cluster=false', '--no-local'],
    env,
  );
  assert.deepEqual(given.endpoints, ['a:1', 'b:2', 'c:3']);
  assert.equal(given.cluster, false);
  assert.equal(given.local, false);
  assert.equal(given.tls.insecureSkipTlsVerify, true);
  assert.equal((await options(['--insecure-skip-tls-verify=false'], env)).tls.insecureSkipTlsVerify, false);
});

test('times: --quick, one round has no window, a long window raises the default budget only', async () => {
  const quick = await options(['--quick']);
  assert.deepEqual([quick.rounds, quick.windowMs, quick.profile], [3, 10_000, 'quick']);
  assert.equal((await options(['--rounds', '1'])).windowMs, 0);
  assert.ok((await options(['--window', '2m'])).budgetMs > 120_000);
  assert.equal((await options(['--window', '2m', '--budget', '30s'])).budgetMs, 30_000);
});

test('durations and sizes', () => {
  assert.equal(parseDuration('--x', '1m30s'), 90_000);
  assert.equal(parseDuration('--x', '1.5s'), 1500);
  assert.equal(parseDuration('--x', '500ms'), 500);
  for (const bad of ['5', '', 's', '5 s', '5sx', '-5s', '1e3s'])
    assert.throws(() => parseDuration('--x', bad), UsageError);
  assert.equal(parseBytes('--x', '16MiB'), 16 * 1024 * 1024);
  assert.equal(parseBytes('--x', '512k'), 512 * 1024);
  for (const bad of ['', 'x', '1T', '-1', '1.5M']) assert.throws(() => parseBytes('--x', bad), UsageError);
});

test('users: passwords by file or environment, never as an argument', () =>
  withDirectory(async (directory) => {
    const file = join(directory, 'password');
    await writeFile(file, 'from-file\nsecond line\n');
    assert.deepEqual((await options(['--user', 'root', '--password-file', file])).auth, {
      user: 'root',
      password: 'from-file',
    });
    assert.deepEqual((await options([], { ETCDCTL_USER: 'root:a:b' })).auth, { user: 'root', password: 'a:b' });
    assert.deepEqual((await options(['--user', 'root'], { ETCDCTL_PASSWORD: 'x' })).auth, {
      user: 'root',
      password: 'x',
    });
    await assert.rejects(options(['--user', 'root:secret1']), (error: UsageError) => {
      assert.ok(error instanceof UsageError);
      assert.ok(!`${error.message} ${error.advice}`.includes('secret1'));
      return /--password-file/.test(error.advice ?? '');
    });
    await assert.rejects(options(['--user', 'root']), /no password/);
    await assert.rejects(options(['--user', 'other'], { ETCDCTL_USER: 'root:x' }), /no password/);
    await assert.rejects(options(['--password-file', file]), /without a user/);
    await assert.rejects(options(['--user', 'root', '--password-file', join(directory, 'none')]), /cannot be read/);
  }));

test('no secret reaches the recorded flags', async () => {
  const { invocationFlags } = await options(['--user', 'root', '--endpoints', 'a:1', '--quick'], {
    ETCDCTL_PASSWORD: 'pw',
  });
  assert.deepEqual(invocationFlags, { endpoints: 'a:1', quick: 'true' });
});

const refused: readonly (readonly string[])[] = [
  ['--timeout'],
  ['--timeout', '5s', '--timeout', '6s'],
  ['--timeout', '5'],
  ['--timeout', '1ms'],
  ['--rounds', '0x10'],
  ['--rounds', '0'],
  ['--rounds', '100', '--window', '1s'],
  ['--budget', '10ms'],
  ['--nonsense'],
  ['nonsense'],
  ['run', 'more'],
  ['--redact', 'all'],
  ['--redact-word', 'x'],
  ['--redact-word', 'member'],
  ['--redact-word', 'Manifest.json'],
  ['--redact-word', 'ok'],
  ['--redact-file', '/nonexistent/words'],
  ['--progress', 'loud'],
  ['--format', 'json'],
  ['plan', '--format', 'yaml'],
  ['--cacert', '/nonexistent/ca.crt'],
  ['--cert', '/dev/null'],
  ['--log', 'm1=/nonexistent/etcd.log'],
  ['--data-dir', '/nonexistent'],
  ['--endpoints', 'unix:///tmp/etcd.sock'],
  ['--endpoints', 'http://root:pw@10.0.0.1:2379'],
  ['--label='],
  ['--platform', 'openstack'],
  ['--host-root', '/nonexistent'],
  ['--host-root', 'relative/host'],
];

for (const args of refused) {
  test(`refused: ${args.join(' ')}`, () =>
    assert.rejects(
      options(args),
      (error) => error instanceof UsageError && error.message !== '' && !/\bat .*:\d+:\d+/.test(error.message),
    ));
}

test('a platform may be named or switched off', async () => {
  assert.equal((await options(['--platform', 'k3s'])).platform, 'k3s');
  assert.equal((await options(['--platform', 'none'])).platform, 'none');
  assert.equal((await options([])).platform, undefined);
  assert.equal((await options(['--host-root', '/'])).hostRoot, undefined);
});

test('help and version are text', async () => {
  const help = await parseArguments(['--help'], '1.2.3');
  assert.ok(help.command === 'text' && help.text.includes('--endpoints') && help.text.includes('Examples'));
  assert.deepEqual(await parseArguments(['--version'], '1.2.3'), { command: 'text', text: '1.2.3' });
});

test('variables that are not understood are named, those of etcdctl without meaning here are not', () => {
  const env = { ETCDCTL_API: '3', ETCDCTL_USER: 'x', ETCDCTL_ENDPOINT: 'typo', HOME: '/root' };
  assert.deepEqual(unknownVariables(env), ['ETCDCTL_ENDPOINT']);
});

test('load must be allowed by name', async () => {
  assert.equal((await options([])).allowLoad, undefined);
  assert.equal((await options(['--allow-load'])).allowLoad, true);
  assert.equal((await options(['--allow-load'])).keyspace, undefined);
  assert.deepEqual((await options(['--allow-load', '--keyspace', '--keyspace-prefix', 'a,b'])).keyspace, {
    prefixes: ['a,b'],
  });
  await assert.rejects(options(['--keyspace']), UsageError);
  await assert.rejects(options(['--no-allow-load', '--keyspace']), UsageError);
  await assert.rejects(options(['--allow-load', '--keyspace-prefix', 'a']), UsageError);
});

test('the collector gives way unless it is told not to, and the manifest says so', async () => {
  assert.equal((await options([])).nice, true);
  const given = await options(['--no-nice']);
  assert.equal(given.nice, false);
  assert.equal(given.invocationFlags.nice, 'false');
});
