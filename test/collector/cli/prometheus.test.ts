import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { optionsFrom } from '../../../collector/cli/options.js';
import { parseArguments } from '../../../collector/cli/parse.js';
import { UsageError } from '../../../collector/errors.js';
import { withDirectory } from '../fake-wiring.js';

const options = async (...args: readonly string[]) => {
  const parsed = await parseArguments(args, '1.2.3');
  return optionsFrom(parsed.command === 'run' ? parsed.flags : {}, {});
};

const refused = (text: RegExp, ...args: readonly string[]): Promise<void> =>
  assert.rejects(options(...args), (error: unknown) => error instanceof UsageError && text.test(error.message));

test('--prometheus: base URL, six hours, matchers', async () => {
  assert.equal((await options()).prometheus, undefined);
  assert.deepEqual((await options('--prometheus', 'http://p:9090/prefix/')).prometheus, {
    url: 'http://p:9090/prefix',
    historyMs: 6 * 3_600_000,
  });
  const given = await options('--prometheus=https://p', '--history', '90m', '--prometheus-match', 'a="b",c=~"d|\\"e"');
  assert.deepEqual(given.prometheus, { url: 'https://p', historyMs: 5_400_000, match: 'a="b",c=~"d|\\"e"' });
});

test('what cannot be meant is refused', async () => {
  await refused(/not a URL/, '--prometheus', 'prometheus');
  await refused(/not http or https/, '--prometheus', 'p:9090');
  await refused(/not http/, '--prometheus', 'file:///etc/passwd');
  await refused(/user information/, '--prometheus', 'https://u:p@p');
  await refused(/no \? or #/, '--prometheus', 'https://p/?x=1');
  await refused(/out of range/, '--prometheus', 'https://p', '--history', '1s');
  for (const match of ['x', 'a="b"} or vector(1', 'a=b', 'a="b" or up', 'a="b\\"'])
    await refused(/label matchers/, '--prometheus', 'https://p', '--prometheus-match', match);
  await refused(/--history, --prometheus-match without a Prometheus/, '--history', '1h', '--prometheus-match', 'a="b"');
});

test('the token is read from its file, never recorded, and never sent in clear text to another machine', () =>
  withDirectory(async (directory) => {
    const file = join(directory, 'token');
    await writeFile(file, 'eyJ.token.value\nrest\n');
    const given = await options('--prometheus', 'https://p', '--prometheus-token-file', file);
    assert.equal(given.prometheus?.token, 'eyJ.token.value');
    assert.ok(!JSON.stringify(given.invocationFlags).includes('token'));
    await refused(/clear text/, '--prometheus', 'http://p', '--prometheus-token-file', file);
    assert.equal(
      (await options('--prometheus', 'http://[::1]:9090', '--prometheus-token-file', file)).prometheus?.token,
      'eyJ.token.value',
    );
    await writeFile(file, 'two words\n');
    await refused(/not a token/, '--prometheus', 'https://p', '--prometheus-token-file', file);
    await writeFile(file, '\n');
    await refused(/first line is empty/, '--prometheus', 'https://p', '--prometheus-token-file', file);
    await refused(/cannot be read/, '--prometheus', 'https://p', '--prometheus-token-file', join(directory, 'none'));
  }));
