/** The two ways in: `etcd-analyze FILE...` and `etcd-analyze import FILE... --out`. */
import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { after, before, describe, test } from 'node:test';
import { openBundle } from '../../../collector/bundle/open.js';
import { packageRoot, type Report } from '../../../schemas/index.js';
import { type AnalyzerRun, runAnalyzer } from '../../support/analyzer-run.js';
import { looseFiles } from './from-fixture.js';

const run = (args: readonly string[], stdin: string | Uint8Array = ''): Promise<AnalyzerRun> =>
  runAnalyzer(args, {
    stdin: Readable.from(stdin.length === 0 ? [] : [Buffer.from(stdin as string)]),
    now: () => new Date('2026-12-01T12:00:00Z'),
  });

let directory = '';
let files: string[] = [];
before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'import-cli-'));
  for (const [name, content, at] of looseFiles('slow-fsync-leader-3.5')) {
    const path = join(directory, name);
    await writeFile(path, content);
    if (at !== undefined) await utimes(path, at / 1000, at / 1000);
    files.push(path);
  }
  files = files.sort();
});
after(() => rm(directory, { recursive: true, force: true }));

const reportOf = ({ out }: AnalyzerRun): Report => JSON.parse(out) as Report;

describe('etcd-analyze FILE...', () => {
  test('loose files, by their content', async () => {
    const found = await run([...files, '--format', 'json']);
    assert.equal(found.code, 4, found.err);
    assert.equal(reportOf(found).diagnosis.causes[0]?.rule, 'disk-slow-device');
    assert.match(found.err, /imported m1-metrics-0\.prom: \/metrics scrape/);
  });

  test('a directory and standard input', async () => {
    assert.equal(reportOf(await run([directory, '--format', 'json'])).diagnosis.causes[0]?.rule, 'disk-slow-device');
    const piped = await run(['-', '--format', 'json'], 'etcd_server_has_leader 1\n');
    assert.equal(piped.code, 8, piped.err);
    assert.equal(reportOf(piped).members[0]?.name, 'stdin');
  });

  test('together with a bundle, as one case', async () => {
    const bundle = join(packageRoot, 'fixtures', 'bundles', 'slow-fsync-leader-3.5', 'bundle');
    const log = files.find((file) => file.endsWith('m2-server-all.log')) ?? '';
    const found = reportOf(await run([bundle, log, '--format', 'json']));
    assert.equal(found.members.length, 3, 'the log is of a member that the bundle knows');
    assert.equal(found.provenance.bundles.length, 2);
    assert.ok(found.coverage.imported);
  });

  test('what is not recognised: exit code 6 and the reason', async () => {
    const path = join(directory, 'notes.md');
    await writeFile(path, '# a shopping list\n');
    const alone = await run([path]);
    assert.equal(alone.code, 6);
    assert.match(alone.err, /notes\.md.*neither a bundle nor evidence of etcd/);
    const among = await run([path, ...files, '--format', 'json']);
    assert.equal(among.code, 4);
    assert.match(among.err, /not used notes\.md: /);
    assert.ok(reportOf(among).coverage.imported?.left.some((line) => line.startsWith('notes.md: ')));
    await rm(path);
  });

  test('--verify-key takes nothing that nobody signed', async () => {
    const key = join(directory, 'signer.pem');
    await writeFile(
      key,
      '-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n-----END PUBLIC KEY-----\n',
      { mode: 0o600 },
    );
    const refused = await run([...files, '--verify-key', key]);
    assert.equal(refused.code, 5, refused.err);
    await rm(key);
  });
});

describe('etcd-analyze import', () => {
  test('keeps an ordinary bundle that says it is not masked, and analyses the same', async () => {
    const out = join(directory, 'kept/');
    const made = await run(['import', ...files, '--out', out]);
    assert.equal(made.code, 0, made.err);
    assert.match(made.err, /Nothing in it is masked.*etcd-collect redact/);
    const [name] = await readdir(out);
    assert.match(name ?? '', /^etcd-evidence_imported_.*_UNREDACTED\.tar\.gz$/);
    const path = join(out, name ?? '');
    assert.equal((await stat(path)).mode & 0o777, 0o600);
    const [again, direct] = [await run([path, '--format', 'json']), await run([...files, '--format', 'json'])];
    assert.deepEqual(reportOf(again).diagnosis, reportOf(direct).diagnosis);
    assert.deepEqual(reportOf(again).verdict, reportOf(direct).verdict);
    // The reader of the other program, which redacts it.
    const opened = await openBundle(path);
    assert.ok(opened.files.has('manifest.json'));
  });

  test('a file name says so too', async () => {
    const out = join(directory, 'case.tar.gz');
    assert.equal((await run(['import', ...files, '--out', out])).code, 0);
    assert.ok((await readFile(join(directory, 'case_UNREDACTED.tar.gz'))).length > 1000);
    assert.equal(
      (await run(['import', join(directory, 'case_UNREDACTED.tar.gz'), '--out', out])).code,
      2,
      'a bundle is not imported',
    );
  });

  test('without --out it is told what to write', async () => {
    const refused = await run(['import', ...files]);
    assert.equal(refused.code, 2);
    assert.match(refused.err, /--out/);
  });
});
