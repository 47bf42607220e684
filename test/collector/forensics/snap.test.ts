import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crc32c } from '../../../collector/forensics/crc32c.js';
import { parseSnap, parseSnapDbName, parseSnapName } from '../../../collector/forensics/snap.js';
import { message } from './wal-bytes.js';

const NAME = '0000000000000003-000000000002bf20.snap';

const store = {
  Root: {
    Path: '/',
    Children: {
      '0': {
        Children: {
          members: {
            Children: {
              bf9071f4639c75cc: {
                Children: {
                  attributes: { Value: '{"name":"m1","clientURLs":["https://10.0.0.1:2379"]}' },
                  raftAttributes: { Value: '{"peerURLs":["https://10.0.0.1:2380"]}' },
                },
              },
              '1f': {
                Children: { raftAttributes: { Value: '{"peerURLs":["https://10.0.0.2:2380"],"isLearner":true}' } },
              },
              'not-an-id': { Children: {} },
            },
          },
          removed_members: { Children: { '2f': {} } },
          version: { Value: '3.5.0' },
        },
      },
      '1': { Children: { secret: { Value: 'SECRET-VALUE' } } },
    },
  },
};

const snapshot = (data: Buffer, crc?: number): Buffer => {
  const metadata = message([
    [
      1,
      message([
        [1, 0xbf9071f4639c75ccn],
        [1, 0x1fn],
        [2, 0x2fn],
      ]),
    ],
    [2, 180_000],
    [3, 3],
  ]);
  const inner = message([
    [1, data],
    [2, metadata],
  ]);
  return message([
    [1, crc ?? crc32c(0, inner)],
    [2, inner],
  ]);
};

test('a snapshot: index, term, configuration, membership, and nothing else of the store', () => {
  const found = parseSnap(snapshot(Buffer.from(JSON.stringify(store))), NAME);
  assert.deepEqual(found, {
    term: '3',
    index: '180000',
    confState: { voters: ['bf9071f4639c75cc', '000000000000001f'], learners: ['000000000000002f'] },
    dataBytes: JSON.stringify(store).length,
    membership: {
      members: [
        {
          id: 'bf9071f4639c75cc',
          name: 'm1',
          peerUrls: ['https://10.0.0.1:2380'],
          clientUrls: ['https://10.0.0.1:2379'],
        },
        { id: '000000000000001f', peerUrls: ['https://10.0.0.2:2380'], clientUrls: [], isLearner: true },
      ],
      removed: ['000000000000002f'],
      clusterVersion: '3.5.0',
    },
  });
  assert.ok(!JSON.stringify(found).includes('SECRET'));
});

test('one whose state is no v2 store', () => {
  const found = parseSnap(snapshot(Buffer.from('not json')), NAME);
  assert.deepEqual([found.membership, found.index, found.problem], [undefined, '180000', undefined]);
});

test('what etcd would not load, each for its reason', () => {
  const good = snapshot(Buffer.from('{}'));
  const flipped = Buffer.from(good);
  flipped[good.length - 3] = (flipped[good.length - 3] as number) ^ 1;
  const wrong = parseSnap(flipped, NAME).problem;
  assert.equal(wrong?.kind, 'crc-mismatch');
  assert.notEqual(wrong?.recordedCrc, wrong?.computedCrc);
  assert.equal(parseSnap(Buffer.alloc(0), NAME).problem?.kind, 'empty');
  assert.equal(parseSnap(Buffer.alloc(500), NAME).problem?.kind, 'malformed');
  assert.equal(parseSnap(good.subarray(0, good.length - 1), NAME).problem?.kind, 'malformed');
  assert.equal(parseSnap(message([[1, 5]]), NAME).problem?.kind, 'empty');
  assert.equal(parseSnap(snapshot(Buffer.from('{}'), 0), NAME).problem?.kind, 'empty');
});

test('a name that tells another index', () => {
  const other = '0000000000000003-000000000002bf21.snap';
  assert.equal(parseSnap(snapshot(Buffer.from('{}')), other).problem?.kind, 'name-mismatch');
  assert.deepEqual(parseSnapName(`${other}.broken`), { term: 3n, index: 180_001n });
  assert.equal(parseSnapName('db'), undefined);
  assert.equal(parseSnapDbName('000000000002bf20.snap.db'), 180_000n);
});

test('hostile stores', () => {
  for (const text of [
    '[]',
    'null',
    '{"Root":7}',
    '{"Root":{"Children":{"0":{"Children":{"members":[]}}}}}',
    `${'['.repeat(50_000)}`,
  ]) {
    const found = parseSnap(snapshot(Buffer.from(text)), NAME);
    assert.equal(found.index, '180000', text.slice(0, 20));
  }
  const polluted = `{"Root":{"Children":{"0":{"Children":{"members":{"Children":{"1f":{"Children":{"attributes":{"Value":"{\\"__proto__\\":{\\"x\\":1},\\"name\\":5}"}}}}}}}}}}`;
  assert.deepEqual(parseSnap(snapshot(Buffer.from(polluted)), NAME).membership?.members, [
    { id: '000000000000001f', peerUrls: [], clientUrls: [] },
  ]);
  assert.equal(({} as { x?: number }).x, undefined);
});
