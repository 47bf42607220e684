import assert from 'node:assert/strict';
import { createPublicKey, generateKeyPairSync, randomBytes, verify } from 'node:crypto';
import { chmod, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { Decrypter, generateX25519Identity, identityToRecipient } from 'age-encryption';
import { createEncryption } from '../../../collector/bundle/encrypt.js';
import { createSigner } from '../../../collector/bundle/sign.js';
import { plainFile } from '../../../collector/bundle/store.js';
import { writeBundle } from '../../../collector/bundle/write.js';
import { optionsFrom } from '../../../collector/cli/options.js';
import { collect } from '../../../collector/collect.js';
import { OutputError, QuarantineError, UsageError } from '../../../collector/errors.js';
import { signedMessage, validate } from '../../../schemas/index.js';
import { age, haveAge } from '../../support/age.js';
import {
  fakeIo,
  fakeMember,
  fakeOptions,
  fakeStatus,
  fakeWiring,
  sink,
  statusProbe,
  withDirectory,
} from '../fake-wiring.js';

const noise = randomBytes(700_000);
const marker = 'MARKER-THAT-MUST-NOT-BE-ON-THE-DISK';
const files = [
  plainFile('bundle.json', '{}'),
  plainFile('members/a/metrics-0.prom', Buffer.concat([Buffer.from(marker), noise])),
  plainFile('SHA256SUMS', 'the sums'),
];
const input = { root: 'root', files, createdAt: new Date(0) };

const identity = await generateX25519Identity();
const recipient = await identityToRecipient(identity);

const keyPair = () => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  return { pem: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string, publicKey };
};

const opened = async (sealed: Uint8Array, key: string): Promise<Buffer> => {
  const decrypter = new Decrypter();
  decrypter.addIdentity(key);
  return Buffer.from(await decrypter.decrypt(sealed));
};

test('an encrypted bundle is a tar.gz only for each of its recipients, and nothing else is left on the disk', () =>
  withDirectory(async (directory) => {
    const second = await generateX25519Identity();
    const encryption = await createEncryption([recipient, await identityToRecipient(second)]);
    const path = await writeBundle({ ...input, encryption }, { kind: 'directory', directory }, sink().stream);
    assert.equal(path, join(directory, 'root.tar.gz.age'));
    assert.deepEqual(await readdir(directory), ['root.tar.gz.age']);
    const sealed = await readFile(path);
    assert.equal((await stat(path)).mode & 0o777, 0o600);
    assert.ok(sealed.toString('latin1').startsWith('age-encryption.org/v1\n-> X25519 '));
    // One stanza for each recipient and none for the read-back.
    assert.equal(sealed.toString('latin1', 0, 600).match(/^-> /gm)?.length, 2);
    for (const key of [identity, second]) {
      const tar = gunzipSync(await opened(sealed, key));
      assert.ok(tar.includes(marker) && tar.includes(noise));
    }
    await assert.rejects(opened(sealed, await generateX25519Identity()), /no identity matched/);
  }));

test('the plain archive is at no time on the disk', () =>
  withDirectory(async (directory) => {
    const encryption = await createEncryption([recipient]);
    const seen: string[] = [];
    const spying = plainFile('members/a/metrics-1.prom', 'x');
    const spy = {
      ...spying,
      read: async () => {
        for (const name of await readdir(directory)) {
          const bytes = await readFile(join(directory, name));
          seen.push(name);
          assert.ok(bytes.length === 0 || bytes.toString('latin1', 0, 21) === 'age-encryption.org/v1');
        }
        return spying.read();
      },
    };
    const many = [...files.slice(0, 2), spy, ...files.slice(2)];
    await writeBundle({ ...input, files: many, encryption }, { kind: 'directory', directory }, sink().stream);
    assert.ok(seen.some((name) => name.endsWith('.partial')));
  }));

