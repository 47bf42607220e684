/** The lab command as a user has it: what it starts is there, and nothing of it stays, however it ends. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { packageRoot } from '../../schemas/index.js';
import type { Cleared, InForce, Status } from '../lab/cli/protocol.js';
import { line, type Ran } from './harness.js';

const LIMIT = { timeout: 120_000 };
const GONE_MS = 25_000;

/** A temporary directory of its own holds the runtime directory and the lab directories of a test, and nothing else. */
interface Place {
  readonly tmp: string;
  readonly name: string;
  readonly lab: (...args: string[]) => Promise<Ran>;
  readonly begin: (...args: string[]) => { readonly child: ChildProcess; readonly done: Promise<Ran> };
}

const place = (t: TestContext, name: string): Place => {
  const tmp = mkdtempSync(join(tmpdir(), 'lab-test-'));
  const begin: Place['begin'] = (...args) => {
    const started = performance.now();
    const child = spawn(process.execPath, [join(packageRoot, 'dist', 'test', 'lab', 'cli', 'main.js'), ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, TMPDIR: tmp },
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    const done = new Promise<Ran>((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (code) => resolve({ code, stdout, stderr, elapsedMs: performance.now() - started }));
    });
    return { child, done };
  };
  const lab: Place['lab'] = (...args) => begin(...args).done;
  t.after(async () => {
    await lab('down', '--all');
    rmSync(tmp, { recursive: true, force: true });
  });
  return { tmp, name, lab, begin };
};

const entries = (dir: string): string[] => {
  try {
    return readdirSync(dir);
  } catch {
    return [];
  }
};

const textOf = (path: string): string => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
};

/** Numbers of the networks that the labs in a directory have claimed so far; none without root. */
const networksOf = (tmp: string): string[] =>
  entries(tmp).flatMap((dir) =>
    [...textOf(join(tmp, dir, 'undo')).matchAll(/ip link del evbr(\d+)$/gm)].map((match) => match[1] ?? ''),
  );

/** What is still there of the labs in a directory. */
const remains = ({ tmp, name }: Place, networks: readonly string[]): string[] => [
  ...entries(tmp).map((entry) => join(tmp, entry)),
  ...entries('/proc')
    .filter((pid) => /^\d+$/.test(pid))
    .map((pid) => `process ${pid} ${textOf(`/proc/${pid}/cmdline`).replaceAll('\0', ' ')}`)
    .filter((text) => text.includes(tmp) || text.includes(`daemon-main.js ${name} `)),
  ...textOf('/proc/self/mounts')
    .split('\n')
    .filter((mount) => mount.includes(tmp)),
  ...entries('/sys/block').filter((device) => textOf(`/sys/block/${device}/loop/backing_file`).startsWith(tmp)),
  ...entries('/run/netns').filter((each) => networks.some((net) => each.startsWith(`ev${net}-`))),
  ...networks.map((net) => `/sys/class/net/evbr${net}`).filter((path) => existsSync(path)),
];

const assertGone = async (where: Place, networks: readonly string[]): Promise<void> => {
  const deadline = Date.now() + GONE_MS;
  while (remains(where, networks).length > 0 && Date.now() < deadline) await sleep(100);
  assert.deepEqual(remains(where, networks), []);
};

const ok = (ran: Ran): Ran => {
  assert.equal(ran.code, 0, `${ran.stdout}\n${ran.stderr}`);
  return ran;
};

const roleOf = (status: Status | undefined, name: string): string | undefined =>
  status?.cluster?.members.find((member) => member.name === name)?.role;

const labsOf = async ({ lab }: Place): Promise<readonly Status[]> =>
  (JSON.parse(ok(await lab('list', '--json')).stdout) as { labs: Status[] }).labs;

test('up, fault, list, clear, down: each does what it says, and nothing is left', LIMIT, async (t) => {
  const where = place(t, 'live-a');
  const { lab, name, tmp } = where;
  const up = ok(await lab('up', '--name', name, '--version', line, '--ttl', '5m', '--json'));
  const started = JSON.parse(up.stdout) as Status;
  assert.equal(started.cluster?.members.filter(({ role }) => role === 'leader').length, 1, up.stdout);
  assert.ok(remains(where, networksOf(tmp)).length > 3, 'the search for what is left finds a running lab');

  const again = await lab('up', '--name', name);
  assert.equal(again.code, 2, 'a name is given once');

  const made = JSON.parse(ok(await lab('fault', 'pause', '--on', 'follower', '--json')).stdout) as InForce;
  assert.deepEqual(made.truth?.causes, ['vm-pause-or-steal']);
  const [victim = ''] = made.members;
  const [sick] = await labsOf(where);
  assert.equal(roleOf(sick, victim), 'paused');
  assert.deepEqual(
    sick?.inForce.map(({ number, name: fault, members }) => [number, fault, members]),
    [[made.number, 'pause', [victim]]],
  );

  const refused = await lab('fault', 'pause', '--on', 'm9');
  assert.equal(refused.code, 2, refused.stderr);

  const cleared = JSON.parse(ok(await lab('clear', String(made.number), '--json')).stdout) as Cleared;
  assert.equal(cleared.notServing, undefined);
  const [well] = await labsOf(where);
  assert.deepEqual(well?.inForce, []);
  assert.notEqual(roleOf(well, victim), 'paused');

  const networks = networksOf(tmp);
  ok(await lab('down'));
  assert.deepEqual(remains(where, networks), [], 'gone when down has returned');
  assert.deepEqual(await labsOf(where), []);
});

test('an interrupt while it starts: exit 130, and nothing is left', LIMIT, async (t) => {
  const where = place(t, 'live-b');
  const { child, done } = where.begin('up', '--name', where.name, '--version', line);
  const isBuilt = (): boolean => entries(where.tmp).some((dir) => textOf(join(where.tmp, dir, 'pids')) !== '');
  while (child.exitCode === null && !isBuilt()) await sleep(20);
  const networks = networksOf(where.tmp);
  child.kill('SIGINT');
  const ran = await done;
  assert.equal(ran.code, 130, `${ran.stdout}\n${ran.stderr}`);
  assert.deepEqual(remains(where, networks), [], 'gone when the command has returned');
});

test('its daemon killed outright: the reaper removes all of it', LIMIT, async (t) => {
  const where = place(t, 'live-c');
  const up = ok(await where.lab('up', '--name', where.name, '--version', line, '--size', '1', '--json'));
  const { pid } = JSON.parse(up.stdout) as Status;
  const networks = networksOf(where.tmp);
  process.kill(pid, 'SIGKILL');
  await assertGone(where, networks);
  const asked = await where.lab('fault', 'pause');
  assert.equal(asked.code, 2, asked.stderr);
});
