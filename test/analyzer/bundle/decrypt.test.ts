import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { after, before, describe, it } from 'node:test';
import { Encrypter, generateX25519Identity, identityToRecipient } from 'age-encryption';
import { decrypted } from '../../../analyzer/bundle/decrypt.js';
import { DamagedArchive, LockedBundle, UnsafeArchive } from '../../../analyzer/bundle/errors.js';
import { BrokenStream } from '../../../analyzer/bundle/inflate.js';
import { readBundle } from '../../../analyzer/index.js';
import { readIdentities } from '../../../analyzer/keys.js';
import { bundleFiles, packBundle, withChecksums } from '../../support/bundle-archive.js';
import { age, haveAge } from '../../support/age.js';

/** Made with age 1.1.1, the reference implementation. */
const vector = {
  identity: 'AGE-SECRET-KEY-1JC52ZEWC5V99H3DKXT5QYTLMQ8SVALXJQPCH2LY8GVNKD5NPW6CQTZHALD',
  plain: 'etcd-evidence: written by the reference implementation\n',
  file: 'YWdlLWVuY3J5cHRpb24ub3JnL3YxCi0+IFgyNTUxOSBMcjd2RmNXQm5DLzN5alVBanRKeHVZMXB0YUlBWFhWTWNoS3FabSt4OER3CkZOaXVqWXJTMXBIQ211THpmdWpYQ1gyRTEybzZYR0lpcXB5bHRmT0RHNFkKLS0tIDc4YUo4TEprMktyZFFUeHJ4Y1IrYjg1UGY5TDgwRDFNdHJyU1EvU1BmalEKZLxSnXqWvcURYEqo4KwI7OKSTdlFi7W4H1BMdbfnTutxkeWjqeftgPlmiZllDK3RFMRJOwVb4Zt/sprNi30PZ3JTJQe/rWg5qe3dy4gFOwZvNPV5Q6yf',
};

const identity = await generateX25519Identity();
const recipient = await identityToRecipient(identity);

const sealed = async (plain: Uint8Array): Promise<Buffer> => {
  const encrypter = new Encrypter();
  encrypter.addRecipient(recipient);
  return Buffer.from(await encrypter.encrypt(plain));
};

const files = bundleFiles();
const whole = packBundle(files);
const wholeSealed = await sealed(whole);
/** Large enough for several chunks of 64 KiB, and not to be compressed. */
const large = packBundle(
  withChecksums(
    new Map(
      [...files].flatMap(([path, content], index) =>
        index === 1
          ? ([
              [path, content],
              ['notes.txt', randomBytes(150_000).toString('hex')],
            ] as [string, string][])
          : ([[path, content]] as [string, string][]),
      ),
    ),
  ),
);
const largeSealed = await sealed(large);

const read = (bytes: Uint8Array, identities: readonly string[] = [identity]) =>
  readBundle({ stream: Readable.from([bytes]), name: 'x' }, { identities });

/** Where the payload begins: after the MAC line and the nonce. */
const payloadOf = (bytes: Buffer): number => bytes.indexOf('\n', bytes.indexOf('\n--- ') + 1) + 1 + 16;

const flipped = (bytes: Buffer, at: number): Buffer => {
  const copy = Buffer.from(bytes);
  copy[at] = (copy[at] ?? 0) ^ 1;
  return copy;
};

const all = async (stream: AsyncIterable<Uint8Array>): Promise<Buffer> => {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
};

const source = async function* (bytes: Uint8Array, size = bytes.length) {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
};

let dir = '';
before(async () => {
  dir = await mkdtemp(join(tmpdir(), 'analyzer-age-'));
});
after(() => rm(dir, { recursive: true, force: true }));

