import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { getPriority } from 'node:os';
import { stat } from 'node:fs/promises';
import { test } from 'node:test';
import { collect } from '../../collector/collect.js';
import { createPriorityKeeper, type PriorityKeeper, type Resource } from '../../collector/priority.js';
import { runCommand } from '../../collector/ports/command.js';
import { ProbeError } from '../../collector/probe.js';
import type { UsageArtifact } from '../../schemas/index.js';
import { onPath } from '../support/tools.js';
import { fakeIo, fakeMember, fakeOptions, fakeStatus, fakeWiring, statusProbe, withDirectory } from './fake-wiring.js';
import { readArchive, textOf } from './read-archive.js';

// Node runs every test file in a process of its own: these tests lower the priority of this one.
const threads = (): number[] => readdirSync('/proc/self/task').map(Number);
const skip = process.platform === 'linux' ? false : 'nice values of threads are those of Linux';

/** The machine of the tests may be short of anything. */
const quiet = (): readonly Resource[] => [];

test('on a host that is short of something the collector keeps its place', async () => {
  const asked: string[] = [];
  const keeper = (...short: readonly Resource[]): PriorityKeeper =>
    createPriorityKeeper(
      (file) => {
        asked.push(file);
        return Promise.reject(new Error('not to be asked'));
      },
      () => short,
    );
  const before = getPriority();
  assert.deepEqual(await keeper('cpu', 'io').lower(), {
    nice: before,
    ioClass: 'unchanged',
    shortOf: ['cpu', 'io'],
  });
  assert.deepEqual(asked, []);
});

test('without ionice: every thread gets the nice value, the I/O class stays, nothing is thrown', { skip }, async () => {
  // Starts the pool that reads files.
  await stat('/');
  const asked: (readonly string[])[] = [];
  const keeper = createPriorityKeeper(async (file, args) => {
    asked.push([file, ...args]);
    throw new ProbeError('failed', 'file-missing', 'ionice is not installed here');
  }, quiet);
  assert.deepEqual(await keeper.lower(), { nice: 10, ioClass: 'unchanged' });
  assert.ok(threads().length > 4, 'there are more threads than the first');
  for (const thread of threads()) assert.equal(getPriority(thread), 10, `thread ${thread}`);
  await keeper.beforeWriting();
  assert.equal(asked.length, 1, 'what was not lowered is not lifted');
  assert.deepEqual(asked[0]?.slice(0, 4), ['ionice', '--class', 'idle', '--pid']);
});

test('a process that was started with less keeps it', { skip }, async () => {
  const code = `
    const { createPriorityKeeper } = await import(${JSON.stringify(new URL('../../collector/priority.js', import.meta.url).href)});
    const fail = () => Promise.reject(new Error('none'));
    console.log(JSON.stringify(await createPriorityKeeper(fail, () => []).lower()));`;
  const ran = spawnSync('nice', ['-n', '15', process.execPath, '--input-type=module', '-e', code], {
    encoding: 'utf8',
  });
  const { nice } = JSON.parse(ran.stdout) as { nice: number };
  assert.ok(nice >= 15, ran.stdout);
});

test('the real ionice: idle for every thread while it reads, lowest best-effort to write', {
  skip: skip || (onPath('ionice') === undefined ? 'no ionice here' : false),
}, async () => {
  await stat('/');
  const classes = (): string[] => {
    const said = spawnSync('ionice', ['--pid', ...threads().map(String)], { encoding: 'utf8' });
    return [
      ...new Set(
        said.stdout
          .trim()
          .split('\n')
          .map((line) => line.replace(/^\d+: /, '')),
      ),
    ];
  };
  const keeper = createPriorityKeeper(runCommand, quiet);
  assert.deepEqual(await keeper.lower(), { nice: 10, ioClass: 'idle' });
  assert.deepEqual(classes(), ['idle']);
  await keeper.beforeWriting();
  assert.deepEqual(classes(), ['best-effort: prio 7']);
});

const counting = (): PriorityKeeper & { readonly calls: string[] } => {
  const calls: string[] = [];
  return {
    calls,
    lower: async () => {
      calls.push('lower');
      return { nice: 10, ioClass: 'idle' };
    },
    beforeWriting: async () => {
      calls.push('beforeWriting');
    },
  };
};

const local = { pid: 1, startTicks: '1', executable: 'etcd', settings: {}, matchedBy: 'test' };

for (const [name, member, expected] of [
  ['a host with a member', fakeMember(0, { local }), { nice: 10, ioClass: 'idle' }],
  ['a host without one', fakeMember(0), undefined],
] as const) {
  test(`a run on ${name}: the usage artifact says what was done`, () =>
    withDirectory(async (directory) => {
      const priority = counting();
      const wiring = {
        ...fakeWiring({ members: [member] }, [statusProbe(async ({ target }) => fakeStatus(target.id))]),
        priority,
      };
      const { path } = await collect(fakeOptions({ output: `${directory}/` }), fakeIo(wiring));
      const usage = JSON.parse(textOf(await readArchive(path ?? ''), 'collection/usage.json')) as UsageArtifact;
      assert.deepEqual(usage.priority, expected);
      assert.equal(priority.calls.includes('lower'), expected !== undefined);
      // The footprint that people ask for before they let a tool near a sick cluster.
      for (const field of [
        'cpuUserMs',
        'cpuSystemMs',
        'maxRssBytes',
        'storageReadBytes',
        'storageWrittenBytes',
      ] as const)
        assert.equal(typeof usage[field], 'number', field);
      assert.deepEqual(usage.requests, { '8e9e05c52164694d': { once: 2, '0': 2 } });
    }));
}
