import assert from 'node:assert/strict';
import { test } from 'node:test';
import { recordOptionsFrom } from '../../../collector/cli/record-options.js';
import { parseArguments } from '../../../collector/cli/parse.js';
import { conditionHelp, type MemberRound, parseCondition } from '../../../collector/record/condition.js';
import { bucketsOf } from '../../../collector/record/observe.js';
import { UsageError } from '../../../collector/errors.js';

const none = '0'.repeat(16);
const [a, b] = ['000000000000000a', '000000000000000b'];
const fsync = 'etcd_disk_wal_fsync_duration_seconds';

const member = (id: string, over: Partial<MemberRound> = {}): MemberRound => ({
  id,
  answered: true,
  leader: a,
  raftTerm: 2n,
  dbSize: 20480n,
  histograms: {},
  ...over,
});
const silent = (id: string): MemberRound => ({ id, answered: false, histograms: {} });

/** Feeds rounds to a condition; true for each that met it. */
const met = (text: string, rounds: readonly (readonly MemberRound[])[]): boolean[] => {
  const condition = parseCondition(text);
  return rounds.map((members) => condition.observe({ members }) !== undefined);
};

const histogram = (...counts: number[]): MemberRound => {
  const bounds = [0.064, 0.128, 0.256, Number.POSITIVE_INFINITY];
  let sum = 0;
  const buckets = bounds.map((bound, index): readonly [number, number] => {
    sum += counts[index] ?? 0;
    return [bound, sum];
  });
  return member(a, { histograms: { [fsync]: buckets } });
};

test('leader-change: another leader in the same or a later term, not the old one of a cut-off member', () => {
  const old = member(b, { leader: b, raftTerm: 1n });
  assert.deepEqual(met('leader-change', [[member(a)], [member(a)], [member(a, { leader: b, raftTerm: 3n })]]), [
    false,
    false,
    true,
  ]);
  assert.deepEqual(met('leader-change', [[member(a), old], [old], [member(a), old]]), [false, false, false]);
  // A time without a leader does not hide the change; being elected again is none.
  const blank = member(a, { leader: none, raftTerm: 3n });
  assert.deepEqual(met('leader-change', [[member(a)], [blank], [member(a, { leader: b, raftTerm: 4n })]]).at(-1), true);
  assert.deepEqual(met('leader-change', [[member(a)], [blank], [member(a, { raftTerm: 4n })]]).at(-1), false);
  assert.deepEqual(met('leader-change', [[silent(a)], [member(a)]]), [false, false]);
});

test('no-leader: a member that answers and knows none; silence says nothing', () => {
  assert.deepEqual(met('no-leader', [[member(a)], [silent(a)], [member(a), member(b, { leader: none })]]), [
    false,
    false,
    true,
  ]);
});

test('member-down: answered before, then silent for two rounds; reported once', () => {
  const up = [member(a), member(b)];
  const down = [member(a), silent(b)];
  assert.deepEqual(met('member-down', [up, down, up, down, down, down]), [false, false, false, false, true, false]);
  assert.deepEqual(met('member-down', [down, down, down]), [false, false, false]);
});

test('db-size: larger than, not as large as; beyond 2^53', () => {
  const sizes = [2n ** 31n, 2n ** 31n + 1n, 2n ** 60n + 1n];
  assert.deepEqual(
    met(
      'db-size>2GiB',
      sizes.map((dbSize) => [member(a, { dbSize })]),
    ),
    [false, true, true],
  );
});

test('fsync-p99: a share above 1 % that is provably above the limit, of enough observations', () => {
  const start = histogram(1000, 0, 0, 0);
  // 1 of 100 is not more than 1 %; 2 of 100 are.
  assert.deepEqual(met('fsync-p99>128ms', [[start], [histogram(1099, 0, 1, 0)]]), [false, false]);
  assert.deepEqual(met('fsync-p99>128ms', [[start], [histogram(1098, 0, 2, 0)]]), [false, true]);
  // What lies in the bucket of the limit may be below it.
  assert.deepEqual(met('fsync-p99>100ms', [[start], [histogram(1000, 50, 0, 0)]]), [false, false]);
  assert.deepEqual(met('fsync-p99>1s', [[start], [histogram(1000, 0, 0, 500)]]), [false, false]);
  // Slow before the recording began is not slow now.
  assert.deepEqual(met('fsync-p99>128ms', [[histogram(10, 0, 0, 900)], [histogram(110, 0, 0, 900)]]), [false, false]);
});

