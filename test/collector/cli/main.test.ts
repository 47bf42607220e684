import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { packageRoot } from '../../../schemas/index.js';
import { withDirectory } from '../fake-wiring.js';
import { readArchive, textOf } from '../read-archive.js';

const bin = join(packageRoot, 'dist/collector/main.js');

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const run = (
  args: readonly string[],
  onOutput?: (stderr: string, kill: (signal: NodeJS.Signals) => void) => void,
): Promise<Ended> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [bin, ...args], {
      env: { PATH: process.env.PATH ?? '' },
      timeout: 60_000,
    });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk) => {
      stdout += chunk;
    });
    child.stderr.on('data', (chunk) => {
      stderr += chunk;
      onOutput?.(stderr, (signal) => child.kill(signal));
    });
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });

/** A port that accepts and never answers. */
const withSilentPort = async (work: (endpoint: string) => Promise<void>): Promise<void> => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const sockets = new Set<import('node:net').Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.resume();
  });
  const address = server.address();
  try {
    await work(typeof address === 'object' && address !== null ? `127.0.0.1:${address.port}` : '');
  } finally {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  }
};

test('nothing listens: exit 4, path alone on stdout, a bundle with the vantage', () =>
  withDirectory(async (directory) => {
    // Port 1 is privileged and unassigned: nothing listens there.
    const { code, stdout, stderr } = await run([
      '--no-local',
      '--rounds',
      '1',
      '--endpoints',
      '127.0.0.1:1',
      '-o',
      `${directory}/`,
    ]);
    assert.equal(code, 4, stderr);
    const written = await readdir(directory);
    const name = written.find((each) => each.endsWith('.tar.gz'));
    assert.ok(
      written.some((each) => each === name?.replace('.tar.gz', '.map.json')),
      'the private map stands beside the bundle',
    );
    assert.equal(stdout, `${join(directory, name ?? '')}\n`);
    assert.match(stderr, /connection-refused/);
    assert.ok(stderr.includes(`etcd-analyze ${stdout.trim()}`));
    const files = await readArchive(stdout.trim());
    assert.ok(files.some(({ path }) => path.startsWith('vantage/127.0.0.1_1/')));
    assert.ok(textOf(files, 'manifest.json').includes('"endReason": "finished"'));
  }));

test('a hung member: SIGINT writes a partial bundle and exits 130', () =>
  withSilentPort((endpoint) =>
    withDirectory(async (directory) => {
      let sent = false;
      const args = [
        '--no-local',
        '--endpoints',
        endpoint,
        '--timeout',
        '1s',
        '--progress',
        'json',
        '-o',
        `${directory}/`,
      ];
      const { code, stdout } = await run(args, (stderr, kill) => {
        if (sent || !stderr.includes('"event":"round"')) return;
        sent = true;
        kill('SIGINT');
      });
      assert.equal(code, 130);
      const name = stdout.trim().slice(directory.length + 1);
      assert.deepEqual(await readdir(directory), [name.replace('.tar.gz', '.map.json'), name]);
      assert.ok(textOf(await readArchive(stdout.trim()), 'manifest.json').includes('"endReason": "signal"'));
    }),
  ));

test('a second signal leaves at once and leaves nothing behind', () =>
  withSilentPort((endpoint) =>
    withDirectory(async (directory) => {
      const args = [
        '--no-local',
        '--endpoints',
        endpoint,
        '--timeout',
        '1s',
        '--progress',
        'json',
        '-o',
        `${directory}/`,
      ];
      let sent = 0;
      const { code, stdout } = await run(args, (stderr, kill) => {
        if (sent === 0 && stderr.includes('"event":"planned"')) {
          sent = 1;
          kill('SIGTERM');
          kill('SIGINT');
        }
      });
      // Signals may be taken one by one or after the bundle is done: then it is whole.
      assert.ok(code === 130 || code === 143, String(code));
      const left = await readdir(directory);
      assert.deepEqual(left, stdout === '' ? [] : [stdout.trim().slice(directory.length + 1)]);
    }),
  ));

test('usage and output errors: exit 2 and 6, nothing on stdout, help in the text', () =>
  withDirectory(async (directory) => {
    const usage = await run(['--user', 'root:secret1']);
    assert.deepEqual([usage.code, usage.stdout], [2, '']);
    assert.ok(!usage.stderr.includes('secret1'));
    const taken = join(directory, 'taken');
    await writeFile(taken, 'x');
    for (const output of [taken, join(directory, 'missing', 'x')]) {
      const { code, stdout, stderr } = await run(['--no-local', '-o', output]);
      assert.deepEqual([code, stdout], [6, '']);
      assert.ok(stderr.includes(directory), stderr);
    }
    await mkdir(join(directory, 'ok'));
    assert.deepEqual(await readdir(join(directory, 'ok')), []);
  }));
