import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { groupCases, type Extent } from '../../../analyzer/bundle/group.js';
import { type TriageRow, worstCode } from '../../../analyzer/triage/row.js';
import { textTable } from '../../../analyzer/triage/table.js';
import { packageRoot } from '../../../schemas/index.js';
import { bundleFiles, packBundle, tarGz } from '../../support/bundle-archive.js';
import type { FakeArtifact } from '../../support/fake-case.js';
import { fakeId, FAKE_START } from '../../support/fake-case.js';
import { packedFixture } from '../../support/fixture-pairs.js';

interface Run {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
  /** Largest resident set of the process, MiB; 0 where the system does not say. */
  readonly peakMiB: number;
}

/** `etcd-analyze` as a process of its own, with its peak of memory. */
const run = (...args: readonly string[]): Promise<Run> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(packageRoot, 'dist/analyzer/main.js'), ...args]);
    let [out, err, peakMiB] = ['', '', 0];
    child.stdout.on('data', (chunk: Buffer) => {
      out += chunk.toString();
    });
    child.stderr.on('data', (chunk: Buffer) => {
      err += chunk.toString();
    });
    const watch = setInterval(() => {
      void readFile(`/proc/${child.pid}/status`, 'utf8').then(
        (status) => {
          peakMiB = Math.max(peakMiB, Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? 0) / 1024);
        },
        () => undefined,
      );
    }, 50);
    child.on('error', reject);
    child.on('close', (code) => {
      clearInterval(watch);
      resolve({ code, out, err, peakMiB });
    });
  });

const rowsOf = ({ out }: Run): TriageRow[] =>
  out
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as TriageRow);

const hex = (n: number, width: number): string => n.toString(16).padStart(width, '0');

const status = (clusterId: string): FakeArtifact => ({
  kind: 'endpoint-status',
  of: 'm1',
  round: 0,
  value: {
    memberId: fakeId(0),
    clusterId,
    revision: '1',
    version: '3.5.16',
    dbSize: '1',
    leader: fakeId(0),
    raftIndex: '1',
    raftTerm: '2',
    errors: [],
    isLearner: false,
    elapsedMs: 1,
  },
});

/** A small bundle of a cluster of its own. */
const small = (
  n: number,
  more: { readonly cluster?: number; readonly host?: string; readonly at?: number } = {},
): Buffer =>
  packBundle(
    bundleFiles({
      bundleId: hex(n + 1, 32),
      createdAt: more.at ?? FAKE_START,
      artifacts: [status(hex(0xabc000 + (more.cluster ?? n), 16))],
      ...(more.host === undefined ? {} : { vantageHost: more.host }),
    }),
  );