test('the reference implementation reads what we write', { skip: !haveAge() && 'no age here' }, () =>
  withDirectory(async (directory) => {
    const encryption = await createEncryption([recipient]);
    const path = await writeBundle({ ...input, encryption }, { kind: 'directory', directory }, sink().stream);
    const keys = join(directory, 'keys.txt');
    await writeFile(keys, `${identity}\n`, { mode: 0o600 });
    assert.ok(gunzipSync(age(['--decrypt', '-i', keys, path ?? ''])).includes(noise));
  }),
);

test('what was written wrongly does not get its name: the read-back decrypts', () =>
  withDirectory(async (directory) => {
    const encryption = async () => {
      const envelope = await (await createEncryption([recipient]))();
      return {
        ...envelope,
        seal: async function* (plain: AsyncIterable<Uint8Array>) {
          let at = 0;
          for await (const chunk of envelope.seal(plain)) {
            const copy = Uint8Array.from(chunk);
            // One bit, in the payload.
            if (at < 100_000 && at + copy.length > 100_000) copy[100_000 - at] = (copy[100_000 - at] ?? 0) ^ 1;
            at += copy.length;
            yield copy;
          }
        },
      };
    };
    await assert.rejects(
      writeBundle({ ...input, encryption }, { kind: 'directory', directory }, sink().stream),
      (error) => error instanceof OutputError,
    );
    assert.deepEqual(await readdir(directory), []);
  }));

test('a full disk ends an encrypted write with its error', async () => {
  const full = new Writable({
    highWaterMark: 1,
    write: (_chunk, _encoding, next) => next(Object.assign(new Error('full'), { code: 'ENOSPC' })),
  });
  const encryption = await createEncryption([recipient]);
  await assert.rejects(writeBundle({ ...input, encryption }, { kind: 'stream' }, full), { code: 'ENOSPC' });
});

test('a stream is encrypted too', async () => {
  const out = sink();
  await writeBundle({ ...input, encryption: await createEncryption([recipient]) }, { kind: 'stream' }, out.stream);
  assert.ok(gunzipSync(await opened(out.bytes(), identity)).includes(noise));
});

test('what is no recipient is refused before anything is read, and secrets are not repeated', async () => {
  const misspelt = `${recipient.slice(0, -1)}${recipient.endsWith('q') ? 'p' : 'q'}`;
  for (const wrong of [misspelt, 'age1short', 'ssh-ed25519 AAAA', identity]) {
    let wired = false;
    const io = fakeIo(fakeWiring({}, []), {
      wire: () => {
        wired = true;
        return fakeWiring({}, []);
      },
    });
    await assert.rejects(collect(fakeOptions({ encryptTo: [wrong] }), io), (error) => {
      assert.ok(error instanceof UsageError);
      assert.ok(!error.message.includes(identity) && !(error.advice ?? '').includes(identity));
      return true;
    });
    assert.equal(wired, false);
  }
});

test('the signature is over the digest of SHA256SUMS, for plain and encrypted bundles alike', () =>
  withDirectory(async (directory) => {
    const { pem, publicKey } = keyPair();
    const signer = createSigner(pem, 'test');
    const documents = [];
    for (const encryption of [undefined, await createEncryption([recipient])]) {
      const path = await writeBundle(
        { ...input, signer, ...(encryption === undefined ? {} : { encryption }) },
        { kind: 'directory', directory },
        sink().stream,
      );
      const text = await readFile(`${path}.sig`, 'utf8');
      assert.equal((await stat(`${path}.sig`)).mode & 0o777, 0o600);
      const checked = validate('signature', JSON.parse(text));
      assert.ok(checked.ok);
      documents.push(checked.value);
    }
    const [plain, sealed] = documents;
    assert.deepEqual(plain, sealed);
    assert.equal(plain?.digest, files.at(-1)?.sha256);
    const signature = Buffer.from(plain?.signature ?? '', 'base64');
    assert.ok(verify(null, Buffer.from(signedMessage(plain?.digest ?? '')), publicKey, signature));
    assert.deepEqual((await readdir(directory)).sort(), [
      'root.tar.gz',
      'root.tar.gz.age',
      'root.tar.gz.age.sig',
      'root.tar.gz.sig',
    ]);
  }));

