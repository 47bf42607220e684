import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { readNamedFile } from '../../collector/named-file.js';
import { createNetPort } from '../../collector/ports/net.js';
import { loadSeriesKey } from '../../collector/redact/series-key.js';

const dir = mkdtempSync(join(tmpdir(), 'named-file-'));
after(() => rmSync(dir, { recursive: true, force: true }));
const fifo = (name: string): string => {
  const path = join(dir, name);
  assert.equal(spawnSync('mkfifo', [path]).status, 0);
  return path;
};

test('a regular file comes whole or up to the limit, with its mode', () => {
  const path = join(dir, 'plain');
  writeFileSync(path, 'content', { mode: 0o640 });
  const { content, mode } = readNamedFile(path, 100);
  assert.deepEqual([content.toString(), mode & 0o777], ['content', 0o640]);
  assert.equal(readNamedFile(path, 3).content.toString(), 'con');
});

test('a FIFO without a writer does not hold the process, whatever it is named as', () => {
  const path = fifo('nobody');
  assert.equal(readNamedFile(path, 100).content.length, 0);
  const tls = { cacert: path, insecureSkipTlsVerify: false };
  assert.throws(() => createNetPort({ tls }), /it is empty/);
  assert.throws(() => loadSeriesKey(path, {}), /no series key/);
});

test('a pipe is read to its end, also where its writer is late', async () => {
  const path = fifo('writer');
  const child = spawn('sh', ['-c', `exec 3>${path}; echo ready; sleep 0.2; printf late >&3`], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const keep = spawn('sh', ['-c', `exec 4<${path}; read line <&0`], { stdio: ['pipe', 'ignore', 'inherit'] });
  await new Promise((resolve) => child.stdout.once('data', resolve));
  assert.equal(readNamedFile(path, 100).content.toString(), 'late');
  keep.stdin.end('\n');
});
