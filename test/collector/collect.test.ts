import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { collect } from '../../collector/collect.js';
import { OutputError, UsageError } from '../../collector/errors.js';
import { ProbeError } from '../../collector/probe.js';
import { type Manifest, validate } from '../../schemas/index.js';
import {
  fakeIo,
  fakeMember,
  fakeOptions,
  fakeStatus,
  fakeWiring,
  hang,
  memberIds,
  sink,
  statusProbe,
  textProbe,
  withDirectory,
} from './fake-wiring.js';
import { readArchive, textOf } from './read-archive.js';

const three = [fakeMember(0), fakeMember(1), fakeMember(2)];
const healthy = statusProbe(async ({ target }) => fakeStatus(target.id));

const checkSum = (manifest: Manifest): void => {
  const counted = Object.values(manifest.completeness.states).reduce((sum, count) => sum + count, 0);
  assert.equal(counted, manifest.completeness.planned);
  assert.equal(manifest.items.length, manifest.completeness.planned);
  assert.equal(new Set(manifest.items.map(({ id }) => id)).size, manifest.items.length);
};

const pathIn = (outcome: { path?: string }): string => {
  assert.ok(outcome.path !== undefined);
  return outcome.path;
};

test('a complete run: exit 0, order, hashes, mode and schema of the bundle, 64-bit values whole', () =>
  withDirectory(async (directory) => {
    const wiring = fakeWiring({ members: three }, [healthy]);
    const outcome = await collect(fakeOptions({ rounds: 2, windowMs: 300, output: `${directory}/` }), fakeIo(wiring));
    assert.equal(outcome.exitCode, 0);
    const path = pathIn(outcome);
    assert.equal((await stat(path)).mode & 0o777, 0o600);
    assert.match(path, /etcd-evidence_cluster-cdf81819_\d{8}T\d{6}Z_[0-9a-f]{8}\.tar\.gz$/);
    assert.deepEqual(await readdir(directory), [path.slice(directory.length + 1)]);

    const files = await readArchive(path);
    assert.equal(files[0]?.path, 'bundle.json');
    assert.equal(files.at(-2)?.path, 'manifest.json');
    assert.equal(files.at(-1)?.path, 'SHA256SUMS');
    assert.ok(files.every(({ root, mode }) => root === outcome.name && mode === 0o600));
    const sums = textOf(files, 'SHA256SUMS').trimEnd().split('\n');
    assert.equal(sums.length, files.length - 1);
    for (const line of sums) {
      const [hash, name] = line.split('  ');
      assert.equal(
        createHash('sha256')
          .update(textOf(files, name ?? ''))
          .digest('hex'),
        hash,
      );
    }

    const manifest = JSON.parse(textOf(files, 'manifest.json')) as unknown;
    const checked = validate('manifest', manifest);
    assert.ok(checked.ok, checked.ok ? '' : checked.errors.join('; '));
    const header = validate('bundle', JSON.parse(textOf(files, 'bundle.json')));
    assert.ok(header.ok);
    checkSum(checked.value);
    assert.equal(checked.value.endReason, 'finished');
    assert.deepEqual(
      checked.value.synchronisation.map(({ round, skewMs }) => [round, Object.keys(skewMs).length]),
      [
        [0, 3],
        [1, 3],
      ],
    );
    assert.deepEqual(checked.value.used.requests[memberIds[0]], { once: 2, '0': 2 });
    const status = JSON.parse(textOf(files, `members/${memberIds[1]}/endpoint-status-1.json`)) as Record<
      string,
      unknown
    >;
    assert.equal(status.raftIndex, '18446744073709551615');
    assert.equal(status.revision, '9007199254740993');
    assert.ok(wiring.closed());
  }));

