import assert from 'node:assert/strict';
import { mkdtempSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { parseMountInfo } from '../../../collector/mounts.js';
import type { RunCommand } from '../../../collector/ports/command.js';
import { createDeadMounts } from '../../../collector/ports/dead-mounts.js';
import { ProbeError } from '../../../collector/probe.js';

const line = (point: string, type: string): string => `30 1 0:30 / ${point} rw - ${type} source rw`;

const world = (points: Readonly<Record<string, string>>, dead: readonly string[]) => {
  const asked: string[] = [];
  const run: RunCommand = async (_file, args) => {
    const place = args.at(-1) ?? '';
    asked.push(place);
    if (dead.includes(place)) throw new ProbeError('timeout', 'item-timeout', 'no output');
    return { stdout: Buffer.from(''), cut: false };
  };
  const text = [line('/', 'ext4'), ...Object.entries(points).map(([point, type]) => line(point, type))].join('\n');
  return { asked, mounts: createDeadMounts(run, () => parseMountInfo(text)) };
};

const directory = (t: TestContext): string => {
  const dir = mkdtempSync(join(tmpdir(), 'dead-mounts-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
};

test('where every file system is local nothing is started', () => {
  const { asked, mounts } = world({ '/var': 'xfs', '/run': 'tmpfs', '/net': 'autofs' }, []);
  assert.equal(mounts.looked('/var/lib'), undefined);
  assert.deepEqual(asked, []);
  assert.equal(mounts.has('/var/lib'), false);
  assert.equal(mounts.mountPointOf('/var/lib/etcd'), '/var');
});

test('each one that somebody serves is asked once, and the silent one is known', async () => {
  const { asked, mounts } = world({ '/nfs': 'nfs4', '/fuse': 'fuse.sshfs', '/var': 'ext4' }, ['/nfs']);
  await Promise.all([mounts.looked('/nfs/etcd'), mounts.looked('/elsewhere')]);
  await mounts.looked('/nfs/etcd');
  assert.deepEqual(asked.sort(), ['/fuse', '/nfs']);
  assert.deepEqual(
    ['/nfs/etcd', '/nfs', '/nfsx', '/fuse/a', '/var/lib'].map((path) => mounts.has(path)),
    [true, true, false, false, false],
  );
});

test('a link that leads into the silent one is seen without going there', async (t) => {
  const dir = directory(t);
  const { mounts } = world({ [`${dir}/dead`]: 'nfs' }, [`${dir}/dead`]);
  mkdirSync(join(dir, 'dead'));
  symlinkSync('dead/etcd', join(dir, 'relative'));
  symlinkSync(join(dir, 'relative'), join(dir, 'second'));
  symlinkSync('circle', join(dir, 'circle'));
  await mounts.looked(dir);
  assert.equal(mounts.has(join(dir, 'second/member')), true);
  assert.equal(mounts.has(join(dir, 'dead/../here')), false);
  assert.equal(mounts.has(join(dir, 'circle')), false);
});

test('mounts of a process in another mount namespace are its own', async () => {
  const { asked, mounts } = world({ '/data': 'ceph' }, ['/proc/42/root/data']);
  await mounts.looked('/proc/42/root/data/member');
  assert.deepEqual(asked, ['/proc/42/root/data']);
  assert.equal(mounts.has('/proc/42/root/data/member'), true);
  assert.equal(mounts.mountPointOf('/proc/42/root/data/member'), '/proc/42/root/data');
  assert.equal(mounts.has('/proc/42/root/etc'), false);
});