test('a signature that cannot be written leaves no bundle, and an older one is kept', () =>
  withDirectory(async (directory) => {
    const signer = createSigner(keyPair().pem, 'test');
    await writeFile(join(directory, 'root.tar.gz.sig'), 'older');
    await assert.rejects(writeBundle({ ...input, signer }, { kind: 'directory', directory }, sink().stream), {
      code: 'EEXIST',
    });
    assert.deepEqual(await readdir(directory), ['root.tar.gz.sig']);
    assert.equal(await readFile(join(directory, 'root.tar.gz.sig'), 'utf8'), 'older');
  }));

test('keys that cannot be used are refused with help, and never shown', () => {
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const wrong: [string, RegExp][] = [
    [rsa.export({ type: 'pkcs8', format: 'pem' }) as string, /type rsa, not Ed25519/],
    [
      privateKey.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'p' }) as string,
      /protected by a passphrase/,
    ],
    [publicKey.export({ type: 'spki', format: 'pem' }) as string, /not a private key/],
    ['', /not a private key/],
  ];
  for (const [pem, message] of wrong) {
    assert.throws(
      () => createSigner(pem, '--sign-key k'),
      (error) => error instanceof UsageError && message.test(error.message) && !/BEGIN/.test(error.message),
    );
  }
});

test('flags: recipients from arguments and files, a key that others may read is refused', () =>
  withDirectory(async (directory) => {
    const list = join(directory, 'recipients.txt');
    await writeFile(list, `# the support team\n\n${recipient}\r\n${recipient}\n`);
    assert.deepEqual(optionsFrom({ 'encrypt-to': [recipient, list] }, {}).encryptTo, [recipient, recipient, recipient]);
    assert.equal(optionsFrom({}, {}).encryptTo, undefined);
    await writeFile(list, '# nobody\n');
    assert.throws(() => optionsFrom({ 'encrypt-to': list }, {}), /no recipient in this file/);
    assert.throws(() => optionsFrom({ 'encrypt-to': join(directory, 'none') }, {}), /cannot be read \(ENOENT\)/);
    assert.throws(
      () => optionsFrom({ 'encrypt-to': identity }, {}),
      (error) => error instanceof UsageError && !error.message.includes(identity),
    );

    const { pem, publicKey } = keyPair();
    const key = join(directory, 'key.pem');
    await writeFile(key, pem, { mode: 0o600 });
    const { signer, invocationFlags } = optionsFrom({ 'sign-key': key }, {});
    assert.ok(signer !== undefined);
    assert.deepEqual(invocationFlags, {});
    const { signature, digest } = signer.sign('00'.repeat(32));
    assert.ok(
      verify(
        null,
        Buffer.from(signedMessage(digest)),
        createPublicKey(publicKey.export({ type: 'spki', format: 'pem' })),
        Buffer.from(signature, 'base64'),
      ),
    );
    // Nothing that prints an options object prints the key.
    assert.ok(!JSON.stringify({ signer }).includes('PRIVATE'));
    assert.throws(() => optionsFrom({ 'sign-key': key, output: '-' }, {}), /beside the bundle/);
    await chmod(key, 0o640);
    assert.throws(() => optionsFrom({ 'sign-key': key }, {}), /other users may read this key \(mode 640\)/);
  }));