test('members that hang cost one item timeout in all, and the others stay whole', () =>
  withDirectory(async (directory) => {
    const members = three;
    const hung = new Set<string>([memberIds[1], memberIds[2]]);
    const answer = <T>(value: (id: string) => T) => statusOrHang(hung, value);
    const probes = [
      statusProbe(answer((id) => fakeStatus(id))),
      ...Array.from({ length: 2 }, (_, index) =>
        textProbe(
          index === 0 ? 'metrics' : 'server-log',
          'once',
          answer(() => 'text'),
        ),
      ),
    ];
    const wiring = fakeWiring({ members }, probes);
    const begin = performance.now();
    const outcome = await collect(fakeOptions({ itemTimeoutMs: 1000, output: `${directory}/` }), fakeIo(wiring));
    const elapsed = performance.now() - begin;
    // One item timeout and a second; three would be the sum of the hung items of one member.
    assert.ok(elapsed < 2900, `${elapsed} ms`);
    assert.equal(outcome.exitCode, 3);
    const stateOf = (id: string): string | undefined => outcome.manifest.items.find((item) => item.id === id)?.state;
    assert.equal(stateOf(`endpoint-status@${memberIds[0]}#0`), 'ok');
    assert.equal(stateOf(`metrics@${memberIds[0]}`), 'ok');
    assert.equal(stateOf(`endpoint-status@${memberIds[1]}#0`), 'timeout');
    assert.equal(stateOf(`endpoint-status@${memberIds[2]}#0`), 'timeout');
    const reachable = outcome.manifest.targets
      .filter(({ kind }) => kind === 'member')
      .map((target) => target.reachable);
    assert.deepEqual(reachable, [true, false, false]);
    checkSum(outcome.manifest);
    const files = await readArchive(pathIn(outcome));
    const gap = JSON.parse(textOf(files, `members/${memberIds[1]}/endpoint-status-0.json.error.json`)) as {
      state: string;
    };
    assert.equal(gap.state, 'timeout');
  }));

const statusOrHang =
  <T>(hung: ReadonlySet<string>, value: (id: string) => T) =>
  (context: Parameters<typeof hang>[0] & { target: { id: string } }): Promise<T> =>
    hung.has(context.target.id) ? hang(context) : Promise.resolve(value(context.target.id));

test('no member answers: exit 4 and a bundle', () =>
  withDirectory(async (directory) => {
    const refuse = statusProbe(() => Promise.reject(new ProbeError('unreachable', 'connection-refused', 'refused')));
    const outcome = await collect(
      fakeOptions({ output: join(directory, 'x.tar.gz') }),
      fakeIo(fakeWiring({ members: three }, [refuse])),
    );
    assert.equal(outcome.exitCode, 4);
    assert.equal(outcome.path, join(directory, 'x.tar.gz'));
    const access = textOf(await readArchive(pathIn(outcome)), 'collection/access.json');
    assert.match(access, /"deniedBy": "network"/);
  }));

for (const [stop, exitCode] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const) {
  test(`${stop} in the window: exit ${exitCode}, a partial bundle, every planned item accounted for`, () =>
    withDirectory(async (directory) => {
      const controller = new AbortController();
      const io = fakeIo(fakeWiring({ members: three }, [healthy]), {
        signal: controller.signal,
        emit: ({ event }) => {
          if (event === 'round') controller.abort(stop);
        },
      });
      const outcome = await collect(fakeOptions({ rounds: 4, windowMs: 30_000, output: `${directory}/` }), io);
      assert.equal(outcome.exitCode, exitCode);
      assert.equal(outcome.manifest.endReason, 'signal');
      assert.equal(outcome.manifest.completeness.states['skipped-by-user'], 9);
      checkSum(outcome.manifest);
      await readArchive(pathIn(outcome));
    }));
}

test('the budget ends the run: skipped-by-budget, exit 3', () =>
  withDirectory(async (directory) => {
    const io = fakeIo(fakeWiring({ members: three }, [healthy]));
    const outcome = await collect(
      fakeOptions({ rounds: 3, windowMs: 60_000, budgetMs: 1000, output: `${directory}/` }),
      io,
    );
    assert.equal(outcome.exitCode, 3);
    assert.equal(outcome.manifest.endReason, 'budget');
    assert.equal(outcome.manifest.completeness.states['skipped-by-budget'], 6);
    checkSum(outcome.manifest);
  }));

