import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EndpointUsageError, isUnspecified, parseSeed, parseUrl } from '../../../collector/targets/addresses.js';

const seeds: readonly (readonly [string, boolean, string])[] = [
  ['127.0.0.1:2379', false, 'http://127.0.0.1:2379'],
  ['127.0.0.1:2379', true, 'https://127.0.0.1:2379'],
  ['http://node-1:2379', true, 'http://node-1:2379'],
  ['https://node-1:2379/', false, 'https://node-1:2379'],
  ['node-1', false, 'http://node-1:2379'],
  ['[::1]:2379', false, 'http://[::1]:2379'],
  ['http://user:secret@node-1:1', false, 'http://node-1:1'],
];

for (const [raw, tlsGiven, url] of seeds) {
  test(`seed ${raw}${tlsGiven ? ' with TLS flags' : ''} is ${url}`, () =>
    assert.equal(parseSeed(raw, tlsGiven).url, url));
}

for (const raw of ['unix:///run/etcd.sock', 'unixs://x', 'ftp://h:1', 'h:99999', 'http://', '', 'a b:1']) {
  test(`seed "${raw}" is a usage error`, () => assert.throws(() => parseSeed(raw, false), EndpointUsageError));
}

test('the usage error does not repeat a password', () => {
  assert.throws(
    () => parseSeed('ftp://u:secret@h:1', false),
    (error: Error) => !error.message.includes('secret'),
  );
});

test('URLs that are not TCP are passed over', () => {
  assert.equal(parseUrl('unix://localhost:m1'), undefined);
  assert.equal(parseUrl('http://10.0.0.1:2379')?.hostPort, '10.0.0.1:2379');
});

test('wildcards are told from addresses', () => {
  assert.deepEqual(['0.0.0.0', '::', '10.0.0.0', '::1'].map(isUnspecified), [true, true, false, false]);
});
