import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRedactor } from '../../../collector/redact/index.js';
import { redactJson } from '../../../collector/redact/json.js';
import { redactBytes, redactText } from '../../../collector/redact/text.js';

const keyLines = 'MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7\n'.repeat(3);
const begin = (type: string): string => `-----BEGIN ${type}PRIVATE KEY-----`;
const end = (type: string): string => `-----END ${type}PRIVATE KEY-----`;
const marker = '[secret removed]';

const removed: readonly (readonly [string, string, string])[] = [
  ['PEM', `a\n${begin('RSA ')}\n${keyLines}${end('RSA ')}\nb`, `a\n${marker}\nb`],
  ['PEM without its end', `a\n${begin('')}\n${keyLines}`, `a\n${marker}`],
  ['PEM without its begin', `${keyLines}${end('EC ')}\nb`, `${marker}\nb`],
  ['JWT', 'got eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dozjgNryP4J3 back', `got ${marker} back`],
  ['bearer', 'Authorization: Bearer abcDEF123456789.xyz', `Authorization: Bearer ${marker}`],
  ['basic', '"authorization":"Basic dXNlcjpwYXNzd29yZA=="', `"authorization":"Basic ${marker}"`],
  ['own scheme', 'authorization: abcdefgh.1234', `authorization: ${marker}`],
  ['URL userinfo', 'dial http://root:pw@10.0.0.1:2379/x', `dial http://${marker}@10.0.0.1:2379/x`],
  ['escaped URL', 'https:\\/\\/u:p@h', `https:\\/\\/${marker}@h`],
  ['assignment', 'password=pw1&x=1', `password=${marker}&x=1`],
  ['flag with space', '--root-password pw1 next', `--root-password ${marker} next`],
  ['JSON field', '{"password":"two words","n":1}', `{"password":"${marker}","n":1}`],
  ['JSON in JSON', '{\\"token\\":\\"abc\\"}', `{\\"token\\":\\"${marker}\\"}`],
  ['JWT options', 'auth-token="jwt,priv-key=/k"', `auth-token="${marker}"`],
  ['AWS key id', 'AKIAIOSFODNN7EXAMPLE', marker],
  ['AWS secret', 'aws_secret_access_key = "abc/def+"', `aws_secret_access_key = "${marker}"`],
];

for (const [name, text, expected] of removed) {
  test(`removed: ${name}`, () => {
    const { value, count } = redactText(text);
    assert.equal(value, expected);
    assert.ok(count >= 1);
    assert.equal(redactText(value).value, expected, 'a second pass changes nothing');
  });
}

const kept = [
  'basic authentication is on',
  'etcdserver: invalid auth token',
  'error: token is expired',
  '"auth-token":"simple"',
  '"initial-cluster-token":"etcd-cluster-1"',
  '--initial-cluster-token=etcd-cluster-1',
  'key:\\"/registry/secrets/kube-system/bootstrap-token-abc\\" ',
  'http://10.0.0.1:2379/path@2',
  'etcd_disk_wal_fsync_duration_seconds_bucket{le="0.001"} 12',
  '-----BEGIN CERTIFICATE-----',
] as const;

for (const text of kept) {
  test(`kept: ${text}`, () => assert.deepEqual(redactText(text), { value: text, count: 0 }));
}

test('a JSON log line stays parseable when a key inside one of its strings goes', () => {
  const line = JSON.stringify({ msg: `${begin('')}\n${keyLines}${end('')}`, n: 1 });
  assert.deepEqual(JSON.parse(redactText(line).value), { msg: marker, n: 1 });
});

test('bytes around a secret stay as they are, invalid UTF-8 too', () => {
  const odd = Buffer.from([0xff, 0xfe, 0x80, 0x0d, 0x0a]);
  const { value, count } = redactBytes(Buffer.concat([odd, Buffer.from('password=pw1 '), odd]));
  assert.equal(count, 1);
  assert.deepEqual(value, Buffer.concat([odd, Buffer.from(`password=${marker} `), odd]));
  const clean = Buffer.concat([odd, odd]);
  assert.equal(redactBytes(clean).value, clean);
});

test('JSON: string leaves and secret fields, nothing else; numbers and shape stay', () => {
  const input = { a: [1, 'http://u:p@h', { password: 'x', n: 2 ** 40 }], token: '', ok: true, none: null };
  assert.deepEqual(redactJson(input), {
    value: { a: [1, `http://${marker}@h`, { password: marker, n: 2 ** 40 }], token: '', ok: true, none: null },
    count: 2,
  });
});

test('fails closed: what cannot be searched throws', () => {
  const redactor = createRedactor('secrets-only');
  let deep: unknown = 'x';
  for (let depth = 0; depth < 200; depth += 1) deep = [deep];
  assert.throws(() => redactor.part('health', deep));
  assert.throws(() => redactor.part('metrics', { not: 'text' }));
});

test('hostile text is searched in linear time', () => {
  const seeds = [
    'a.',
    'eyJ-',
    'password',
    'token: ',
    begin(''),
    end(''),
    'bearer ',
    '://',
    '"token":',
    'token = ',
    'a://',
  ];
  for (const seed of seeds) {
    const time = (length: number): number => {
      const text = seed.repeat(length / seed.length);
      const from = performance.now();
      redactText(text);
      return performance.now() - from;
    };
    time(100_000);
    // Quadratic patterns need minutes for this; the bound leaves room for a busy machine.
    assert.ok(time(2_000_000) < 10_000, seed);
  }
});
