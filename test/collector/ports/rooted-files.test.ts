import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { createFilesPort, type FilesPort } from '../../../collector/ports/files.js';
import { inRoot, rootedFiles } from '../../../collector/ports/rooted-files.js';
import { ProbeError } from '../../../collector/probe.js';

describe('files below the root of a host', () => {
  let base: string;
  let root: string;
  let files: FilesPort;
  before(() => {
    base = realpathSync(mkdtempSync(join(tmpdir(), 'rooted-')));
    root = join(base, 'host');
    mkdirSync(join(root, 'etc/real'), { recursive: true });
    mkdirSync(join(root, 'var'));
    writeFileSync(join(root, 'etc/real/file'), 'of the host');
    writeFileSync(join(base, 'secret'), 'of the container');
    mkdirSync(join(base, 'own'));
    writeFileSync(join(base, 'own/log'), 'given by the user');
    symlinkSync('/etc/real', join(root, 'var/absolute'));
    symlinkSync('../etc/real/file', join(root, 'var/relative'));
    symlinkSync('../../../../../../secret', join(root, 'var/escape'));
    symlinkSync(join(base, 'secret'), join(root, 'var/outside'));
    symlinkSync('/var/loop', join(root, 'var/loop'));
    files = rootedFiles(root, createFilesPort(), [join(base, 'own')]);
  });
  after(() => rmSync(base, { recursive: true, force: true }));

  test('links of the host are followed within it', async () => {
    assert.equal(await files.readText('/etc/real/file'), 'of the host');
    assert.equal(await files.readText('/var/absolute/file'), 'of the host');
    assert.equal(await files.readText('/var/relative'), 'of the host');
    assert.equal(await files.readText(`${root}/var/relative`), 'of the host');
    assert.deepEqual(await files.list('/var/absolute'), ['file']);
    assert.equal(await files.realPath('/var/absolute/file'), '/etc/real/file');
    assert.equal((await files.stat('/var/absolute', { link: true })).type, 'link');
    assert.equal((await files.stat('/var/absolute')).type, 'directory');
  });

  test('no link leads out of it, and a loop ends', async () => {
    for (const path of ['/var/escape', '/var/outside', '/../secret'])
      await assert.rejects(
        files.readText(path),
        (error) => error instanceof ProbeError && error.reason === 'file-missing',
        path,
      );
    await assert.rejects(files.readText('/var/loop'), ProbeError);
  });

  test('/proc, /sys and files named by the user are those of the container', async () => {
    assert.ok((await files.readText(`${base}/own/log`)).startsWith('given'));
    assert.equal(inRoot('/host', '/proc/1/root/etc'), '/proc/1/root/etc');
    assert.equal(inRoot('/host', '/procedure'), '/host/procedure');
    assert.equal(inRoot('/host', '/host/etc'), '/host/etc');
    assert.equal(inRoot(undefined, '/etc'), '/etc');
  });
});
