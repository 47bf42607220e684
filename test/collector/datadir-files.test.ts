import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { holdsLock } from '../../collector/datadir-files.js';
import { BudgetSpent, bytesOf, createMeter, firstNonZero } from '../../collector/forensics/bytes.js';
import { createFilesPort } from '../../collector/ports/files.js';
import { ProbeError } from '../../collector/probe.js';
import { fakeHost } from './fake-files.js';

test('a lock in the table of the kernel is that of one file on one device', () => {
  const locks = [
    '1: FLOCK  ADVISORY  WRITE 1234 08:01:131234 0 EOF',
    '2: POSIX  ADVISORY  READ  77 103:0b:42 128 128',
    '3: -> FLOCK  ADVISORY  WRITE 99 08:02:5 0 EOF',
  ].join('\n');
  // As the C library packs them: 8 bits of the minor number, 12 of the major, and the rest above.
  const dev = (major: number, minor: number): bigint =>
    (BigInt(major & 0xfff) << 8n) | (BigInt(major >> 12) << 44n) | BigInt(minor & 0xff) | (BigInt(minor >> 8) << 20n);
  assert.ok(holdsLock(locks, dev(8, 1), 131234n));
  assert.ok(holdsLock(locks, dev(0x103, 0x0b), 42n));
  assert.ok(holdsLock(locks, dev(8, 2), 5n));
  assert.ok(!holdsLock(locks, dev(8, 2), 131234n), 'another device');
  assert.ok(!holdsLock(locks, dev(8, 1), 31234n), 'another file');
  assert.ok(!holdsLock('', dev(8, 1), 131234n));
});

describe('a budget', () => {
  const source = bytesOf(Buffer.alloc(1000, 1));

  test('of bytes ends before it is exceeded', async () => {
    const meter = createMeter({ maxBytes: 250, maxMs: 1000, monotonic: () => 0 });
    const metered = meter.on(source);
    await metered.read(0, 200);
    await assert.rejects(metered.read(200, 100), (error) => error instanceof BudgetSpent && error.limit === 'bytes');
    await metered.read(200, 50);
    assert.deepEqual([meter.bytesRead(), meter.remainingBytes()], [250, 0]);
  });

  test('of time, and of the item', async () => {
    let now = 0;
    const stop = new AbortController();
    const meter = createMeter({ maxBytes: 1e9, maxMs: 100, monotonic: () => now, signal: stop.signal });
    now = 99;
    await meter.on(source).read(0, 1);
    now = 100;
    await assert.rejects(
      meter.on(source).read(0, 1),
      (error) => error instanceof BudgetSpent && error.limit === 'time',
    );
    stop.abort();
    await assert.rejects(
      meter.on(source).read(0, 1),
      (error) => error instanceof BudgetSpent && error.limit === 'interrupted',
    );
  });

  test('gives way after a read that the device had to serve, as long as that took', async () => {
    let now = 0;
    const pauses: number[] = [];
    const taking = (ms: number) => ({
      size: 10,
      read: async () => {
        now += ms;
        return Buffer.alloc(1);
      },
    });
    const meter = createMeter({
      maxBytes: 100,
      maxMs: 10_000,
      monotonic: () => now,
      giveWayAfterMs: 20,
      pause: async (ms) => {
        pauses.push(ms);
      },
    });
    await meter.on(taking(50)).read(0, 1);
    await meter.on(taking(1)).read(0, 1);
    assert.deepEqual(pauses, [50]);
  });
});

test('the first byte that is not zero', () => {
  const bytes = Buffer.alloc(600_000);
  assert.equal(firstNonZero(bytes), -1);
  bytes[555_555] = 1;
  assert.equal(firstNonZero(bytes), 555_555);
});

test('an open file stays the same when another takes its name, and ends where it ends', async () => {
  const host = fakeHost();
  try {
    host.put('/db', 'before');
    const file = await host.files.open('/db');
    host.put('/db.new', 'after it was replaced');
    const { renameSync } = await import('node:fs');
    renameSync(`${host.root}/db.new`, `${host.root}/db`);
    assert.deepEqual(
      [file.size, (await file.read(0, 100)).toString(), (await file.read(4, 1)).toString()],
      [6, 'before', 'r'],
    );
    assert.equal((await file.read(100, 10)).length, 0);
    file.close();
    await assert.rejects(host.files.open('/'), (error) => error instanceof ProbeError && error.state === 'failed');
    await assert.rejects(
      host.files.open('/none'),
      (error) => error instanceof ProbeError && error.reason === 'file-missing',
    );
    await assert.rejects(createFilesPort().open('/dev/null'), ProbeError);
  } finally {
    host.remove();
  }
});
