import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { parseDer, parsePemChain } from '../../../collector/ports/certificates.js';
import { createAuthority, issueCertificate } from '../../support/pki.js';

let dir: string;
let ca: string;
let leaf: string;
let key: string;

before(async () => {
  dir = await mkdtemp(join(tmpdir(), 'etcd-evidence-certificates-'));
  const authority = await createAuthority(dir);
  const pair = await issueCertificate(authority, {
    name: 'node',
    hosts: ['node-1.example', '10.0.0.1', '::1'],
    eku: ['serverAuth', 'clientAuth'],
    daysLeft: 5,
  });
  const read = (path: string) => readFile(path, 'utf8');
  ca = await read(authority.cert);
  leaf = await read(pair.cert);
  key = await read(pair.key);
});

after(() => rm(dir, { recursive: true, force: true }));

test('a chain is parsed in file order, and a key in between is not looked at', () => {
  const chain = parsePemChain(`${leaf}\n${key}\n${ca}`);
  assert.deepEqual(
    chain.map(({ subject }) => subject),
    ['CN=node', 'CN=ca'],
  );
  const [node, root] = chain;
  assert.ok(node !== undefined && root !== undefined);
  assert.deepEqual([node.isCA, root.isCA], [false, true]);
  assert.deepEqual([node.selfSigned, root.selfSigned], [false, true]);
  assert.equal(node.issuer, root.subject);
  assert.deepEqual(node.dnsNames, ['node-1.example']);
  assert.deepEqual(node.ipAddresses, ['10.0.0.1', '0:0:0:0:0:0:0:1']);
  assert.deepEqual(node.extKeyUsage, ['serverAuth', 'clientAuth']);
  assert.deepEqual([node.keyType, node.keyBits], ['ec', 256]);
  const daysLeft = (Date.parse(node.notAfter) - Date.now()) / 86_400_000;
  assert.ok(daysLeft > 4.9 && daysLeft <= 5);
  assert.ok(!JSON.stringify(chain).includes('PRIVATE'));
});

test('DER and PEM of one certificate say the same', () => {
  const der = Buffer.from(leaf.replace(/-----[^-]+-----|\s/g, ''), 'base64');
  assert.deepEqual([parseDer(der)], parsePemChain(leaf));
});

test('a text without certificates is an empty chain, a broken one throws', () => {
  assert.deepEqual(parsePemChain(key), []);
  assert.throws(() => parsePemChain('-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----'));
});