test('fsync-p99: few observations wait for more, and a restart begins anew', () => {
  const rounds = [histogram(100), histogram(100, 0, 4), histogram(100, 0, 8), histogram(100, 0, 12)].map((m) => [m]);
  assert.deepEqual(met('fsync-p99>128ms', rounds), [false, false, false, true]);
  const restarted = [histogram(1000), histogram(5, 0, 5), histogram(100, 0, 5), histogram(100, 0, 25)].map((m) => [m]);
  assert.deepEqual(met('fsync-p99>128ms', restarted), [false, false, false, true]);
});

test('buckets are read from a scrape, and nothing else', () => {
  const text = `# HELP x\n${fsync}_bucket{le="0.001"} 5\n${fsync}_bucket{le="+Inf"} 1.2e+06\n${fsync}_count 7\n${fsync}_bucket{le="x"} 1\nother_bucket{le="1"} 3\n`;
  assert.deepEqual(bucketsOf(text, [fsync]), {
    [fsync]: [
      [0.001, 5],
      [Number.POSITIVE_INFINITY, 1_200_000],
    ],
  });
  assert.deepEqual(bucketsOf('', [fsync]), { [fsync]: [] });
  assert.equal(bucketsOf(`\n${fsync}_bucket{le="0.1"} 5`.repeat(10_000), [fsync])[fsync]?.length, 200);
});

test('every condition of --help is understood; what is none is refused with the list', () => {
  for (const [example] of conditionHelp) assert.equal(parseCondition(example).text, example);
  assert.equal(parseCondition(' db-size > 512M ').text, 'db-size > 512M');
  for (const wrong of [
    '',
    'leader',
    'leader-change>1',
    'fsync-p99',
    'fsync-p99>100',
    'fsync-p99>0ms',
    'db-size>x',
    'db-size<1G',
    'x>1',
  ])
    assert.throws(() => parseCondition(wrong), UsageError, wrong);
});

test('the command line of record and seal', async () => {
  const options = async (...args: string[]) => {
    const parsed = await parseArguments(['record', ...args], '1');
    assert.equal(parsed.command, 'record');
    return recordOptionsFrom(parsed.command === 'record' ? parsed.flags : {}, {});
  };
  const { intervalMs, keepMs, afterMs, ringBytes, until, forMs, resume } = await options();
  assert.deepEqual(
    { intervalMs, keepMs, afterMs, ringBytes, until, forMs, resume },
    {
      intervalMs: 5000,
      keepMs: 600_000,
      afterMs: 30_000,
      ringBytes: 64 << 20,
      until: [],
      forMs: undefined,
      resume: false,
    },
  );
  const given = await options('--until', 'no-leader', '--until', 'db-size>1G', '--after', '10s', '--for', '1h');
  assert.deepEqual(
    given.until.map(({ text }) => text),
    ['no-leader', 'db-size>1G'],
  );
  assert.deepEqual([given.afterMs, given.forMs], [10_000, 3_600_000]);
  for (const wrong of [
    ['--rounds', '3'],
    ['--quick'],
    ['--interval', '10ms'],
    ['--after', '10s'],
    ['--ring-bytes', '1K'],
    ['--ring', 'x', '--resume', 'y'],
    ['--resume', '/does/not/exist'],
    ['--until', 'nonsense'],
  ])
    await assert.rejects(options(...wrong), UsageError, wrong.join(' '));
  await assert.rejects(parseArguments(['run', '--until', 'no-leader'], '1'), /does not belong to run/);
  const seal = await parseArguments(['seal', '007', '-o', 'x'], '1');
  assert.deepEqual(seal.command === 'seal' && seal.ring, '007');
  await assert.rejects(parseArguments(['seal'], '1'), UsageError);
});
