import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { packageRoot } from '../../schemas/index.js';

const program = join(packageRoot, 'deploy', 'collect-and-keep.mjs');

/** A collector that notes its arguments, writes a bundle, and ends with `code`, or at SIGTERM with 143 when it is to hang. */
const stage = (t: TestContext, code: number, hangs = false) => {
  const out = mkdtempSync(join(tmpdir(), 'etcd-evidence-keep-'));
  t.after(() => rmSync(out, { recursive: true, force: true }));
  const collector = join(out, 'collector.cjs');
  writeFileSync(
    collector,
    `const fs = require('node:fs');
     fs.appendFileSync(${JSON.stringify(join(out, 'calls'))}, process.argv.slice(2).join(' ') + '\\n');
     process.on('SIGTERM', () => process.exit(143));
     if (${hangs}) { setInterval(() => {}, 1e6); process.stdout.write('up\\n'); } else process.exit(${code});`,
  );
  const env = { ...process.env, OUT: out, COLLECTOR: collector, KEEP_SECONDS: '0' };
  return { out, env, calls: () => readFileSync(join(out, 'calls'), 'utf8').trim().split('\n') };
};

for (const [code, expected] of [
  [0, 0],
  [3, 0],
  [4, 0],
  [2, 2],
  [6, 6],
] as const) {
  test(`a collector that ends with ${code}: ${expected}, and a restart does not collect again`, (t) => {
    const { env, calls, out } = stage(t, code);
    for (const round of [1, 2]) {
      const ran = spawnSync(process.execPath, [program, '--quick'], { env, encoding: 'utf8', timeout: 60_000 });
      assert.equal(ran.status, expected, `${round}: ${ran.stderr}`);
    }
    assert.deepEqual(calls(), [`--quick --output ${out}/`]);
    assert.ok(readdirSync(out).includes('.collected'));
  });
}

test('a pod that is told to stop passes it on', { timeout: 60_000 }, async (t) => {
  const { env } = stage(t, 0, true);
  const child = spawn(process.execPath, [program], { env, stdio: ['ignore', 'pipe', 'ignore'] });
  child.stdout.once('data', () => child.kill('SIGTERM'));
  const code = await new Promise((resolve) => child.on('exit', resolve));
  assert.equal(code, 143);
});
