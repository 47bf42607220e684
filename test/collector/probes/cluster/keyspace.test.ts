import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { loadPermission } from '../../../../collector/load.js';
import type { CountAnswer, EtcdPort } from '../../../../collector/ports/etcd.js';
import { endOfPrefix } from '../../../../collector/ports/etcd/rpcs.js';
import { type ClusterTarget, type ProbeContext, ProbeError } from '../../../../collector/probe.js';
import keyspace from '../../../../collector/probes/cluster/keyspace.js';
import { validate } from '../../../../schemas/index.js';
import { fakeMember, fakeStatus, memberIds } from '../../fake-wiring.js';

interface World {
  readonly members?: number;
  readonly keys: readonly string[];
  readonly status?: (index: number) => Partial<ReturnType<typeof fakeStatus>>;
  /** ms of the n-th count. */
  readonly slow?: (nth: number) => number;
  readonly prefixes?: readonly string[];
  readonly fail?: ProbeError;
}

const run = async (world: World) => {
  const asked: [string, string | undefined][] = [];
  let clock = 0;
  const etcd: Partial<EtcdPort> = {
    status: async (member) => {
      const index = memberIds.findIndex((id) => id === member.id);
      return fakeStatus(member.id, { dbSizeInUse: '4096', ...world.status?.(index) });
    },
    countRange: async (member, prefix): Promise<CountAnswer> => {
      asked.push([member.id, prefix]);
      const elapsedMs = world.slow?.(asked.length) ?? 0.1;
      clock += elapsedMs;
      if (world.fail !== undefined) throw world.fail;
      const count = world.keys.filter((key) => key.startsWith(prefix ?? '')).length;
      return { count: String(count), revision: String(100 + asked.length), elapsedMs };
    },
  };
  const context = {
    target: {
      kind: 'cluster',
      id: 'cluster',
      members: Array.from({ length: world.members ?? 3 }, (_, index) => fakeMember(index)),
    },
    timeoutMs: 15_000,
    signal: new AbortController().signal,
    monotonic: () => clock,
    etcd,
    keyspace: { permission: loadPermission({ allowLoad: true }), prefixes: world.prefixes ?? [] },
  } as unknown as ProbeContext<ClusterTarget>;
  const result = await keyspace.run(context).catch((error: unknown) => error as ProbeError);
  const content = result instanceof Error ? undefined : result.parts[0]?.content;
  if (content !== undefined) assert.deepEqual(validate('keyspace', content), { ok: true, value: content });
  return { result, content, asked };
};

const kubernetes = [
  '/registry/namespaces/default',
  '/registry/pods/default/a',
  '/registry/pods/default/b',
  '/registry/events/default/e',
  '/registry/foo.example/bars/z',
];

describe('keyspace', () => {
  test('counts at a follower, well-known prefixes and the whole, and tells what is left', async () => {
    const { result, content, asked } = await run({ keys: [...kubernetes, 'mine/1', 'mine/2'], prefixes: ['mine/'] });
    assert.ok(!(result instanceof Error) && result.state === 'ok', String(result));
    // Member 0 leads.
    assert.ok(asked.every(([id]) => id !== memberIds[0]));
    assert.equal(content?.isLeader, false);
    assert.deepEqual(
      content?.prefixes.map(({ prefix, count }) => [prefix, count]),
      [
        ['mine/', '2'],
        ['/registry/events/', '1'],
        ['/registry/pods/', '2'],
        ['/registry/namespaces/', '1'],
      ],
    );
    assert.deepEqual(
      [content?.root, content?.total, content?.others, content?.ended],
      ['/registry/', '7', '1', 'finished'],
    );
    assert.equal(content?.firstRevision, '101');
  });

  test('a store of something else: only what was named, and the whole', async () => {
    const { content, asked } = await run({ keys: ['a/1', 'a/2', 'b'], prefixes: ['a/'] });
    assert.equal(content?.root, undefined);
    assert.deepEqual([content?.total, content?.others], ['3', '1']);
    assert.equal(asked.length, 4);
  });

  test('a prefix within another is not taken off twice', async () => {
    const prefixes = ['/registry/pods/default/', '/registry/pods/'];
    const { content } = await run({ keys: kubernetes, prefixes });
    assert.equal(content?.others, '1');
  });

  test('the leader is asked only when it is alone and small', async () => {
    const alone = await run({ members: 1, keys: kubernetes });
    assert.equal(alone.content?.isLeader, true);
    const large = await run({ members: 1, keys: kubernetes, status: () => ({ dbSize: String(300 * 1024 * 1024) }) });
    assert.ok(large.result instanceof ProbeError && large.result.reason === 'load-refused');
    const sick = await run({ keys: kubernetes, status: (index) => (index > 0 ? { errors: ['alarm:NOSPACE'] } : {}) });
    assert.ok(sick.result instanceof ProbeError && sick.result.reason === 'load-refused');
    assert.deepEqual([large.asked, sick.asked], [[], []]);
    const headless = await run({ keys: kubernetes, status: () => ({ leader: '0000000000000000' }) });
    assert.ok(headless.result instanceof ProbeError && headless.result.reason === 'load-refused');
  });

  test('a slow answer ends it: the server is left alone, what was counted stays', async () => {
    const { result, content, asked } = await run({ keys: kubernetes, slow: (nth) => (nth === 3 ? 1500 : 1) });
    assert.equal(asked.length, 3);
    assert.ok(!(result instanceof Error));
    assert.deepEqual([result.state, result.reason, content?.ended], ['partial', 'load-refused', 'slow']);
    assert.deepEqual(
      content?.prefixes.map(({ prefix }) => prefix),
      ['/registry/events/', '/registry/pods/'],
    );
    assert.ok((content?.notCounted.length ?? 0) > 30);
    assert.equal(content?.total, undefined);
  });

  test('its time is bounded', async () => {
    const { content, asked } = await run({ keys: kubernetes, slow: () => 900 });
    assert.equal(content?.ended, 'time');
    assert.equal(asked.length, 15);
  });

  test('refused for lack of rights', async () => {
    const { result, asked } = await run({ keys: [], fail: new ProbeError('denied', 'auth-required', 'no user') });
    assert.ok(result instanceof ProbeError && result.state === 'denied');
    assert.equal(asked.length, 1);
  });
});

test('the end of a prefix', () => {
  const end = (...bytes: number[]): number[] => [...endOfPrefix(Buffer.from(bytes))];
  assert.deepEqual(end(0x61), [0x62]);
  assert.deepEqual(end(0x61, 0xff), [0x62]);
  assert.deepEqual(end(0xff, 0xff), [0]);
});
