import assert from 'node:assert/strict';
import { chmod, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import type { AnyProbe } from '../../../collector/plan.js';
import { OutputError, UsageError } from '../../../collector/errors.js';
import { ProbeError } from '../../../collector/probe.js';
import { parseCondition } from '../../../collector/record/condition.js';
import { record, type RecordIo, type RecordOptions, sealRing } from '../../../collector/record/record.js';
import { diskIo } from '../../../collector/record/ring.js';
import { validate } from '../../../schemas/index.js';
import {
  fakeIo,
  fakeMember,
  fakeOptions,
  fakeStatus,
  fakeWiring,
  memberIds,
  statusProbe,
  textProbe,
  withDirectory,
} from '../fake-wiring.js';
import { readArchive, textOf } from '../read-archive.js';

const members = [fakeMember(0), fakeMember(1)];

const optionsIn = (directory: string, over: Partial<RecordOptions> = {}): RecordOptions => ({
  collect: fakeOptions({ output: join(directory, 'bundle.tar.gz') }),
  intervalMs: 20,
  keepMs: 600_000,
  ringBytes: 1 << 24,
  ring: join(directory, 'ring'),
  resume: false,
  until: [],
  afterMs: 50,
  ...over,
});

const ioOf = (probes: readonly AnyProbe[], over: Partial<RecordIo> = {}): RecordIo => ({
  ...fakeIo(fakeWiring({ members }, probes)),
  stop: new AbortController().signal,
  ...over,
});

/** Answers until the round given, then does as `later` says. */
const statusUntil = (round: number, later: (id: string) => ReturnType<typeof fakeStatus>): AnyProbe => {
  const asked = new Map<string, number>();
  return statusProbe(async ({ target }) => {
    const count = (asked.get(target.id) ?? 0) + 1;
    asked.set(target.id, count);
    return count <= round ? fakeStatus(target.id) : later(target.id);
  });
};

const config = textProbe('metrics', 'once', async () => 'up 1\n');

const noLeader = (id: string) => fakeStatus(id, { leader: '0'.repeat(16) });

test('until a condition: an ordinary bundle of all rounds and of what is read once; the ring is gone', () =>
  withDirectory(async (directory) => {
    const outcome = await record(
      optionsIn(directory, { until: [parseCondition('no-leader')] }),
      ioOf([statusUntil(4, noLeader), config]),
    );
    assert.equal(outcome.exitCode, 0);
    assert.equal(outcome.ring, undefined);
    assert.deepEqual(await readdir(directory), ['bundle.tar.gz']);
    const files = await readArchive(join(directory, 'bundle.tar.gz'));
    const checked = validate('manifest', JSON.parse(textOf(files, 'manifest.json')));
    assert.ok(checked.ok, checked.ok ? '' : checked.errors.join('; '));
    const { items, synchronisation, completeness, invocation } = checked.value;
    assert.equal(invocation.profile, 'record');
    // Four rounds before the condition, the one that met it, and at least one after it.
    assert.ok(synchronisation.length >= 6);
    assert.equal(completeness.planned, items.length);
    assert.equal(new Set(items.map(({ id }) => id)).size, items.length);
    assert.equal(items.filter(({ kind }) => kind === 'endpoint-status').length, 2 * synchronisation.length);
    assert.equal(items.filter(({ kind }) => kind === 'metrics').length, 2);
    const leaders = synchronisation.map(({ round }) => {
      const status = JSON.parse(textOf(files, `members/${memberIds[1]}/endpoint-status-${round}.json`)) as {
        leader: string;
      };
      return status.leader;
    });
    assert.deepEqual(leaders.slice(0, 4), Array<string>(4).fill(memberIds[0]));
    assert.equal(leaders.at(-1), '0'.repeat(16));
    assert.match(textOf(files, 'collection/log.jsonl'), /condition met.*no-leader/);
  }));

test('a member that is silent for ever fails its items in every round, and one line of the log says so', () =>
  withDirectory(async (directory) => {
    const deaf = statusProbe(async ({ target }) => {
      if (target.id === memberIds[1]) throw new ProbeError('unreachable', 'connection-refused', 'refused');
      return fakeStatus(target.id);
    });
    const stop = new AbortController();
    let rounds = 0;
    const write: typeof diskIo.write = async (path, parts) => {
      rounds += 1;
      if (rounds === 4) stop.abort();
      await diskIo.write(path, parts);
    };
    const io = ioOf([deaf], { stop: stop.signal, ring: { ...diskIo, write } });
    const outcome = await record(optionsIn(directory), io);
    assert.equal(outcome.exitCode, 3);
    const log = textOf(await readArchive(outcome.path ?? ''), 'collection/log.jsonl');
    assert.equal(outcome.manifest.synchronisation.length, 4);
    assert.equal(log.match(/connection-refused/g)?.length, 1);
  }));

test('the bundle cannot be written: the ring stays, and seal makes the bundle of it elsewhere', () =>
  withDirectory(async (directory) => {
    const place = join(directory, 'place');
    await mkdir(place);
    const stop = new AbortController();
    let rounds = 0;
    const io = ioOf([statusProbe(async ({ target }) => fakeStatus(target.id))], {
      stop: stop.signal,
      ring: {
        ...diskIo,
        write: async (path, parts) => {
          await diskIo.write(path, parts);
          rounds += 1;
          // Somebody else takes the name of the bundle in the meantime.
          if (rounds === 3) await writeFile(join(place, 'bundle.tar.gz'), 'taken').then(() => stop.abort());
        },
      },
    });
    const options = optionsIn(directory, { collect: fakeOptions({ output: join(place, 'bundle.tar.gz') }) });
    await assert.rejects(record(options, io), (error) => error instanceof OutputError && error.code === 'EEXIST');
    assert.equal(await readFile(join(place, 'bundle.tar.gz'), 'utf8'), 'taken');
    const ring = join(directory, 'ring');
    const left = (await readdir(ring)).filter((name) => name.endsWith('.ring')).length;
    assert.ok(left >= 3);

    // A new recording does not write over it.
    await assert.rejects(
      record(optionsIn(directory), ioOf([config])),
      (error) => error instanceof UsageError && /--resume/.test(error.advice ?? ''),
    );
    const sealed = await sealRing(
      ring,
      fakeOptions({ output: `${directory}/` }),
      fakeIo(fakeWiring({}, [statusProbe(async () => assert.fail('asked the cluster'))])),
    );
    assert.equal(sealed.exitCode, 0);
    assert.equal(sealed.manifest.synchronisation.length, left);
    assert.deepEqual(
      sealed.manifest.targets.filter(({ kind }) => kind === 'member').map(({ name, reachable }) => [name, reachable]),
      [
        ['m1', true],
        ['m2', true],
      ],
    );
    await assert.rejects(readdir(ring), { code: 'ENOENT' });
  }));

test('seal: what is no ring is refused with help', () =>
  withDirectory(async (directory) => {
    const io = fakeIo(fakeWiring({}, []));
    const refused = (path: string) => assert.rejects(sealRing(path, fakeOptions(), io), UsageError);
    await refused(join(directory, 'missing'));
    await refused(directory);
    for (const text of [
      '{"format":"etcd-evidence/ring/v1","members":[],"endpoints":[null],"hosts":[],"redact":"none"}',
      '',
      '{}',
      '[]',
      'null',
      '{"format":"etcd-evidence/ring/v1","members":[{}]}',
    ]) {
      await writeFile(join(directory, 'ring.json'), text);
      await chmod(directory, 0o700);
      await refused(directory);
    }
  }));

test('no room at all is told at once, not after hours', () =>
  withDirectory(async (directory) => {
    const io = ioOf([config, statusProbe(async ({ target }) => fakeStatus(target.id))], {
      ring: { ...diskIo, free: async () => 1000 },
    });
    await assert.rejects(
      record(optionsIn(directory), io),
      (error) => error instanceof OutputError && error.code === 'ENOSPC',
    );
    assert.deepEqual(await readdir(directory), []);
  }));

test('mode standard: the bundle of a recording has tokens, and seal makes the same ones from a ring that was left', () =>
  withDirectory(async (directory) => {
    const acme = [
      { ...fakeMember(0), name: 'cp-acme-1' },
      { ...fakeMember(1), name: 'cp-acme-2' },
    ];
    const seriesKey = join(directory, 'series.key');
    const log = textProbe('server-log', 'after', async () => 'lost peer cp-acme-2 at 10.0.0.2:2380 of zebra\n');
    const recorded = async (name: string, taken: boolean) => {
      const stop = new AbortController();
      let rounds = 0;
      const output = join(directory, `${name}.tar.gz`);
      const io: RecordIo = {
        ...fakeIo(fakeWiring({ members: acme }, [statusProbe(async ({ target }) => fakeStatus(target.id)), log])),
        stop: stop.signal,
        ring: {
          ...diskIo,
          write: async (path, parts) => {
            await diskIo.write(path, parts);
            rounds += 1;
            if (rounds !== 3) return;
            if (taken) await writeFile(output, 'taken');
            stop.abort();
          },
        },
      };
      const collect = fakeOptions({
        redact: 'standard',
        seriesKey,
        output,
        redactWords: ['zebra'],
        label: 'zebra-one',
      });
      return record(optionsIn(directory, { collect, ring: join(directory, `ring-${name}`) }), io);
    };
    const namesIn = ({ manifest }: Pick<Awaited<ReturnType<typeof record>>, 'manifest'>) =>
      manifest.targets.filter(({ kind }) => kind === 'member').map(({ name }) => name);
    const textIn = async (path = '') =>
      (await readArchive(path)).map((file) => `${file.root}/${file.path}\n${file.content.toString('utf8')}`).join('\n');

    const whole = await recorded('whole', false);
    assert.equal(whole.exitCode, 0);
    const text = await textIn(whole.path);
    assert.ok(!/acme|zebra|10\.0\.0\./i.test(text));
    assert.match(text, /lost peer name-[0-9a-f]{10} at ip4-private-[0-9a-f]{6}-[0-9a-f]{10}:2380 of word-[0-9a-f]{10}/);
    assert.equal(whole.privacy?.reveal(namesIn(whole)[0] ?? ''), 'cp-acme-1');

    await assert.rejects(recorded('cut', true), OutputError);
    // Neither key nor texts are named again: the ring remembers them.
    const sealed = await sealRing(
      join(directory, 'ring-cut'),
      fakeOptions({ redact: 'standard', output: join(directory, 'sealed.tar.gz') }),
      fakeIo(fakeWiring({}, [])),
    );
    assert.equal(sealed.manifest.redaction.mode, 'standard');
    assert.deepEqual(namesIn(sealed), namesIn(whole));
    assert.ok(!/acme|zebra|10\.0\.0\./i.test(await textIn(sealed.path)));
    assert.equal(sealed.manifest.redaction.keyFingerprint, whole.manifest.redaction.keyFingerprint);
  }));
