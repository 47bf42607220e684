import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { after, before, describe, it } from 'node:test';
import { runCli } from '../../analyzer/cli.js';
import type { CliIo, Engine } from '../../analyzer/commands/command.js';
import { exitCodeOf } from '../../analyzer/commands/exit-code.js';
import type { Format } from '../../analyzer/report/formats.js';
import { HEADER_PATH, packageRoot, type Report } from '../../schemas/index.js';
import { type AnalyzerRun, runAnalyzer } from '../support/analyzer-run.js';
import { bundleFiles, packBundle, tarEntries, tarGz } from '../support/bundle-archive.js';

type Finding = Report['diagnosis']['causes'][number];

const finding = (severity: Finding['severity'], rule = 'disk-slow-device'): Finding =>
  ({
    rule,
    severity,
    subjects: [{ kind: 'member', id: 'x', name: 'm\u001b[2J1' }],
    confidence: { level: 'high', score: 0.9 },
  }) as unknown as Finding;

const reportOf = (kind: Report['verdict']['kind'], causes: Finding[] = [], risks: Finding[] = []): Report =>
  ({
    verdict: { kind, headline: 'what it is' },
    diagnosis: { causes, symptoms: [], risks, notices: [] },
  }) as unknown as Report;

const textOf = (report: Report, format: Format): string =>
  format === 'html' ? '<html>\n' : format === 'json' ? JSON.stringify(report) : '# report \u001b[2J\n';

const engineOf = (report: Report): Engine => ({ analyze: () => report, render: textOf });

const run = (args: string[], report = reportOf('healthy'), more: Partial<CliIo> = {}): Promise<AnalyzerRun> =>
  runAnalyzer(args, more, engineOf(report));

const packed = packBundle(bundleFiles());
let [directory, bundle] = ['', ''];
before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'analyze-cli-'));
  bundle = join(directory, 'one.tar.gz');
  await writeFile(bundle, packed);
});
after(() => rm(directory, { recursive: true, force: true }));

describe('where reports go', () => {
  it('prints Markdown without flags and writes nothing', async () => {
    const before = await readdir(directory);
    const { code, out } = await run([bundle]);
    assert.deepEqual([code, out], [0, '# report \u001b[2J\n']);
    assert.deepEqual(await readdir(directory), before);
  });
  it('lets nothing steer a terminal', async () => {
    const { out } = await run([bundle], reportOf('healthy'), { stdoutIsTTY: true });
    assert.equal(out, '# report \ufffd[2J\n');
    const summary = await run([bundle, '--summary'], reportOf('investigate', [finding('high')]), {
      stdoutIsTTY: true,
      env: { NO_COLOR: '1' },
    });
    assert.equal(summary.out, 'investigate: what it is [disk-slow-device on m\\u{1b}[2J1 (high confidence)]\n');
  });
  it('prints the chosen format', async () => {
    assert.equal((await run([bundle, '--format', 'html'])).out, '<html>\n');
    assert.equal(JSON.parse((await run(['-f', 'json', bundle])).out).verdict.kind, 'healthy');
  });
  it('writes several formats into a directory, readable by the owner alone', async () => {
    const target = join(directory, 'new', 'out');
    const { code, out } = await run([bundle, '--format', 'html', '--format', 'json,markdown', '-o', `${target}/`]);
    assert.deepEqual([code, out], [0, '']);
    assert.deepEqual((await readdir(target)).sort(), ['one.report.html', 'one.report.json', 'one.report.md']);
    assert.equal((await stat(join(target, 'one.report.html'))).mode & 0o777, 0o600);
  });
  it('takes the format from the extension', async () => {
    const path = join(directory, 'x.html');
    await run([bundle, '-o', path]);
    assert.equal(await readFile(path, 'utf8'), '<html>\n');
  });
  it('says so when a report cannot be written, and leaves nothing behind', async () => {
    const inTheWay = join(directory, 'file');
    await writeFile(inTheWay, 'x');
    const { code, err } = await run([bundle, '-o', join(inTheWay, 'x.md')]);
    assert.equal(code, 1);
    assert.match(err, /could not be written/);
    const taken = join(directory, 'taken.md');
    await mkdir(join(taken, 'sub'), { recursive: true });
    await run([bundle, '-f', 'html', '-o', taken]);
    assert.deepEqual(
      (await readdir(directory)).filter((name) => name.endsWith('.tmp')),
      [],
    );
  });
  it('never replaces a bundle', async () => {
    const { code, err } = await run([bundle, '-f', 'html', '-o', bundle]);
    assert.equal(code, 2);
    assert.match(err, /is one of the bundles/);
    assert.deepEqual(await readFile(bundle), packed);
  });
  it('reads standard input', async () => {
    assert.equal((await run(['-'], reportOf('healthy'), { stdin: Readable.from([packed]) })).code, 0);
  });
});