test('a broken probe, a wrong shape and an unredactable part cost only themselves', () =>
  withDirectory(async (directory) => {
    const probes = [
      statusProbe(async ({ target }) =>
        target.id === memberIds[0] ? fakeStatus(target.id, { leader: 'nobody' }) : fakeStatus(target.id),
      ),
      textProbe('metrics', 'once', () => Promise.reject(new TypeError('x is not a function'))),
      textProbe('server-log', 'after', async () => 42 as unknown as string),
    ];
    const outcome = await collect(
      fakeOptions({ output: `${directory}/` }),
      fakeIo(fakeWiring({ members: three }, probes)),
    );
    const itemOf = (id: string) => outcome.manifest.items.find((item) => item.id === id);
    assert.deepEqual(
      [itemOf(`endpoint-status@${memberIds[0]}#0`)?.reason, itemOf(`endpoint-status@${memberIds[1]}#0`)?.state],
      ['schema-mismatch', 'ok'],
    );
    assert.equal(itemOf(`metrics@${memberIds[0]}`)?.reason, 'unexpected');
    assert.equal(itemOf(`server-log@${memberIds[0]}`)?.state, 'withheld');
    assert.equal(itemOf(`server-log@${memberIds[0]}`)?.reason, 'redaction-failed');
    checkSum(outcome.manifest);
  }));

test('secrets in answers, errors and flags reach no byte of the bundle', () =>
  withDirectory(async (directory) => {
    const secret = 'hunter2hunter2';
    const probes = [
      statusProbe(() =>
        Promise.reject(new ProbeError('failed', 'unexpected', `http://root:${secret}@10.0.0.1 refused`)),
      ),
      textProbe('server-log', 'once', async () => `line one\n{"msg":"x","password":"${secret}"}\nlast line`),
    ];
    const options = fakeOptions({ output: `${directory}/`, invocationFlags: { endpoints: `http://u:${secret}@h:1` } });
    const outcome = await collect(options, fakeIo(fakeWiring({ members: three }, probes)));
    const files = await readArchive(pathIn(outcome));
    for (const { path, content } of files) assert.ok(!content.includes(secret), path);
    assert.equal(
      textOf(files, `members/${memberIds[0]}/logs/server.log`),
      'line one\n{"msg":"x","password":"[secret removed]"}\nlast line',
    );
    assert.equal(outcome.manifest.items.find(({ kind }) => kind === 'server-log')?.redactions, 1);
  }));

test('discovery that never ends leaves the seeds as targets', () =>
  withDirectory(async (directory) => {
    const wiring = { ...fakeWiring({}, [healthy]), discover: () => new Promise<never>(() => undefined) };
    const outcome = await collect(fakeOptions({ itemTimeoutMs: 200, output: `${directory}/` }), fakeIo(wiring));
    assert.deepEqual(
      outcome.manifest.targets.filter(({ kind }) => kind === 'member').map(({ id }) => id),
      ['endpoint-10.0.0.1_2379'],
    );
  }));

test('the output is checked before the run; a usage error of discovery passes through', () =>
  withDirectory(async (directory) => {
    let wired = false;
    const wiring = fakeWiring({}, []);
    const io = fakeIo(wiring, {
      wire: () => {
        wired = true;
        return wiring;
      },
    });
    const existing = join(directory, 'taken.tar.gz');
    await writeFile(existing, 'evidence');
    for (const output of [existing, join(directory, 'no', 'such', 'x.tar.gz')]) {
      await assert.rejects(
        collect(fakeOptions({ output }), io),
        (error) => error instanceof OutputError && error.path.startsWith(directory),
      );
    }
    assert.equal(wired, false);
    const unclear = fakeOptions({ output: `${directory}/`, logs: [{ file: '/var/log/etcd.log' }] });
    const two = fakeIo(fakeWiring({ members: three }, []));
    await assert.rejects(
      collect(unclear, two),
      (error) => error instanceof UsageError && /m1, m2, m3/.test(error.advice ?? ''),
    );
  }));

test('- streams the archive to stdout', async () => {
  const out = sink();
  const io = fakeIo(fakeWiring({ members: three }, [healthy]), { stdout: out.stream });
  const outcome = await collect(fakeOptions({ output: '-' }), io);
  assert.equal(outcome.path, undefined);
  await withDirectory(async (directory) => {
    const copy = join(directory, 'copy.tar.gz');
    await writeFile(copy, out.bytes());
    assert.equal((await readArchive(copy)).at(-1)?.path, 'SHA256SUMS');
  });
});