describe('a directory of several hundred cases', () => {
  let directory = '';
  let result: Run;
  const SMALL = 200;
  const WHOLE = 6;
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'etcd-triage-'));
    for (let i = 0; i < SMALL; i += 1) await writeFile(join(directory, `case-${hex(i, 4)}.tar.gz`), small(i));
    // Whole ones, so that keeping them would show: some 10 MiB each once parsed.
    for (let i = 0; i < WHOLE; i += 1)
      await writeFile(
        join(directory, `copy-${hex(i, 4)}.tar.gz`),
        packedFixture('dead-follower-3.6', (text) =>
          text
            .replaceAll('bf5891a906f47c5d', hex(0xdef000 + i, 16))
            .replace(/"bundleId": ?"[0-9a-f]{32}"/g, `"bundleId": "${hex(0xdef000 + i, 32)}"`),
        ),
      );
    for (const id of ['slow-fsync-leader-3.5', 'healthy-3.4', 'nospace-3.4'])
      await writeFile(join(directory, `real-${id}.tar.gz`), packedFixture(id));
    await writeFile(join(directory, 'x-cut.tar.gz'), packedFixture('dead-follower-3.6').subarray(0, 40_000));
    await writeFile(join(directory, 'x-empty.tar.gz'), '');
    await writeFile(join(directory, 'x-foreign.tgz'), tarGz([{ name: 'hello.txt', content: 'hello' }]));
    await writeFile(
      join(directory, 'x-link.tar'),
      tarGz([{ name: 'a/bundle.json', type: '2', linkName: '/etc/passwd' }]),
    );
    result = await run('triage', '--jobs', '2', '--format', 'jsonl', directory);
  });
  after(() => rm(directory, { recursive: true, force: true }));

  it('is one row for each, in the order of the files', () => {
    const rows = rowsOf(result);
    assert.equal(rows.length, SMALL + WHOLE + 7);
    const files = rows.map(({ files: [first] }) => first ?? '');
    assert.deepEqual(files, [...files].sort());
  });
  it('has verdict and cause of each real case', () => {
    const real = new Map(rowsOf(result).map((row) => [row.case.replace(/^.*real-|\.tar\.gz$/g, ''), row]));
    assert.equal(real.get('healthy-3.4')?.verdict, 'healthy');
    assert.deepEqual(
      [real.get('slow-fsync-leader-3.5')?.cause?.rule, real.get('slow-fsync-leader-3.5')?.cause?.subjects],
      ['disk-slow-device', ['m2']],
    );
    assert.equal(real.get('nospace-3.4')?.verdict, 'intervene-now');
  });
  it('makes a row with its error of what is damaged or hostile, and goes on', () => {
    const bad = new Map(rowsOf(result).map((row) => [row.case.replace(/^.*\//, ''), row]));
    assert.match(bad.get('x-cut.tar.gz')?.problems.join() ?? '', /ends|truncated|cut/i);
    for (const [name, code] of [
      ['x-empty.tar.gz', 6],
      ['x-foreign.tgz', 6],
      ['x-link.tar', 5],
    ] as const) {
      assert.equal(bad.get(name)?.verdict, null, name);
      assert.notEqual(bad.get(name)?.error, null, name);
      assert.equal(bad.get(name)?.exitCode, code, name);
    }
  });
  it('ends with the worst code, says how far it is, and stays within its memory', (context) => {
    assert.equal(result.code, 3, result.err);
    assert.match(result.err, /read 213 of 213\n/);
    assert.match(result.err, /analysed 213 of 213\n/);
    context.diagnostic(`peak ${Math.round(result.peakMiB)} MiB`);
    // Two threads with a real case each and the program itself; a triage that kept what it has read would need several times as much.
    assert.ok(result.peakMiB < 600, `${result.peakMiB} MiB`);
  });
});

describe('cases of several bundles', () => {
  const extent = (n: number, clusterId: string, from: number, vantage: string | undefined, seconds = 45): Extent => ({
    bundleId: hex(n, 32),
    clusterIds: clusterId === '' ? [] : [clusterId],
    from: from * 1000,
    to: (from + seconds) * 1000,
    vantage,
  });
  const grouped = (...extents: readonly Extent[]): number[][] =>
    groupCases(extents, (each) => each).map((group) => group.map(({ bundleId }) => Number.parseInt(bundleId, 16)));

  it('are those of one cluster that overlap, or follow node by node', () => {
    assert.deepEqual(grouped(extent(1, 'a', 0, 'h1'), extent(2, 'b', 0, 'h1'), extent(3, 'a', 20, 'h2')), [
      [1, 3],
      [2],
    ]);
    assert.deepEqual(grouped(extent(1, 'a', 0, 'h1'), extent(2, 'a', 300, 'h2')), [[1, 2]]);
  });
  it('end where a node collects again, after a long pause, and without a cluster id', () => {
    assert.deepEqual(grouped(extent(1, 'a', 0, 'h1'), extent(2, 'a', 300, 'h1')), [[1], [2]]);
    assert.deepEqual(grouped(extent(1, 'a', 0, 'h1'), extent(2, 'a', 3600, 'h2')), [[1], [2]]);
    assert.deepEqual(grouped(extent(1, '', 0, 'h1'), extent(2, '', 0, 'h2')), [[1], [2]]);
    assert.deepEqual(grouped(extent(1, 'a', 0, undefined), extent(2, 'a', 300, 'h2')), [[1], [2]]);
  });
  it('keep a bundle that is there twice in one case', () => {
    assert.deepEqual(grouped(extent(1, '', 0, 'h1'), extent(1, '', 0, 'h1')), [[1, 1]]);
  });
  it('become one row, and a sub-directory is looked into', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'etcd-triage-'));
    try {
      await mkdir(join(directory, 'incident'));
      await writeFile(join(directory, 'incident', 'a.tar.gz'), small(1, { cluster: 7, host: 'host-a' }));
      await writeFile(join(directory, 'incident', 'b.tar.gz'), small(2, { cluster: 7, host: 'host-b' }));
      await writeFile(
        join(directory, 'c.tar.gz'),
        small(3, { cluster: 7, host: 'host-a', at: FAKE_START + 86_400_000 }),
      );
      // A link to a bundle is one; a link to a directory could lead anywhere, also in a circle.
      await symlink(join(directory, 'incident'), join(directory, 'circle'));
      await writeFile(join(directory, 'elsewhere'), small(4, { cluster: 8 }));
      await symlink(join(directory, 'elsewhere'), join(directory, 'link.tgz'));
      const { out } = await run('triage', directory);
      assert.match(out, /^\| link\.tgz \|/m);
      assert.match(out, /^\| a\.tar\.gz \+ 1 more \|/m);
      assert.match(out, /^\| c\.tar\.gz \|/m);
      assert.equal(out.trim().split('\n').length, 5);
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  });
});

describe('triage', () => {
  it('says what is wrong with its arguments', async () => {
    for (const [args, words] of [
      [['/nowhere/at/all'], /there is no such file/],
      [[packageRoot, '--jobs', '0'], /no number of threads/],
      [[join(packageRoot, 'docs')], /No bundle is below/],
      [['-'], /not standard input/],
    ] as const) {
      const { code, err } = await run('triage', ...args);
      assert.equal(code, 2, err);
      assert.match(err, words);
    }
  });
  it('takes the worst code of all cases', () => {
    assert.equal(worstCode([0, 4, 8]), 8);
    assert.equal(worstCode([6, 3, 5]), 3);
    assert.equal(worstCode([3, 1]), 1);
    assert.equal(worstCode([0, 0]), 0);
    assert.equal(worstCode([]), 0);
  });
  it('lines its columns up on a terminal', () => {
    const row: TriageRow = {
      case: 'dir/a.tar.gz',
      files: ['dir/a.tar.gz'],
      clusterIds: [],
      from: '2026-11-22T10:00:00Z',
      to: null,
      verdict: 'healthy',
      headline: '',
      cause: null,
      causes: 0,
      members: { total: 3, answered: 3 },
      bytes: 2048,
      problems: ['one', 'two'],
      error: null,
      exitCode: 0,
    };
    const [head, line] = textTable([row]).split('\n');
    assert.equal(head?.indexOf('Verdict'), line?.indexOf('healthy'));
    assert.match(line ?? '', /3 of 3 .*2.KiB.*one \(and 1 more\)/);
  });
});
