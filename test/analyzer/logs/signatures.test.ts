import assert from 'node:assert/strict';
import { test } from 'node:test';
import { logSignatures, type LogSignature } from '../../../analyzer/logs/index.js';
import { nameKey } from '../../../analyzer/logs/matcher.js';
import { found, summarize, zapLine } from './lines.js';

const SAMPLE_VALUES: Record<string, unknown> = {
  duration: '1.5s',
  setting: '1s',
  bytes: 4096,
  count: 3,
  id: '8e9e05c52164694d',
  exact: 12,
  text: 'some text',
  error: 'unheard-of fault',
  response: 'range_response_count:3 size:4096',
};

function levelOf(signature: LogSignature): string {
  return ['any', 'notice'].includes(signature.level) ? 'warn' : signature.level;
}

/** The lines in which a signature has to be found. */
function linesFor(signature: LogSignature): string[] {
  const fields = Object.fromEntries(
    Object.entries(signature.fields ?? {}).map(([name, type]) => [name, SAMPLE_VALUES[type]]),
  );
  const { message, example, where } = signature;
  if (message !== undefined) return [zapLine(levelOf(signature), message, fields)];
  assert.ok(example !== undefined, `${signature.id} has an example`);
  const text = `2022-01-12 08:20:14.169194 W | ${signature.package ?? 'etcdserver'}: ${example}`;
  const bare = `Nov 22 10:05:02 host etcd[123]: ${example}`;
  switch (where) {
    case 'msg':
      return [zapLine(levelOf(signature), example, fields)];
    case 'text':
      return [text, bare];
    case 'msg-or-text':
      return [zapLine(levelOf(signature), example), text, bare];
    case 'anywhere':
      return [zapLine('warn', 'something unheard of', { error: example }), example, bare];
  }
}

for (const signature of logSignatures()) {
  test(`signature ${signature.id} is found in each of its forms`, async () => {
    for (const line of linesFor(signature)) {
      const summary = await summarize(`${line}\n`, Date.UTC(2026, 10, 23));
      assert.equal(summary.signatures.get(signature.id)?.count, 1, line);
      const stats = summary.signatures.get(signature.id);
      for (const [name, type] of Object.entries(signature.fields ?? {})) {
        if (type !== 'duration' || signature.message === undefined) continue;
        assert.equal(stats?.numbers.get(name)?.worst.value, 1.5, `${signature.id} ${name}`);
      }
    }
  });
}

test('no literal message is found inside a longer or shorter one', async () => {
  for (const { id, message, level } of logSignatures()) {
    if (message === undefined) continue;
    for (const near of [`${message} indeed`, `so ${message}`, message.slice(0, -1)]) {
      const summary = await summarize(zapLine(level, near));
      assert.equal(summary.signatures.get(id), undefined, near);
    }
  }
});

test('ids are unique, groups exist, meanings and sources are there, field names are told apart', () => {
  const signatures = logSignatures();
  const ids = new Set(signatures.map(({ id }) => id));
  assert.equal(ids.size, signatures.length);
  for (const { id, group, meaning, source, versions, fields, pattern, needles, example } of signatures) {
    assert.ok(group === undefined || ids.has(group), `${id}: group ${group}`);
    assert.ok(meaning.length > 10 && source.length > 3 && versions.length > 0, id);
    const keys = Object.keys(fields ?? {}).map((name) => nameKey(name, 0, name.length));
    assert.equal(new Set(keys).size, keys.length, `${id}: two field names look alike`);
    if (pattern !== undefined)
      assert.ok(
        needles?.some((needle) => example?.includes(needle)),
        `${id}: needle`,
      );
  }
});

test('words inside a request do not count as messages', async () => {
  const inText = `2022-01-12 08:20:14.169194 W | etcdserver: read-only range request "key:\\"sync duration of 9s, expected less than 1s no space left on device\\" " with result "range_response_count:1 size:2" took too long (604.076876ms) to execute`;
  assert.deepEqual(found(await summarize(inText)), { 'apply-took-too-long-34': 1 });
  const inZap = zapLine('warn', 'apply request took too long', {
    took: '1.5s',
    request: 'key:"etcdserver: no leader \\" took\\":\\"99s\\"" "took":"99s"',
    response: 'size:2',
  });
  const summary = await summarize(inZap);
  assert.deepEqual(found(summary), { 'apply-took-too-long': 1 });
  assert.equal(summary.signatures.get('apply-took-too-long')?.numbers.get('took')?.worst.value, 1.5);
});

test('a message that means something else at another level is not counted', async () => {
  assert.deepEqual(found(await summarize(zapLine('debug', 'request stats', {}))), {});
  assert.deepEqual(found(await summarize(zapLine('info', 'grpc service status changed', { status: 'SERVING' }))), {});
});
