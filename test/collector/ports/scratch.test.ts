import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { loadPermission } from '../../../collector/load.js';
import { createScratchPort } from '../../../collector/ports/scratch.js';
import { ProbeError } from '../../../collector/probe.js';
import { createWiring } from '../../../collector/wiring.js';
import { packageRoot } from '../../../schemas/index.js';
import { fakeOptions, withDirectory } from '../fake-wiring.js';

const permission = loadPermission({ allowLoad: true });
assert.ok(permission !== undefined);
const never = new AbortController().signal;
const devOf = (path: string): bigint => statSync(path, { bigint: true }).dev;

for (const named of [false, true]) {
  test(`appends and syncs up to its bytes, and no file has a name (${named ? 'unlinked' : 'unnamed'})`, () =>
    withDirectory(async (directory) => {
      const port = createScratchPort(permission, { named });
      const limits = { dev: devOf(directory), writeBytes: 2300, maxBytes: 10_000, timeMs: 20_000 };
      const work = port.syncedAppends(directory, limits, never);
      const run = await work;
      assert.equal(run.ended, 'bytes');
      assert.deepEqual([run.bytes, run.syncMs.length], [9200, 4]);
      assert.ok(run.syncMs.every((ms) => ms >= 0));
      assert.deepEqual(readdirSync(directory), []);
    }));

  test(`nothing remains of a run that is killed (${named ? 'unlinked' : 'unnamed'})`, () =>
    withDirectory(async (directory) => {
      const script = `
        import { statSync } from 'node:fs';
        import { loadPermission } from ${JSON.stringify(join(packageRoot, 'dist/collector/load.js'))};
        import { createScratchPort } from ${JSON.stringify(join(packageRoot, 'dist/collector/ports/scratch.js'))};
        const limits = { dev: statSync(process.argv[1], { bigint: true }).dev, writeBytes: 16, maxBytes: 1e9, timeMs: 60_000 };
        const port = createScratchPort(loadPermission({ allowLoad: true }), { named: ${named} });
        void port.syncedAppends(process.argv[1], limits, new AbortController().signal);
        setTimeout(() => console.log('running'), 50);`;
      const child = spawn(process.execPath, ['--input-type=module', '-e', script, directory], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      await once(child.stdout, 'data');
      const open = readdirSync(`/proc/${child.pid}/fd`).length;
      child.kill('SIGKILL');
      await once(child, 'exit');
      assert.ok(open > 0);
      assert.deepEqual(readdirSync(directory), []);
    }));
}

test('where only a nameless file may be, none is made that has a name', () =>
  withDirectory(async (directory) => {
    const limits = { dev: devOf(directory), writeBytes: 16, maxBytes: 64, timeMs: 20_000, namelessOnly: true };
    const run = await createScratchPort(permission).syncedAppends(directory, limits, never);
    assert.equal(run.ended, 'bytes');
    const before = statSync(directory, { bigint: true }).mtimeNs;
    await assert.rejects(
      createScratchPort(permission, { named: true }).syncedAppends(directory, limits, never),
      (error: unknown) => error instanceof ProbeError && error.reason === 'load-refused',
    );
    assert.equal(statSync(directory, { bigint: true }).mtimeNs, before, 'the directory was not touched');
  }));

test('time and signal end it with what was measured', () =>
  withDirectory(async (directory) => {
    const port = createScratchPort(permission);
    const limits = { dev: devOf(directory), writeBytes: 16, maxBytes: Number.MAX_SAFE_INTEGER, timeMs: 20 };
    assert.equal((await port.syncedAppends(directory, limits, never)).ended, 'time');
    const stopped = await port.syncedAppends(directory, { ...limits, timeMs: 60_000 }, AbortSignal.timeout(20));
    assert.equal(stopped.ended, 'signal');
    const before = await port.syncedAppends(directory, limits, AbortSignal.abort());
    assert.deepEqual([before.ended, before.bytes], ['signal', 0]);
  }));

test('another file system than expected is refused before anything is written', () =>
  withDirectory(async (directory) => {
    const limits = { dev: devOf(directory) + 1n, writeBytes: 16, maxBytes: 1000, timeMs: 1000 };
    await assert.rejects(
      createScratchPort(permission).syncedAppends(directory, limits, never),
      (error: unknown) => error instanceof ProbeError && error.reason === 'load-refused',
    );
    assert.deepEqual(readdirSync(directory), []);
  }));

test('a directory that is not there or not writable is an error with its reason', async () => {
  const limits = { dev: 0n, writeBytes: 16, maxBytes: 1000, timeMs: 1000 };
  const port = createScratchPort(permission);
  await assert.rejects(
    port.syncedAppends('/nowhere/at/all', limits, never),
    (error: unknown) => error instanceof ProbeError && error.reason === 'file-missing',
  );
  await assert.rejects(
    port.syncedAppends('/proc/1', limits, never),
    (error: unknown) => error instanceof ProbeError && error.state !== 'timeout',
  );
});

test('without --allow-load there is no door and no plan to write', async () => {
  assert.equal(loadPermission({}), undefined);
  assert.equal(loadPermission({ allowLoad: false }), undefined);
  const kindsOf = async (allowLoad: boolean): Promise<readonly string[]> => {
    const wiring = await createWiring(fakeOptions({ local: true, allowLoad }));
    wiring.close();
    assert.equal(wiring.ports.scratch === undefined, !allowLoad);
    const all = [...wiring.probes.local, ...wiring.probes.remote];
    return all.filter(({ impact }) => impact === 'adds-load').map(({ kind }) => kind);
  };
  assert.deepEqual(await kindsOf(false), []);
  assert.ok((await kindsOf(true)).includes('fsync-probe'));
});

test('files are written in five places of the collector only: the bundle, a recording, series key and private map, where a fan-out keeps what came back, and this port; and one place opens it', () => {
  const sources = readdirSync(join(packageRoot, 'collector'), { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.ts'),
  );
  const textOf = (file: string): string => readFileSync(join(packageRoot, 'collector', file), 'utf8');
  const writers = sources.filter((file) =>
    /\b(writeFile|appendFile|createWriteStream|O_CREAT|O_WRONLY|O_RDWR|mkdtemp|mkdir|symlink|ftruncate|copyFile|utimes|chmod|chown|rename|rmSync|rm)(Sync)?\(|constants\.O_(CREAT|WRONLY|RDWR)|\bopen(Sync)?\([^)]*'[wa]x?\+?'/.test(
      textOf(file).replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, ''),
    ),
  );
  assert.deepEqual(writers.filter((file) => !/^(bundle|record)\//.test(file)).sort(), [
    'cli/fan-out.ts',
    'fan-out/outcome.ts',
    'ports/scratch.ts',
    'redact/private-map.ts',
    'redact/series-key.ts',
  ]);
  const openers = sources.filter((file) => textOf(file).includes('createScratchPort('));
  assert.deepEqual(openers, ['wiring.ts']);
  const makers = sources.filter((file) => textOf(file).includes('as LoadPermission'));
  assert.deepEqual(makers, ['load.ts']);
});