describe('encrypted bundles', () => {
  it('reads what the reference implementation wrote, in pieces of any size', async () => {
    const bytes = Buffer.from(vector.file, 'base64');
    for (const size of [1, 7, 100, bytes.length]) {
      assert.equal(String(await all(await decrypted(source(bytes, size), [vector.identity]))), vector.plain);
    }
  });

  it('reads a bundle that age encrypted', { skip: !haveAge() && 'no age here' }, async () => {
    const bundle = await read(age(['--encrypt', '-r', recipient], large));
    assert.ok(bundle.intact);
    assert.equal(bundle.encrypted, true);
  });

  it('a bundle is the same encrypted or not', async () => {
    const [plain, encrypted] = [await read(whole), await read(wholeSealed)];
    assert.ok(encrypted.intact);
    assert.deepEqual({ ...encrypted, encrypted: undefined }, { ...plain, encrypted: undefined });
    assert.equal(plain.encrypted, undefined);
    assert.ok((await read(largeSealed)).intact);
    // Another identity in the file does no harm.
    assert.ok((await read(wholeSealed, [await generateX25519Identity(), identity])).intact);
  });

  it('without an identity, or with another one, says so', async () => {
    await assert.rejects(
      read(wholeSealed, []),
      (error) => error instanceof LockedBundle && /--identity/.test(error.advice),
    );
    await assert.rejects(
      read(wholeSealed, [await generateX25519Identity()]),
      (error) => error instanceof LockedBundle && /other recipients/.test(error.message),
    );
  });

  it('cut anywhere: never an intact bundle, never another error', async () => {
    const cuts = [1, 20, 22, 60, payloadOf(largeSealed) - 8, payloadOf(largeSealed), payloadOf(largeSealed) + 10];
    for (const at of [...cuts, 65_000, 66_000, 131_500, largeSealed.length - 17, largeSealed.length - 1]) {
      const result = await read(largeSealed.subarray(0, at)).catch((error: unknown) => error);
      if (result instanceof Error) assert.ok(result instanceof DamagedArchive, `${at}: ${result}`);
      else assert.equal((result as { intact: boolean }).intact, false, `cut at ${at}`);
    }
  });

  it('cut at the end of a chunk is seen, and what came before is used', async () => {
    const chunk = 64 * 1024 + 16;
    const cut = largeSealed.subarray(0, payloadOf(largeSealed) + 2 * chunk);
    const got: Uint8Array[] = [];
    await assert.rejects(async () => {
      for await (const piece of await decrypted(source(cut), [identity])) got.push(piece);
    }, BrokenStream);
    const plain = Buffer.concat(got);
    assert.ok(plain.length >= 64 * 1024 && plain.equals(large.subarray(0, plain.length)));
    const bundle = await read(cut);
    assert.equal(bundle.intact, false);
    assert.match(bundle.problems[0] ?? '', /cut off or was changed: what comes before is authentic/);
  });

  it('one bit anywhere: never an intact bundle, and nothing changed comes through', async () => {
    const end = payloadOf(wholeSealed);
    for (const at of [0, 25, 60, 120, end - 30, end - 5, end + 1, wholeSealed.length - 1]) {
      await assert.rejects(read(flipped(wholeSealed, at)), (error) => {
        assert.ok(error instanceof DamagedArchive || error instanceof LockedBundle, `bit at ${at}: ${String(error)}`);
        return true;
      });
    }
    const late = await read(flipped(largeSealed, largeSealed.length - 5));
    assert.equal(late.intact, false);
    // Chunks that change places are noticed as well.
    const [start, chunk] = [payloadOf(largeSealed), 64 * 1024 + 16];
    const swapped = Buffer.concat([
      largeSealed.subarray(0, start),
      largeSealed.subarray(start + chunk, start + 2 * chunk),
      largeSealed.subarray(start, start + chunk),
      largeSealed.subarray(start + 2 * chunk),
    ]);
    await assert.rejects(read(swapped), DamagedArchive);
  });

  it('a header without end is refused after 64 KiB', async () => {
    for (const begin of ['-> X25519 ', '-> a b\n', '--- ']) {
      let given = 0;
      const endless = async function* () {
        yield Buffer.from(`age-encryption.org/v1\n${begin}`);
        for (;;) {
          given += 4096;
          yield Buffer.alloc(4096, 'a');
        }
      };
      await assert.rejects(
        readBundle({ stream: endless(), name: 'x' }, { identities: [identity] }),
        (error) => error instanceof DamagedArchive && /header is longer than/.test(error.message),
      );
      assert.ok(given < 200_000);
    }
  });

  // A work factor of 62 would never end.
  it('a passphrase is never tried, whatever the work factor', async () => {
    const stanza = `-> scrypt ${'A'.repeat(22)} 62\n${'A'.repeat(43)}\n--- ${'A'.repeat(43)}\n`;
    await assert.rejects(
      read(Buffer.from(`age-encryption.org/v1\n${stanza}${'x'.repeat(200)}`)),
      (error) => error instanceof LockedBundle && /passphrase/.test(error.message),
    );
  });

  it('hundreds of recipients that are none', async () => {
    const stanza = `-> X25519 ${'A'.repeat(43)}\n${'A'.repeat(43)}\n`;
    const bytes = Buffer.from(`age-encryption.org/v1\n${stanza.repeat(600)}--- ${'A'.repeat(43)}\n${'x'.repeat(64)}`);
    await assert.rejects(read(bytes), (error) => error instanceof DamagedArchive || error instanceof LockedBundle);
  });

  it('the text form is told how to be read', async () => {
    await assert.rejects(
      read(Buffer.from('-----BEGIN AGE ENCRYPTED FILE-----\nabc\n')),
      (error) => error instanceof LockedBundle && /age --decrypt/.test(error.advice),
    );
  });

  it('limits hold inside: a bomb is refused, and so is what is no archive', async () => {
    const { gzipSync } = await import('node:zlib');
    const bomb = await sealed(gzipSync(Buffer.alloc(64 * 1024 * 1024)));
    await assert.rejects(read(bomb), (error) => error instanceof UnsafeArchive || error instanceof DamagedArchive);
    await assert.rejects(read(await sealed(Buffer.from('hello'))), DamagedArchive);
    await assert.rejects(read(await sealed(wholeSealed)), DamagedArchive);
  });
});

describe('identity files', () => {
  const file = async (content: string, mode = 0o600): Promise<string> => {
    const path = join(dir, `id-${randomBytes(4).toString('hex')}`);
    await writeFile(path, content, { mode });
    return path;
  };

  it('as age-keygen writes them', async () => {
    const path = await file(`# created: today\n# public key: ${recipient}\n${identity}\n`);
    assert.deepEqual(await readIdentities([path]), [identity]);
  });

  it('refused with help and without their content', async () => {
    const open = await file(`${identity}\n`);
    await chmod(open, 0o644);
    for (const [path, message] of [
      [open, /other users may read this key \(mode 644\)/],
      [await file('# nothing\n'), /no key in this file/],
      [await file(`${identity.slice(0, -1)}\n`), /not an age identity/],
      [await file(`${recipient}\n`), /not an age identity/],
      [await file('x'.repeat(70_000)), /longer than/],
      [join(dir, 'missing'), /ENOENT/],
    ] as const) {
      await assert.rejects(readIdentities([path]), (error) => {
        assert.ok(error instanceof Error);
        assert.match(error.message, message);
        assert.ok(!error.message.includes(identity.slice(20, 40)));
        return true;
      });
    }
  });
});