test('a run with encryption and signature: the path says so, and neither key nor recipient is in the bundle', () =>
  withDirectory(async (directory) => {
    const { pem } = keyPair();
    const healthy = statusProbe(async ({ target }) => fakeStatus(target.id));
    const outcome = await collect(
      fakeOptions({ output: join(directory, 'mine.tar.gz'), encryptTo: [recipient], signer: createSigner(pem, 'k') }),
      fakeIo(fakeWiring({ members: [fakeMember(0)] }, [healthy])),
    );
    assert.equal(outcome.exitCode, 0);
    assert.equal(outcome.path, join(directory, 'mine.tar.gz.age'));
    assert.deepEqual((await readdir(directory)).sort(), ['mine.tar.gz.age', 'mine.tar.gz.age.sig']);
    const tar = gunzipSync(await opened(await readFile(outcome.path), identity)).toString('latin1');
    for (const secret of ['PRIVATE KEY', identity, recipient, directory]) assert.ok(!tar.includes(secret));
    // The same place again: refused before the run, as without encryption.
    await assert.rejects(
      collect(
        fakeOptions({ output: join(directory, 'mine.tar.gz'), encryptTo: [recipient] }),
        fakeIo(fakeWiring({}, [])),
      ),
      { code: 'EEXIST' },
    );
  }));

test('an archive that ends in a broken source ends the encrypted write', async () => {
  const broken = {
    ...plainFile('x', 'y'),
    bytes: 100_000,
    stream: () =>
      Readable.from(
        (async function* () {
          yield Buffer.alloc(10);
          throw new Error('source broke');
        })(),
      ),
  };
  const encryption = await createEncryption([recipient]);
  await assert.rejects(
    writeBundle({ ...input, files: [broken], encryption }, { kind: 'stream' }, sink().stream),
    /source broke/,
  );
});

test('what the search of the finished bundle stops is put aside as it was written: encrypted, without a signature', () =>
  withDirectory(async (directory) => {
    const encryption = await createEncryption([recipient]);
    const signer = createSigner(keyPair().pem, 'k');
    const inspect = (bytes: Buffer) => (bytes.includes(marker) ? { name: 1 } : {});
    const file = join(directory, 'b.tar.gz.age');
    const sealed = { ...input, encryption, signer, inspect };
    await assert.rejects(
      writeBundle(sealed, { kind: 'file', directory, file }, sink().stream),
      (error) =>
        error instanceof QuarantineError &&
        error.path === `${file}.quarantine` &&
        error.message.includes('members/a/metrics-0.prom: name (1)'),
    );
    assert.deepEqual(await readdir(directory), ['b.tar.gz.age.quarantine']);
    const aside = await readFile(`${file}.quarantine`);
    assert.ok(aside.toString('latin1').startsWith('age-encryption.org/v1\n') && !aside.includes(marker));
    assert.ok(gunzipSync(await opened(aside, identity)).includes(marker));
    const streamed = sink();
    await assert.rejects(writeBundle(sealed, { kind: 'stream' }, streamed.stream), QuarantineError);
    assert.equal(streamed.bytes().length, 0, 'a stream is not begun');
  }));

test('mode standard under encryption: the map lies beside the bundle, the signature is over tokens', () =>
  withDirectory(async (directory) => {
    const keys = keyPair();
    const output = join(directory, 'b.tar.gz');
    const { path = '', privacy } = await collect(
      fakeOptions({
        redact: 'standard',
        seriesKey: join(directory, 'series.key'),
        output,
        encryptTo: [recipient],
        signer: createSigner(keys.pem, 'k'),
      }),
      fakeIo(fakeWiring({ members: [fakeMember(0)] }, [statusProbe(async ({ target }) => fakeStatus(target.id))])),
    );
    assert.deepEqual((await readdir(directory)).sort(), [
      'b.map.json',
      'b.tar.gz.age',
      'b.tar.gz.age.sig',
      'series.key',
    ]);
    assert.equal(privacy?.mapPath, join(directory, 'b.map.json'));
    const tar = gunzipSync(await opened(await readFile(path), identity));
    assert.ok(tar.includes('"mode": "standard"') && !tar.includes('10.0.0.1') && tar.includes('ip4-private-'));
  }));
