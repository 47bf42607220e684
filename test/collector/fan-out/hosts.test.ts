import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UsageError } from '../../../collector/errors.js';
import { parseHosts } from '../../../collector/fan-out/hosts.js';
import { sshTarget } from '../../../collector/fan-out/ssh.js';

test('hosts as ssh users write them', () => {
  assert.deepEqual(parseHosts(['cp1', 'root@10.0.0.1:2222', 'me@realm@cp2', '[2001:db8::1]:22', 'u@[fe80::1%eth0]']), [
    { label: 'cp1', host: 'cp1' },
    { label: '10.0.0.1:2222', host: '10.0.0.1', user: 'root', port: 2222 },
    { label: 'cp2', host: 'cp2', user: 'me@realm' },
    { label: '[2001:db8::1]:22', host: '2001:db8::1', port: 22 },
    { label: '[fe80::1%eth0]', host: 'fe80::1%eth0', user: 'u' },
  ]);
});

test('what an option, a shell or a file name could come of is refused', () => {
  for (const text of [
    '-oProxyCommand=x',
    'a b',
    'a;b',
    '$(x)',
    'u@-x',
    '-l@a',
    'a:0',
    'a:65536',
    'a:b',
    'a/b',
    '2001:db8::1',
    'a\nb',
    '@a',
    '',
  ])
    assert.throws(() => parseHosts([text]), UsageError, JSON.stringify(text));
  assert.throws(() => parseHosts(['a', 'root@a']), /named twice/);
});

const options = { program: '/bin/ssh', options: ['IdentityFile=k'], connectTimeoutMs: 2500, sudo: false } as const;

test('the command line of ssh: nothing asks, own options after those of the user, the host behind --', () => {
  const [host] = parseHosts(['me@[2001:db8::1]:2222']);
  assert.ok(host !== undefined);
  const { values, identities, reach } = sshTarget(host, { ...options, config: 'cfg' });
  assert.deepEqual([values, identities], [{ host: '[2001:db8::1]' }, ['2001:db8::1']]);
  assert.deepEqual(reach(['node', '-e', 'a "b"', "it's"]), {
    file: '/bin/ssh',
    args: [
      ...['-T', '-a', '-x', '-F', 'cfg', '-o', 'BatchMode=yes', '-o', 'IdentityFile=k', '-o', 'ConnectTimeout=3'],
      ...['-o', 'ServerAliveInterval=5', '-o', 'ServerAliveCountMax=3', '-o', 'ControlMaster=no'],
      ...['-o', 'ClearAllForwardings=yes', '-p', '2222', '-l', 'me', '--', '2001:db8::1'],
      `node -e 'a "b"' 'it'\\''s'`,
    ],
  });
  const sudo = sshTarget(host, { ...options, sudo: true })
    .reach(['x'])
    .args.at(-1);
  assert.equal(sudo, 'sudo -n -- x');
});
