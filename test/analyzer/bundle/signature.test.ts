import assert from 'node:assert/strict';
import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { after, before, describe, it } from 'node:test';
import { Encrypter, generateX25519Identity, identityToRecipient } from 'age-encryption';
import { UntrustedBundle } from '../../../analyzer/bundle/errors.js';
import { keyIdOf } from '../../../analyzer/bundle/signature.js';
import { readBundle } from '../../../analyzer/index.js';
import { readVerifyKeys } from '../../../analyzer/keys.js';
import { CHECKSUMS_PATH, SIGNATURE_FORMAT, signedMessage } from '../../../schemas/index.js';
import {
  type BundleFiles,
  bundleFiles,
  packBundle,
  unpackBundle,
  withChecksums,
} from '../../support/bundle-archive.js';

const own = generateKeyPairSync('ed25519');
const other = generateKeyPairSync('ed25519');
const keys = [{ id: keyIdOf(own.publicKey), key: own.publicKey }];

const digestOf = (files: BundleFiles): string =>
  createHash('sha256')
    .update(files.get(CHECKSUMS_PATH) ?? '')
    .digest('hex');

const document = (digest: string, key: KeyObject = own.privateKey, id: string = keyIdOf(own.publicKey)): string =>
  JSON.stringify({
    format: SIGNATURE_FORMAT,
    algorithm: 'ed25519',
    keyId: id,
    digest,
    signature: sign(null, Buffer.from(signedMessage(digest)), key).toString('base64'),
  });

const files = bundleFiles();

let dir = '';
let count = 0;
before(async () => {
  dir = await mkdtemp(join(tmpdir(), 'analyzer-sig-'));
});
after(() => rm(dir, { recursive: true, force: true }));

/** Writes a bundle and, unless undefined, its signature; returns the path. */
const stored = async (content: Uint8Array, signature?: string, ending = '.tar.gz'): Promise<string> => {
  count += 1;
  const path = join(dir, `bundle-${count}${ending}`);
  await writeFile(path, content);
  if (signature !== undefined) await writeFile(`${path}.sig`, signature);
  return path;
};

const refused = async (path: string, message: RegExp): Promise<void> => {
  await assert.rejects(readBundle({ path }, { verifyKeys: keys }), (error) => {
    assert.ok(error instanceof UntrustedBundle, String(error));
    assert.match(error.message, message);
    return true;
  });
};

describe('signatures', () => {
  it('verified with the key, not checked without, absent when there is none', async () => {
    const path = await stored(packBundle(files), document(digestOf(files)));
    const { signature, intact } = await readBundle({ path }, { verifyKeys: keys });
    assert.deepEqual(signature, { state: 'verified', keyId: keys[0]?.id });
    assert.ok(intact);
    assert.deepEqual((await readBundle({ path })).signature, { state: 'not-checked', keyId: keys[0]?.id });
    assert.deepEqual((await readBundle({ path: await stored(packBundle(files)) })).signature, { state: 'absent' });
    const stream = await readBundle({ stream: Readable.from([packBundle(files)]), name: 'stdin' });
    assert.equal(stream.signature, undefined);
  });

  it('holds for the encrypted file, the decrypted one and the unpacked directory', async () => {
    const identity = await generateX25519Identity();
    const encrypter = new Encrypter();
    encrypter.addRecipient(await identityToRecipient(identity));
    const sealed = await encrypter.encrypt(packBundle(files));
    const path = await stored(sealed, document(digestOf(files)), '.tar.gz.age');
    const options = { verifyKeys: keys, identities: [identity] };
    assert.equal((await readBundle({ path }, options)).signature?.state, 'verified');
    const plain = path.slice(0, -'.age'.length);
    await writeFile(plain, packBundle(files));
    assert.equal((await readBundle({ path: plain }, options)).signature?.state, 'verified');
    const open = plain.slice(0, -'.tar.gz'.length);
    await mkdir(open);
    await unpackBundle(files, open);
    assert.equal((await readBundle({ path: `${open}/` }, options)).signature?.state, 'verified');
  });

  it('without signature, with another key, with a wrong signature, of another bundle: refused', async () => {
    const packed = packBundle(files);
    await refused(await stored(packed), /no signature beside it/);
    const theirs = keyIdOf(other.publicKey);
    await refused(await stored(packed, document(digestOf(files), other.privateKey, theirs)), /another key/);
    await refused(await stored(packed, document(digestOf(files), other.privateKey)), /signature is wrong/);
    await refused(await stored(packed, document('0'.repeat(64))), /of another bundle/);
    await assert.rejects(
      readBundle({ stream: Readable.from([packed]), name: 'stdin' }, { verifyKeys: keys }),
      UntrustedBundle,
    );
  });

  it('what is no signature file is refused with a key, and only not checked without', async () => {
    const good = document(digestOf(files));
    for (const text of ['', '{}', '[1]', 'x'.repeat(100_000), good.replace('v1', 'v2'), good.replace('==', '')]) {
      const path = await stored(packBundle(files), text);
      await refused(path, /not in the expected form/);
      assert.deepEqual((await readBundle({ path })).signature, { state: 'not-checked' });
    }
    const path = await stored(packBundle(files));
    await mkdir(`${path}.sig`);
    await refused(path, /no signature beside it/);
    const device = await stored(packBundle(files));
    await symlink('/dev/zero', `${device}.sig`);
    await refused(device, /no signature beside it/);
  });

  it('content that is not what was signed: changed, added, missing, cut off', async () => {
    const signed = document(digestOf(files));
    const changed = new Map(files).set('README.txt', 'other words');
    await refused(await stored(packBundle(withChecksums(changed)), signed), /another bundle/);
    // SHA256SUMS is the signed one; the content is not.
    const kept = new Map(files);
    const [victim] = [...files.keys()].slice(1);
    kept.set(victim ?? '', '{}');
    await refused(await stored(packBundle(kept), signed), /not what was signed/);
    const [sums = ''] = [files.get(CHECKSUMS_PATH)];
    const more = new Map([...files].filter(([path]) => path !== CHECKSUMS_PATH)).set('extra.txt', 'x');
    await refused(await stored(packBundle(more.set(CHECKSUMS_PATH, sums)), signed), /was not signed/);
    const fewer = new Map([...files].filter(([path]) => path !== victim));
    await refused(await stored(packBundle(fewer), signed), /is missing/);
    const cut = packBundle(files);
    await refused(await stored(cut.subarray(0, cut.length - 200), signed), /missing|cut off|not what was signed/);
  });
});

describe('--verify-key', () => {
  it('takes public keys only', async () => {
    const file = async (content: string): Promise<string> => {
      count += 1;
      const path = join(dir, `key-${count}.pem`);
      await writeFile(path, content);
      return path;
    };
    const pem = own.publicKey.export({ type: 'spki', format: 'pem' }) as string;
    assert.deepEqual(
      readVerifyKeys([await file(pem)]).map(({ id }) => id),
      [keys[0]?.id],
    );
    const secret = own.privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
    const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({ type: 'spki', format: 'pem' });
    for (const [content, message] of [
      [secret, /private key/],
      [rsa as string, /type rsa/],
      ['hello', /not a public key/],
    ] as const) {
      const path = await file(content);
      assert.throws(() => readVerifyKeys([path]), message);
    }
  });
});
