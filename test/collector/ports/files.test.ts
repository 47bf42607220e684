import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { runCommand } from '../../../collector/ports/command.js';
import { createFilesPort, toProbeError } from '../../../collector/ports/files.js';
import { kernelUnits } from '../../../collector/ports/process.js';
import { ProbeError } from '../../../collector/probe.js';

const reason = (expected: string) => (error: unknown) => error instanceof ProbeError && error.reason === expected;

describe('files port', () => {
  const files = createFilesPort();
  let dir = '';
  before(() => {
    dir = mkdtempSync(join(tmpdir(), 'files-port-'));
    writeFileSync(join(dir, 'a'), 'héllo');
  });
  after(() => rmSync(dir, { recursive: true, force: true }));

  it('reads whole files, ranges and directories', async () => {
    assert.equal(await files.readText(join(dir, 'a')), 'héllo');
    assert.equal((await files.readRange(join(dir, 'a'), 3, 100)).toString(), 'llo');
    assert.deepEqual(await files.list(dir), ['a']);
    assert.equal((await files.stat(join(dir, 'a'))).size, 6n);
    assert.ok((await files.statfs(dir)).totalBytes > 0n);
  });

  it('bounds what it reads', async () => {
    await assert.rejects(files.readText(join(dir, 'a'), { maxBytes: 5 }), reason('too-large'));
    assert.equal((await files.readText(join(dir, 'a'), { maxBytes: 6 })).length, 5);
  });

  it('tells missing from forbidden', async () => {
    await assert.rejects(files.readText(join(dir, 'none')), reason('file-missing'));
    const forbidden = toProbeError(Object.assign(new Error('x'), { code: 'EACCES' }), '/proc/1/environ');
    assert.deepEqual([forbidden.state, forbidden.reason], ['denied', 'file-access']);
    assert.ok(forbidden.detail.permission?.includes('root'));
  });

  it('refuses a directory, a device and a FIFO instead of hanging', async () => {
    const fifo = join(dir, 'fifo');
    execFileSync('mkfifo', [fifo]);
    chmodSync(fifo, 0o600);
    await assert.rejects(files.readText(dir), ProbeError);
    await assert.rejects(files.readText('/dev/zero'), reason('unexpected'));
    await assert.rejects(files.readText(fifo), reason('unexpected'));
  });

  it('ends at once when aborted', async () => {
    await assert.rejects(files.readText(join(dir, 'a'), { signal: AbortSignal.abort() }), reason('item-timeout'));
  });

  it('reads pseudo files whose size is said to be 0', { skip: process.platform !== 'linux' }, async () => {
    const [stat, none] = files.readPseudo(['/proc/self/stat', '/proc/self/none']);
    assert.ok(stat?.startsWith(`${process.pid} `));
    assert.equal(none, undefined);
    assert.ok((await files.readText('/proc/self/status')).includes(`Pid:\t${process.pid}`));
    const units = await kernelUnits(files);
    assert.ok(units.clockTicksPerSecond >= 100 && units.pageBytes % 4096 === 0);
  });
});

describe('command port', () => {
  const options = { signal: AbortSignal.timeout(60_000), timeoutMs: 30_000, maxBytes: 1000 };
  const node = (script: string): [string, string[]] => [process.execPath, ['-e', script]];

  it('gives the output', async () => {
    const { stdout, cut } = await runCommand(...node('process.stdout.write("abc")'), options);
    assert.deepEqual([stdout.toString(), cut], ['abc', false]);
  });

  it('ends a command at its cap', async () => {
    const endless = node('setInterval(() => process.stdout.write("x".repeat(500)), 1)');
    const { stdout, cut } = await runCommand(...endless, options);
    assert.deepEqual([stdout.length, cut], [1000, true]);
  });

  it('ends a silent command at its deadline, and keeps what a slow one said', async () => {
    await assert.rejects(
      runCommand(...node('setInterval(() => {}, 1000)'), { ...options, timeoutMs: 200 }),
      reason('item-timeout'),
    );
    const controller = new AbortController();
    const marker = join(mkdtempSync(join(tmpdir(), 'command-')), 'written');
    const script = `process.stdout.write("part", () => fs.writeFileSync(${JSON.stringify(marker)}, "")); setInterval(() => {}, 1000)`;
    const slow = runCommand(...node(script), { ...options, signal: controller.signal });
    while (!existsSync(marker)) await sleep(20);
    // The pipe is read in the same loop as this timer: one more turn is enough.
    await sleep(50);
    controller.abort();
    const { stdout, cut } = await slow;
    rmSync(dirname(marker), { recursive: true });
    assert.deepEqual([stdout.toString(), cut], ['part', true]);
  });

  it('tells a missing tool from a failing one', async () => {
    await assert.rejects(runCommand('/none/such-tool', [], options), reason('file-missing'));
    await assert.rejects(runCommand(...node('process.exit(3)'), options), reason('unexpected'));
  });
});
