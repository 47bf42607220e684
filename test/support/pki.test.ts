import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { createAuthority, issueCertificate } from './pki.js';

const HOUR_MS = 3_600_000;

async function scratch(t: TestContext): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'pki-test-'));
  t.after(() => rm(dir, { recursive: true, force: true }));
  return dir;
}

const load = async (path: string) => new X509Certificate(await readFile(path));

test('validity, names and usages are those asked for', async (t) => {
  const ca = await createAuthority(await scratch(t));
  const authority = await load(ca.cert);
  const now = Date.now();
  const issued = async (options: Parameters<typeof issueCertificate>[1]) =>
    load((await issueCertificate(ca, options)).cert);

  const good = await issued({ name: 'good', hosts: ['127.9.9.9', 'etcd.local'] });
  assert.ok(good.verify(authority.publicKey));
  assert.equal(good.checkIP('127.9.9.9'), '127.9.9.9');
  assert.equal(good.checkHost('etcd.local'), 'etcd.local');
  assert.equal(good.checkIP('127.9.9.8'), undefined);

  const expired = await issued({ name: 'expired', expired: true });
  assert.ok(Date.parse(expired.validTo) < now && Date.parse(expired.validFrom) < Date.parse(expired.validTo));
  const future = await issued({ name: 'future', notYetValid: true });
  assert.ok(Date.parse(future.validFrom) > now + HOUR_MS);
  const soon = await issued({ name: 'soon', daysLeft: 2 });
  assert.ok(Math.abs(Date.parse(soon.validTo) - now - 48 * HOUR_MS) < HOUR_MS);
  const client = await issued({ name: 'client', eku: ['clientAuth'] });
  assert.deepEqual(client.keyUsage, ['1.3.6.1.5.5.7.3.2']);
});

test('a certificate of another authority does not verify', async (t) => {
  const dir = await scratch(t);
  const trusted = await createAuthority(join(dir, 'a'));
  const other = await createAuthority(join(dir, 'b'));
  const stranger = await load((await issueCertificate(other, { name: 'stranger' })).cert);
  assert.equal(stranger.verify((await load(trusted.cert)).publicKey), false);
});