describe('exit codes', () => {
  const cases: [string, Report, [number, number, number]][] = [
    ['healthy', reportOf('healthy'), [0, 0, 0]],
    ['intervene-now', reportOf('intervene-now'), [3, 3, 0]],
    ['critical cause', reportOf('investigate', [finding('critical')]), [3, 3, 0]],
    ['critical risk', reportOf('healthy', [], [finding('critical')]), [0, 0, 0]],
    ['high cause', reportOf('investigate', [finding('high')]), [4, 0, 0]],
    ['warning risk', reportOf('healthy', [], [finding('warning')]), [0, 0, 0]],
    ['info risk', reportOf('healthy', [], [finding('info')]), [0, 0, 0]],
    ['inconclusive', reportOf('inconclusive'), [8, 8, 8]],
    ['inconclusive with a warning', reportOf('inconclusive', [], [finding('warning')]), [8, 8, 8]],
  ];
  for (const [what, report, expected] of cases) {
    it(`of ${what}`, () => {
      assert.deepEqual(
        [exitCodeOf(report, 'warning'), exitCodeOf(report, 'critical'), exitCodeOf(report, 'none')],
        expected,
      );
    });
  }
  const usage: [string, string[], RegExp][] = [
    ['no bundle', [], /No bundle/],
    ['an unknown option', ['x', '--nope'], /nope/],
    ['an unknown format', ['x', '--format', 'pdf'], /pdf/],
    ['an unknown level', ['x', '--fail-on', 'info'], /info/],
    ['two outputs', ['x', '-o', 'a', '-o', 'b'], /given 2 times/],
    ['an option without its value', ['x', '-o'], /o/],
    ['summary and report on one stream', ['x', '--summary', '-f', 'html'], /both go to standard output/],
    ['two formats on one stream', ['x', '-f', 'html,json', '-o', '-'], /Only one/],
    ['an unknown rule', ['explain', '../../package'], /no rule/],
    ['a missing file', ['/nonexistent/x.tar.gz'], /no such file/],
  ];
  for (const [what, args, message] of usage) {
    it(`2 for ${what}`, async () => {
      const { code, err, out } = await run(args);
      assert.deepEqual([code, out], [2, '']);
      assert.match(err, message);
      assert.doesNotMatch(err, /at .*\.js:\d/);
    });
  }
  const entries = tarEntries(bundleFiles());
  const header = JSON.stringify({ magic: 'etcd-evidence', format: { major: 9, minor: 1 } });
  const refused: [string, Uint8Array, number, RegExp][] = [
    ['a parent path', tarGz([...entries, { name: '../x\u001b[0m', content: 'x' }]), 5, /\.\.\/x\\u\{1b\}/],
    [
      'a link',
      tarGz([...entries, { name: `${entries[0]?.name}l`, type: '2', linkName: '/etc/passwd' }]),
      5,
      /symbolic link/,
    ],
    ['an empty file', Buffer.alloc(0), 6, /empty/],
    ['a text file', Buffer.from('text\n'), 6, /neither/],
    ['a bundle cut before its header', packed.subarray(0, 100), 6, /truncated/],
    ['a newer format', tarGz([{ name: `r/${HEADER_PATH}`, content: header }]), 7, /9\.1/],
  ];
  for (const [what, bytes, expected, message] of refused) {
    it(`${expected} for ${what}`, async () => {
      const path = join(directory, 'bad.tar.gz');
      await writeFile(path, bytes);
      const { code, err, out } = await run([path, '-o', join(directory, 'never.md')]);
      assert.deepEqual([code, out], [expected, '']);
      assert.match(err, message);
      assert.ok(!(await readdir(directory)).includes('never.md'));
    });
  }
  it('goes on with what is intact in a truncated bundle, and says so', async () => {
    const { code, err } = await run(['-'], reportOf('healthy'), {
      stdin: Readable.from([
        packBundle(bundleFiles({ artifacts: [{ kind: 'metrics', of: 'm1', round: 0, value: 'a 1\n' }] })).subarray(
          0,
          -60,
        ),
      ]),
    });
    assert.equal(code, 0);
    assert.match(err, /not intact/);
    assert.match(err, /truncated/);
  });
  it('goes on when one of several bundles is damaged', async () => {
    const path = join(directory, 'empty.tar.gz');
    await writeFile(path, '');
    const { code, err } = await run([path, bundle]);
    assert.equal(code, 0);
    assert.match(err, /empty\.tar\.gz could not be used/);
  });
  it('1 for a defect, without losing the stack', async () => {
    const io = { stdin: Readable.from([packed]) };
    const broken: Engine = {
      ...engineOf(reportOf('healthy')),
      analyze: () => {
        throw new TypeError('oops');
      },
    };
    let err = '';
    const code = await runCli(
      ['-'],
      {
        ...io,
        stdout: () => Promise.resolve(),
        stderr: (text) => {
          err += text;
        },
        stdoutIsTTY: false,
        columns: 80,
        env: {},
        now: () => new Date(0),
        signal: new AbortController().signal,
      },
      () => Promise.resolve(broken),
    );
    assert.equal(code, 1);
    assert.match(err, /oops/);
  });
  it('130 when interrupted while it waits for input', async () => {
    const silent = new Readable({ read: () => undefined });
    assert.equal((await run(['-'], reportOf('healthy'), { stdin: silent, signal: AbortSignal.timeout(50) })).code, 130);
  });
  it('0 for help and version', async () => {
    const help = await run(['--help']);
    assert.equal(help.code, 0);
    assert.match(help.out, /--fail-on/);
    assert.match((await run(['--version'])).out, /^\d+\.\d+\.\d+\n$/);
  });
});

