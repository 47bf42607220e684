import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DeadMounts } from '../../../collector/ports/dead-mounts.js';
import { createFileQueue } from '../../../collector/ports/file-queue.js';
import { ProbeError } from '../../../collector/probe.js';

/** Everything below /<name> is a file system of its own; those in `dead` are known not to answer. */
const mounts = (dead: readonly string[] = []): DeadMounts => {
  const of = (path: string): string => `/${path.split('/')[1] ?? ''}`;
  return { looked: () => undefined, mountPointOf: of, has: (path) => dead.includes(of(path)) };
};

/** AbortSignal.timeout() does not keep the process. */
const within = (ms: number): AbortSignal => {
  const controller = new AbortController();
  setTimeout(() => controller.abort(), ms);
  return controller.signal;
};

const never = (): Promise<never> => new Promise(() => undefined);
const isTimeout = (error: unknown): boolean => error instanceof ProbeError && error.state === 'timeout';

test('a file system that hangs keeps two threads at most, and nothing of the others waits for it', async () => {
  const queue = createFileQueue(mounts());
  const stop = new AbortController();
  let begun = 0;
  const hang = (): Promise<never> => {
    begun += 1;
    return never();
  };
  const calls = Array.from({ length: 10 }, (_, at) => queue.run(`/dead/${at}`, stop.signal, hang));
  const alive = await Promise.all(
    Array.from({ length: 20 }, (_, at) => queue.run(`/alive/${at}`, undefined, async () => at)),
  );
  assert.equal(alive.length, 20);
  assert.equal(begun, 2);
  stop.abort();
  for (const call of calls) await assert.rejects(call, isTimeout);
  assert.equal(queue.lost(), 2);
  // From now on it is not even asked, until it answers.
  await assert.rejects(
    queue.run('/dead/later', undefined, async () => 1),
    /the file system at \/dead hangs/,
  );
  assert.equal(await queue.run('/alive/later', undefined, async () => 1), 1);
  assert.equal(begun, 2);
});

test('an item with many files does not hold up one with a few', async () => {
  const queue = createFileQueue(mounts());
  const order: string[] = [];
  const read = (owner: AbortSignal, name: string): Promise<void> =>
    queue.run(`/disk/${name}`, owner, async () => {
      order.push(name);
      await sleep(1);
    });
  const [many, few] = [new AbortController().signal, new AbortController().signal];
  const all = Array.from({ length: 20 }, (_, at) => read(many, `many-${at}`));
  for (const name of ['few-0', 'few-1', 'few-2']) await read(few, name);
  assert.ok(order.length < 14, `${order.length} reads before the three were done`);
  await Promise.all(all);
});

test('one thread is never given away: a third dead file system is the last', async () => {
  const queue = createFileQueue(mounts());
  const stop = new AbortController();
  const calls = ['/a/1', '/b/1', '/c/1', '/d/1'].map((path) => queue.run(path, stop.signal, never));
  let asked = false;
  const late = queue.run('/e/1', within(50), async () => {
    asked = true;
  });
  await assert.rejects(late, isTimeout);
  assert.equal(asked, false);
  stop.abort();
  await Promise.allSettled(calls);
  assert.equal(queue.lost(), 3);
});

test('a call that comes back late frees its place', async () => {
  const queue = createFileQueue(mounts());
  let answer: () => void = () => undefined;
  const slow = queue.run('/slow/1', within(20), () => new Promise<void>((resolve) => (answer = resolve)));
  await assert.rejects(slow, isTimeout);
  assert.equal(queue.lost(), 1);
  answer();
  await sleep(1);
  assert.equal(queue.lost(), 0);
  assert.equal(await queue.run('/slow/2', undefined, async () => 'again'), 'again');
});

test('a call without a deadline is given up too', async () => {
  const queue = createFileQueue(mounts(), 20);
  await assert.rejects(queue.run('/dead/1', undefined, never), isTimeout);
  assert.equal(queue.lost(), 1);
});

test('a file system that is known to be dead is not touched; files of the kernel are never put off', async () => {
  const queue = createFileQueue(mounts(['/dead']));
  let asked = false;
  const call = queue.run('/dead/1', undefined, async () => {
    asked = true;
  });
  await assert.rejects(call, isTimeout);
  assert.equal(asked, false);
  const stop = new AbortController();
  const calls = ['/a/1', '/b/1', '/c/1'].map((path) => queue.run(path, stop.signal, never));
  assert.equal(await queue.run('/proc/1/stat', undefined, async () => 1), 1);
  assert.equal(await queue.run('/sys/class/net', undefined, async () => 2), 2);
  stop.abort();
  await Promise.allSettled(calls);
});
