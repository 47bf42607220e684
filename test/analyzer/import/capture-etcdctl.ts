/**
 * Writes what the real etcdctl of every release line prints to `texts/<line>/<command>.<form>.txt`.
 * `node dist/test/analyzer/import/capture-etcdctl.js [line ...]`: three members on loopback, an alarm, then one of them stopped.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { packageRoot } from '../../../schemas/index.js';
import { ETCD_LINES, type EtcdBinaries, ensureEtcd, isEtcdLine } from '../../support/etcd-binaries.js';
import { run } from '../../support/run.js';

const forms = ['simple', 'table', 'fields', 'json'] as const;
const commands = {
  'endpoint-status': ['endpoint', 'status'],
  'endpoint-health': ['endpoint', 'health'],
  'endpoint-hashkv': ['endpoint', 'hashkv'],
  'member-list': ['member', 'list'],
  'alarm-list': ['alarm', 'list'],
} as const;

const names = ['m1', 'm2', 'm3'] as const;
const client = (i: number): string => `http://127.0.0.1:${34_790 + i * 10}`;
const peer = (i: number): string => `http://127.0.0.1:${34_791 + i * 10}`;
const endpoints = names.map((_, i) => client(i)).join(',');

const start = (binaries: EtcdBinaries, dir: string, i: number): ChildProcess =>
  spawn(
    binaries.etcd,
    [
      ['--name', names[i] as string],
      ['--data-dir', join(dir, names[i] as string)],
      ['--listen-client-urls', client(i)],
      ['--advertise-client-urls', client(i)],
      ['--listen-peer-urls', peer(i)],
      ['--initial-advertise-peer-urls', peer(i)],
      ['--initial-cluster', names.map((name, j) => `${name}=${peer(j)}`).join(',')],
      ['--quota-backend-bytes', String(1024 * 1024)],
    ].flat(),
    { stdio: 'ignore' },
  );

const capture = async (binaries: EtcdBinaries, out: string): Promise<void> => {
  const dir = await mkdtemp(join(tmpdir(), 'etcdctl-texts-'));
  const members = names.map((_, i) => start(binaries, dir, i));
  const ctl = (args: readonly string[], timeoutMs = 20_000) =>
    run(binaries.etcdctl, [...args], {
      env: { ...process.env, ETCDCTL_API: '3', ETCDCTL_ENDPOINTS: endpoints },
      timeoutMs,
    });
  const keep = async (name: string, args: readonly string[]): Promise<void> => {
    for (const form of forms) {
      const { stdout, stderr } = await ctl([...args, '-w', form]);
      await writeFile(join(out, `${name}.${form}.txt`), `${stdout}${stderr}`);
    }
  };
  try {
    for (let tries = 0; (await ctl(['endpoint', 'health'])).code !== 0; tries += 1) {
      if (tries > 60) throw new Error('the cluster does not come up');
      await sleep(500);
    }
    await mkdir(out, { recursive: true });
    await keep('alarm-list-none', commands['alarm-list']);
    for (let i = 0; i < 20; i += 1) await ctl(['put', `k${i}`, 'v'.repeat(100_000)]);
    await sleep(500);
    for (const [name, args] of Object.entries(commands)) await keep(name, args);
    members[2]?.kill('SIGKILL');
    await sleep(1500);
    await keep('endpoint-status-one-down', commands['endpoint-status']);
    await keep('endpoint-health-one-down', commands['endpoint-health']);
  } finally {
    for (const member of members) member.kill('SIGKILL');
    await rm(dir, { recursive: true, force: true });
  }
};

const wanted = process.argv.slice(2).filter(isEtcdLine);
for (const line of wanted.length > 0 ? wanted : ETCD_LINES) {
  const out = join(packageRoot, 'test', 'analyzer', 'import', 'texts', line);
  await capture(await ensureEtcd(line), out);
  process.stdout.write(`${line}: ${out}\n`);
}
