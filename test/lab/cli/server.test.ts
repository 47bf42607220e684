import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import type { Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { FaultUnsupported } from '../faults/types.js';
import { ask } from './client.js';
import { LabError } from './errors.js';
import type { LabFiles } from './runtime.js';
import { type Answer, serve } from './server.js';

const dir = mkdtempSync(join(tmpdir(), 'lab-server-'));
after(() => rmSync(dir, { recursive: true, force: true }));

const filesFor = (name: string): LabFiles => ({
  name,
  dir,
  socket: join(dir, name),
  log: join(dir, `${name}.log`),
  pid: join(dir, `${name}.pid`),
});

const serving = async (name: string, answer: Answer): Promise<{ files: LabFiles; server: Server }> => {
  const files = filesFor(name);
  const server = await serve(files.socket, answer);
  after(() => server.close());
  return { files, server };
};

const failure = (want: LabError['failure'], message: RegExp) => (error: unknown) => {
  assert.ok(error instanceof LabError, String(error));
  assert.equal(error.failure, want);
  assert.match(error.message, message);
  return true;
};

test('steps arrive before the result, and only the user can use the socket', async () => {
  const { files } = await serving('a', (request, say) => {
    say('one');
    say('two');
    return Promise.resolve({ dir: request.op });
  });
  const steps: string[] = [];
  assert.deepEqual(await ask(files, { op: 'down' }, (text) => steps.push(text)), { dir: 'down' });
  assert.deepEqual(steps, ['one', 'two']);
  assert.equal(statSync(files.socket).mode & 0o777, 0o600);
});

test('what an answer throws keeps its meaning', async () => {
  const thrown: unknown[] = [
    new LabError('usage', 'no such member', 'see "list"'),
    new FaultUnsupported('slow-disk', 'no strace'),
    new Error('boom'),
  ];
  const { files } = await serving('b', () => Promise.reject(thrown.shift()));
  await assert.rejects(ask(files, { op: 'status' }), failure('usage', /no such member/));
  await assert.rejects(ask(files, { op: 'status' }), failure('impossible', /no strace/));
  await assert.rejects(ask(files, { op: 'status' }), failure('failed', /boom/));
});

test('a daemon that is not there, ends, or is silent', async () => {
  await assert.rejects(ask(filesFor('nobody'), { op: 'status' }), failure('failed', /does not answer/));
  const { files: silent } = await serving('c', () => new Promise(() => undefined));
  await assert.rejects(ask(silent, { op: 'status' }, undefined, 50), failure('failed', /does not answer/));
  const { files: ending, server } = await serving('d', () => new Promise(() => undefined));
  server.on('connection', (socket) => setTimeout(() => socket.destroy(), 20));
  await assert.rejects(ask(ending, { op: 'status' }), failure('failed', /ended while it worked/));
});
