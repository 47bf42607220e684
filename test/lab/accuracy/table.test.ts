/** The record of a benchmark and what is made of it: stable text, tables of any part of the grid, and the floor. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ETCD_LINES } from '../../support/etcd-binaries.js';
import { committedFloor, type Floor, floorViolations } from './floor.js';
import { markdownPage } from './page.js';
import { type AccuracyFile, accuracyText, merged, parseAccuracy, type ScoredRun, type Untaken } from './record.js';
import { textTable } from './table.js';
import { metricNames, tallies, unsteady } from './tally.js';

const right: ScoredRun['scores'] = { top1: true, top3: true, member: true, verdict: true, alarm: true, safe: true };
const wrong: ScoredRun['scores'] = {
  top1: false,
  top3: false,
  member: false,
  verdict: false,
  alarm: true,
  safe: false,
};

const run = (more: Partial<ScoredRun> = {}): ScoredRun => ({
  scenario: 'slow-disk',
  title: 'a slow disk',
  family: 'storage',
  line: '3.5',
  versions: ['3.5.16'],
  mode: 'all',
  run: 1,
  strength: 1,
  bundleBytes: 1000,
  seconds: { toReport: 45.04, collect: 44, analyse: 1.04 },
  truth: { causes: ['disk-slow-device'], verdict: ['investigate'] },
  targets: ['m2'],
  said: {
    verdict: 'investigate',
    causes: [{ rule: 'disk-slow-device', severity: 'high', confidence: 'high', subjects: ['m2'] }],
  },
  falseAlarms: [],
  scores: right,
  baselines: {
    mixin: {
      suspects: [
        { name: 'slow', rules: ['disk-slow-device', 'cpu-starvation-host', 'peer-rtt-high'], members: ['m2'] },
      ],
      alarmed: true,
      healthy: false,
      scores: { ...right, verdict: null },
    },
    'log-counting': {
      suspects: [],
      alarmed: false,
      healthy: true,
      scores: { ...wrong, verdict: null, alarm: false, safe: true },
    },
  },
  ...more,
});

const missed = (more: Partial<ScoredRun> = {}): ScoredRun =>
  run({
    scores: wrong,
    said: {
      verdict: 'healthy',
      causes: [{ rule: 'peer-rtt-high', severity: 'warning', confidence: 'low', subjects: ['m1'] }],
    },
    falseAlarms: [{ rule: 'peer-rtt-high', role: 'cause', severity: 'warning', subjects: ['m1'] }],
    ...more,
  });

const control = (more: Partial<ScoredRun> = {}): ScoredRun =>
  run({
    scenario: 'idle',
    family: 'healthy',
    truth: { causes: [], verdict: ['healthy'] },
    targets: [],
    said: { verdict: 'healthy', causes: [] },
    scores: { ...right, member: null },
    ...more,
  });

const broken: Untaken = {
  scenario: 'no-namespaces',
  family: 'network',
  line: '3.5',
  run: 1,
  strength: 1,
  problem: 'the kernel | has none',
  unsupported: true,
};

const file = (runs: readonly ScoredRun[], untaken: readonly Untaken[] = []): AccuracyFile => ({
  format: 'etcd-evidence/accuracy/1',
  node: 'v20.20.0',
  runs,
  untaken,
});

describe('record', () => {
  test('the order of the runs does not show', () => {
    const runs = [run({ line: '3.6' }), control(), run({ mode: 'one' }), run({ run: 2 }), run()];
    const text = accuracyText(file(runs));
    assert.equal(accuracyText(file([...runs].reverse())), text);
    const read = parseAccuracy(text);
    assert.equal(read.runs.length, 5);
    assert.deepEqual(
      read.runs.map(({ scenario, line, mode, run: n }) => `${scenario} ${line} ${mode} ${n}`),
      ['idle 3.5 all 1', 'slow-disk 3.5 all 1', 'slow-disk 3.5 all 2', 'slow-disk 3.5 one 1', 'slow-disk 3.6 all 1'],
    );
    assert.equal(accuracyText(read), text, 'read and written again');
  });

  test('times are kept to a tenth, and nothing says when or where', () => {
    const text = accuracyText(file([run()]));
    assert.deepEqual(parseAccuracy(text).runs[0]?.seconds, { toReport: 45, collect: 44, analyse: 1 });
    assert.doesNotMatch(text, /\d{4}-\d{2}-\d{2}|T\d{2}:\d{2}/);
  });

  test('another file is refused', () => {
    assert.throws(
      () => parseAccuracy('{"format":"etcd-evidence/accuracy/2","runs":[],"untaken":[]}'),
      /not an accuracy file/,
    );
    assert.throws(() => parseAccuracy('{}'), /not an accuracy file/);
    assert.throws(() => parseAccuracy('null'), /not an accuracy file/);
  });

  test('a later part replaces what it measured again, in both modes, and nothing else', () => {
    const earlier = file([run(), run({ mode: 'one' }), run({ line: '3.6' }), control()], [{ ...broken, line: '3.6' }]);
    const later = file([missed()], [broken]);
    const both = merged(earlier, later);
    assert.deepEqual(
      both.runs.map(({ scenario, line, mode, scores }) => `${scenario} ${line} ${mode} ${scores.top1}`),
      ['idle 3.5 all true', 'slow-disk 3.5 all false', 'slow-disk 3.6 all true'],
    );
    assert.equal(both.untaken.length, 2);
    assert.equal(
      merged(both, file([run({ scenario: 'no-namespaces', family: 'network' })])).untaken.length,
      1,
      'it can now',
    );
  });
});

describe('tallies', () => {
  test('what does not apply is not counted', () => {
    const own = tallies([run(), missed(), control()]);
    assert.deepEqual(
      [own.top1, own.member, own.verdict],
      [
        { right: 2, of: 3 },
        { right: 1, of: 2 },
        { right: 2, of: 3 },
      ],
    );
    assert.deepEqual(own.quiet, { right: 1, of: 1 });
    assert.deepEqual(own.clean, { right: 2, of: 3 });
    assert.equal(own.open, 1);
  });

  test('a healthy control with a false alarm is not quiet, whatever its verdict', () => {
    assert.deepEqual(tallies([control({ falseAlarms: missed().falseAlarms })]).quiet, { right: 0, of: 1 });
  });

  test('an alternative is counted on the runs it saw', () => {
    const own = tallies([run(), run({ baselines: {} })], 'mixin');
    assert.deepEqual([own.runs, own.top1, own.verdict, own.open], [1, { right: 1, of: 1 }, { right: 0, of: 0 }, 3]);
    assert.equal(tallies([run()], 'log-counting').open, null, 'it said nothing');
    assert.equal(tallies([run()], 'member-checks').runs, 0);
  });

  test('repeated runs must agree on verdict and cause', () => {
    assert.deepEqual(unsteady(file([run(), run({ run: 2, targets: ['m3'] })])), []);
    const [first, ...more] = unsteady(file([run(), missed({ run: 2 }), missed({ run: 3 })]));
    assert.deepEqual(more, []);
    assert.deepEqual(first?.answers, [
      ['investigate: disk-slow-device', 1],
      ['healthy: peer-rtt-high (wrong member)', 2],
    ]);
  });
});

describe('tables', () => {
  const parts: readonly [string, AccuracyFile][] = [
    ['nothing', file([])],
    ['one run', file([run()])],
    ['only misses', file([missed()])],
    ['no report', file([run({ said: null, problem: 'exit 1', scores: wrong, baselines: {} })])],
    ['nothing taken', file([], [broken])],
    ['only another strength', file([run({ strength: 2 })])],
    ['two lines, two modes', file([run(), run({ line: '3.6', mode: 'one' }), control({ line: '3.6' })], [broken])],
  ];
  for (const [name, part] of parts)
    test(`made of ${name}`, () => {
      const text = textTable(part);
      const page = markdownPage(part);
      for (const made of [text, page]) {
        assert.ok(made.endsWith('\n') && !made.endsWith('\n\n'));
        assert.doesNotMatch(made, /undefined|NaN|null|\[object/);
      }
      for (const line of text.split('\n')) assert.equal(line, line.trimEnd());
      assert.equal(page, markdownPage(part));
    });

  test('every table row has as many cells as its head', () => {
    const page = markdownPage(file([run(), missed({ line: '3.6' }), control()], [broken]));
    let cells = 0;
    let rows = 0;
    for (const line of page.split('\n')) {
      const own = line.startsWith('|') ? line.replaceAll('\\|', '').split('|').length : 0;
      if (own > 0 && cells > 0) assert.equal(own, cells, line);
      if (own > 0) rows += 1;
      cells = own;
    }
    assert.ok(rows > 15);
  });

  test('the analyzer and the alternatives stand side by side', () => {
    const part = file([run(), missed({ scenario: 'other-disk' })]);
    const lines = textTable(part).split('\n');
    const at = lines.findIndex((line) => line.startsWith('3.5 all nodes'));
    assert.match(lines[at] ?? '', /1\/2 50%/);
    assert.match(lines[at + 1] ?? '', /^ {2}etcd mixin alerts +2\/2 100%.* 3\.0$/);
    assert.match(lines[at + 2] ?? '', /^ {2}log counting +0\/2 0%/);
    assert.match(markdownPage(part), /\| 3\.5 \| all nodes \| etcd mixin alerts \| 2\/2 100% \|/);
  });

  test('a miss says what was said instead, and what is true', () => {
    const text = textTable(file([missed()]));
    assert.match(text, /slow-disk, etcd 3\.5, all nodes: cause, member, verdict, false alarm/);
    assert.match(text, /said healthy: peer-rtt-high \(m1\)/);
    assert.match(text, /true investigate: disk-slow-device \(m2\)/);
    assert.match(
      markdownPage(file([missed()])),
      /\| healthy: peer-rtt-high \(m1\) \| investigate: disk-slow-device \(m2\) \|/,
    );
    assert.match(markdownPage(file([run()])), /## Misses\n\nNone\./);
  });

  test('all that is wrong never rounds up to all right', () => {
    const many = Array.from({ length: 299 }, (_, i) => run({ scenario: `s${i}` }));
    assert.match(textTable(file([...many, missed()])), /299\/300 99%/);
  });

  test('text from elsewhere stays text', () => {
    const page = markdownPage(file([missed({ title: 'a | <b>`x`\n# y' })], [broken]));
    assert.match(page, /a \\\| \\<b\\>\\`x\\` # y/);
    assert.match(page, /the kernel \\\| has none/);
  });

  test('strengths are apart from the scores', () => {
    const part = file([run(), missed({ strength: 0.5 }), run({ strength: 2 })]);
    assert.match(textTable(part), /x 0\.5: right 0\/1 0%, right or silent 0\/1 0%/);
    assert.match(textTable(part), /3\.5 all nodes +1\/1 100%/);
    assert.match(markdownPage(part), /slow-disk x 0\.5, etcd 3\.5, all nodes: healthy: peer-rtt-high \(m1\)/);
  });
});

describe('floor', () => {
  const floor: Floor = {
    lines: { '3.5': { all: { top1: 0.5, quiet: 1, clean: 0.5 } }, '3.6': { all: { top1: 1 } } },
    otherStrengths: { safe: 1 },
  };

  test('at the floor is not below it', () => {
    assert.deepEqual(floorViolations(file([run(), missed({ scenario: 'other' })]), floor), []);
  });

  test('below it, with the scenarios that are wrong', () => {
    const found = floorViolations(file([run(), missed({ scenario: 'a' }), missed({ scenario: 'b' })]), floor);
    assert.deepEqual(found, [
      '3.5, all nodes: top1 is 1 of 3, the floor is 0.5: a, b',
      '3.5, all nodes: clean is 1 of 3, the floor is 0.5: a, b',
    ]);
  });

  test('a healthy control that alarms is below a floor of one', () => {
    const loud = control({ scores: { ...right, alarm: false, member: null } });
    assert.deepEqual(floorViolations(file([control({ scenario: 'loaded' }), loud]), floor), [
      '3.5, all nodes: quiet is 1 of 2, the floor is 1: idle',
    ]);
  });

  test('what was not measured is not below; what broke is; what this machine cannot have is not', () => {
    assert.deepEqual(floorViolations(file([run({ mode: 'one', scores: wrong })], [broken]), floor), []);
    assert.deepEqual(floorViolations(file([], [{ ...broken, unsupported: false }]), floor), [
      '3.5: no-namespaces could not be scored: the kernel | has none',
    ]);
  });

  test('another strength is held against its own floor', () => {
    const found = floorViolations(file([missed({ strength: 2 })]), floor);
    assert.deepEqual(found, ['other strengths: safe is 0 of 1, the floor is 1: slow-disk']);
  });

  test('the committed one names every line, and only what is measured', () => {
    const { lines, otherStrengths } = committedFloor();
    assert.deepEqual(new Set(Object.keys(lines)), new Set(ETCD_LINES));
    const metrics = new Set<string>([...metricNames.map(({ metric }) => metric), 'safe']);
    for (const least of [otherStrengths ?? {}, ...Object.values(lines).flatMap((modes) => Object.values(modes))])
      for (const [name, value] of Object.entries(least)) assert.ok(metrics.has(name) && value > 0 && value <= 1, name);
    for (const modes of Object.values(lines)) assert.ok(modes.all?.top1 !== undefined && modes.one?.top1 !== undefined);
  });
});