describe('the program', () => {
  const program = (args: string[], input?: Uint8Array): Promise<AnalyzerRun> =>
    new Promise((resolve, reject) => {
      const child = spawn(process.execPath, [join(packageRoot, 'dist', 'analyzer', 'main.js'), ...args], {
        timeout: 30_000,
      });
      let [out, err] = ['', ''];
      child.stdout.on('data', (chunk) => {
        out += chunk;
      });
      child.stderr.on('data', (chunk) => {
        err += chunk;
      });
      child.on('error', reject);
      child.on('close', (code) => resolve({ code: code ?? -1, out, err }));
      child.stdin.on('error', () => undefined);
      child.stdin.end(input);
    });
  it('refuses a bundle from a pipe with the documented code', async () => {
    const { code, err, out } = await program(['-'], Buffer.from('text\n'));
    assert.deepEqual([code, out], [6, '']);
    assert.match(err, /neither/);
  });
  /** Exit code after one SIGINT sent `delayMs` after the start; null when the program was not yet listening for it. */
  const interrupted = (delayMs: number): Promise<number | null> =>
    new Promise((resolve, reject) => {
      const child = spawn(process.execPath, [join(packageRoot, 'dist', 'analyzer', 'main.js'), '-'], {
        timeout: 60_000,
        killSignal: 'SIGKILL',
      });
      const timer = setTimeout(() => child.kill('SIGINT'), delayMs);
      child.on('error', reject);
      child.on('close', (code, signal) => {
        clearTimeout(timer);
        if (signal === 'SIGKILL') reject(new Error('still running after a minute'));
        else resolve(code);
      });
      child.stdin.on('error', () => undefined);
      // The start of a gzip and nothing more: it now waits.
      child.stdin.write(packed.subarray(0, 10));
    });
  it('stops with 130 at SIGINT', async () => {
    let code: number | null = null;
    for (const delayMs of [1000, 5000, 20_000]) code ??= await interrupted(delayMs);
    assert.equal(code, 130);
  });
});
