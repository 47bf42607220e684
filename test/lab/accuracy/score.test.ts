/** What counts as right: on captured bundles with known truth, and on reports that differ from them in one thing. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { rules } from '../../../analyzer/rules/index.js';
import { packageRoot, type Report, type ReportFinding } from '../../../schemas/index.js';
import { analyseFixture, type GroundTruth } from '../../golden/fixture.js';
import { finding, healthyReport } from '../../support/sample-reports.js';
import type { Truth } from '../truth.js';
import type { BaselineAnswer } from './baselines/index.js';
import { type Against, score, scoreBaseline, trueEverywhere } from './score.js';

const bundles = join(packageRoot, 'fixtures', 'bundles');

const disk: Truth = { causes: ['disk-slow-device'], verdict: ['investigate'] };
const healthy: Truth = { causes: [], verdict: ['healthy'] };

const against = (truth: Truth, more: Partial<Against> = {}): Against => ({
  truth,
  targets: ['m2'],
  mode: 'all',
  ...more,
});

/** A report of three members m1 to m3 with these findings. */
const report = (
  kind: Report['verdict']['kind'],
  causes: readonly ReportFinding[],
  more: Partial<Report['diagnosis']> = {},
): Report => {
  const base = healthyReport();
  return {
    ...base,
    verdict: { ...base.verdict, kind },
    diagnosis: { causes: [...causes], symptoms: [], risks: [], notices: [], ...more },
  };
};

const about = (...names: readonly string[]): ReportFinding['subjects'] =>
  names.map((name) => ({
    kind: 'member',
    id: healthyReport().members.find((each) => each.name === name)?.id ?? '',
    name,
  }));
const cause = (rule: string, ...names: readonly string[]): ReportFinding =>
  finding(rule, rule, { subjects: about(...names) });

describe('on captured bundles', () => {
  for (const id of readdirSync(bundles).sort())
    test(id, async () => {
      const { truth, targets, node } = JSON.parse(readFileSync(join(bundles, id, 'truth.json'), 'utf8')) as GroundTruth;
      const mode = targets.length === 0 || targets.includes(node) ? 'all' : 'one';
      const { said, scores } = score(await analyseFixture(id), { truth, targets, mode });
      assert.deepEqual(
        { ...scores, member: scores.member !== false, alarm: scores.alarm !== false },
        { top1: true, top3: true, member: true, verdict: true, alarm: true, safe: true },
        JSON.stringify(said),
      );
      const nobody = { truth, targets: ['nobody'], mode } as const;
      if (scores.member === true)
        assert.equal(score(await analyseFixture(id), nobody).scores.member, false, 'another member would be wrong');
    });
});

describe('false alarms', () => {
  const partitioned: Truth = { causes: ['member-partitioned'], verdict: ['investigate'] };
  const both = report('investigate', [cause('member-partitioned', 'm2'), cause('peer-rtt-high', 'm1', 'm3')]);

  test('a second cause is one, unless the truth has it', () => {
    assert.deepEqual(score(both, against(partitioned)).falseAlarms, [
      { rule: 'peer-rtt-high', role: 'cause', severity: 'high', subjects: ['m1', 'm3'] },
    ]);
    const also = { 'peer-rtt-high': 'seen on the links to it' };
    assert.deepEqual(score(both, against({ ...partitioned, also })).falseAlarms, []);
  });

  test('what is folded under a cause is none', () => {
    const [first] = both.diagnosis.causes;
    assert.ok(first);
    const explains = [{ rule: 'read-index-slow', title: 'x', message: 'x', subjects: about('m2'), severity: 'high' }];
    assert.deepEqual(score(report('investigate', [{ ...first, explains }]), against(partitioned)).falseAlarms, []);
  });

  test('what is true of every lab cluster is none', () => {
    const risks = trueEverywhere().map(({ rule }) => finding(rule, rule, { role: 'risk', severity: 'warning' }));
    assert.deepEqual(score(report('healthy', [], { risks }), against(healthy)).falseAlarms, []);
  });
});

describe('causes and members', () => {
  test('the first cause decides', () => {
    const first = report('investigate', [cause('disk-slow-device', 'm2'), cause('cpu-starvation-host', 'm2')]);
    assert.equal(score(first, against(disk)).scores.top1, true);
    const second = report('investigate', [cause('cpu-starvation-host', 'm2'), cause('disk-slow-device', 'm2')]);
    const { top1, top3, safe } = score(second, against(disk)).scores;
    assert.deepEqual([top1, top3, safe], [false, true, false]);
    const fourth = report(
      'investigate',
      ['a', 'b', 'c', 'disk-slow-device'].map((rule) => cause(rule, 'm2')),
    );
    assert.equal(score(fourth, against(disk)).scores.top3, false);
  });

  test('no cause at all is wrong, but safe', () => {
    const { top1, member, safe, alarm } = score(report('inconclusive', []), against(disk)).scores;
    assert.deepEqual([top1, member, safe, alarm], [false, false, true, false]);
  });

  test('the member, no other, and not everybody', () => {
    const memberOf = (subjects: ReportFinding['subjects'], targets = ['m2']): boolean | null =>
      score(
        report('investigate', [finding('disk-slow-device', 'x', { subjects: [...subjects] })]),
        against(disk, { targets }),
      ).scores.member;
    assert.equal(memberOf(about('m2')), true);
    assert.equal(memberOf(about('m1')), false);
    assert.equal(memberOf(about('m1', 'm2')), false);
    assert.equal(memberOf(about('m1', 'm2'), ['m1', 'm2', 'm3']), true, 'some of those it was done to');
    assert.equal(memberOf([{ kind: 'cluster', id: 'cluster' }]), false, 'nobody is named');
    assert.equal(memberOf([{ kind: 'cluster', id: 'cluster' }, ...about('m2')]), true);
    assert.equal(memberOf([]), false);
    assert.equal(memberOf(about('m1'), []), null, 'done to no member');
  });

  test('a host or an address stands for its members', () => {
    const base = report('investigate', []);
    const hosts: Report = {
      ...base,
      members: base.members.map((each) => ({
        ...each,
        host: `host-${each.name}`,
        endpoint: `https://10.0.0.${each.name.slice(1)}:2379`,
      })),
    };
    const memberOf = (subject: ReportFinding['subjects'][number], members = hosts.members): boolean | null => {
      const causes = [finding('disk-slow-device', 'x', { subjects: [subject] })];
      return score({ ...hosts, members, diagnosis: { ...hosts.diagnosis, causes } }, against(disk)).scores.member;
    };
    assert.equal(memberOf({ kind: 'host', id: 'host-m2' }), true);
    assert.equal(memberOf({ kind: 'host', id: 'host-m1' }), false);
    assert.equal(memberOf({ kind: 'host', id: 'host-unknown' }), false);
    assert.equal(memberOf({ kind: 'endpoint', id: '10.0.0.2_2380' }), true);
    assert.equal(memberOf({ kind: 'endpoint', id: '10.0.0.3_2380' }), false);
    const one = hosts.members.map((each) => ({ ...each, host: 'host-all' }));
    assert.equal(memberOf({ kind: 'host', id: 'host-all' }, one), true, 'one host of all is one subject');
  });

  test('a member that the report cannot name is known by its id', () => {
    const named = report('investigate', [
      finding('disk-slow-device', 'x', { subjects: [{ kind: 'member', id: 'aaaaaaaaaaaaaaaa', name: '' }] }),
    ]);
    const members = [{ name: 'm2', id: 'aaaaaaaaaaaaaaaa' }];
    assert.equal(score(named, against(disk, { members })).scores.member, true);
    assert.equal(score(named, against(disk)).scores.member, false);
  });

  test('the cluster as subject is not asked for its member', () => {
    const first = report('investigate', [cause('disk-slow-device', 'm1')]);
    assert.equal(score(first, against({ ...disk, subject: 'any' })).scores.member, null);
  });
});

describe('healthy controls', () => {
  test('silence is right', () => {
    assert.deepEqual(score(report('healthy', []), against(healthy)).scores, {
      top1: true,
      top3: true,
      member: null,
      verdict: true,
      alarm: true,
      safe: true,
    });
  });

  test('a cause is wrong in everything, and a false alarm', () => {
    const { scores, falseAlarms } = score(report('investigate', [cause('disk-slow-device', 'm1')]), against(healthy));
    assert.deepEqual(scores, { top1: false, top3: false, member: null, verdict: false, alarm: false, safe: false });
    assert.deepEqual(falseAlarms, [{ rule: 'disk-slow-device', role: 'cause', severity: 'high', subjects: ['m1'] }]);
  });

  test('symptoms and risks count from warning on, notices never', () => {
    const of = (role: 'symptom' | 'risk' | 'notice', severity: ReportFinding['severity']): number => {
      const own = finding('leader-flapping', 'x', { role, severity, subjects: about('m1') });
      return score(report('healthy', [], { [`${role}s`]: [own] }), against(healthy)).falseAlarms.length;
    };
    assert.deepEqual(
      [of('symptom', 'warning'), of('symptom', 'info'), of('risk', 'high'), of('notice', 'high')],
      [1, 0, 1, 0],
    );
  });

  test('what is true everywhere excuses the risk, not the cause', () => {
    const old = finding('eol-version', 'x', { role: 'cause', severity: 'high', subjects: about('m1') });
    assert.equal(score(report('investigate', [old]), against(healthy)).falseAlarms.length, 1);
    const known = new Set(rules.map(({ id }) => id));
    for (const { rule, roles, reason } of trueEverywhere()) {
      assert.ok(known.has(rule), rule);
      assert.ok(roles.length > 0 && reason.length > 20, rule);
      assert.ok(!roles.includes('cause') && !roles.includes('symptom'), `${rule} excuses no harm`);
    }
  });
});

describe('verdict and alarm', () => {
  test('any of the right verdicts', () => {
    const truth: Truth = { causes: ['disk-slow-device'], verdict: ['investigate', 'transient'] };
    const of = (kind: Report['verdict']['kind']) =>
      score(report(kind, [cause('disk-slow-device', 'm2')]), against(truth)).scores;
    assert.equal(of('transient').verdict, true);
    assert.equal(of('healthy').verdict, false);
    assert.equal(of('transient').alarm, null, 'to call or not to call: both pass');
  });

  test('no report is wrong in all that applies', () => {
    const { said, scores } = score(null, against(disk));
    assert.equal(said, null);
    assert.deepEqual(scores, { top1: false, top3: false, member: false, verdict: false, alarm: false, safe: false });
    assert.deepEqual(score(null, against(healthy)).scores.member, null);
    assert.equal(score(null, against(healthy)).scores.top1, false, 'silence for want of a report is no health');
  });
});

describe('one node', () => {
  const truth: Truth = {
    causes: ['disk-slow-device'],
    verdict: ['investigate'],
    fromOneNode: { causes: [], verdict: ['inconclusive'], missing: 'the disk counters of the sick host' },
  };
  const one = (own: Report): ReturnType<typeof score> => score(own, against(truth, { mode: 'one' }));

  test('where it cannot tell, to say so is right', () => {
    const { scores, falseAlarms } = one(report('inconclusive', []));
    assert.deepEqual(scores, { top1: true, top3: true, member: null, verdict: true, alarm: null, safe: true });
    assert.deepEqual(falseAlarms, []);
    assert.equal(score(report('inconclusive', []), against(truth)).scores.top1, false, 'all nodes could tell');
  });

  test('to name the truth all the same is right, about the right member', () => {
    const { scores, falseAlarms } = one(report('investigate', [cause('disk-slow-device', 'm2')]));
    assert.deepEqual(scores, { top1: true, top3: true, member: true, verdict: true, alarm: null, safe: true });
    assert.deepEqual(falseAlarms, []);
    assert.equal(one(report('investigate', [cause('disk-slow-device', 'm1')])).scores.member, false);
  });

  test('another cause, or its verdict without it, is wrong', () => {
    const { scores, falseAlarms } = one(report('investigate', [cause('peer-rtt-high', 'm2')]));
    assert.deepEqual([scores.top1, scores.verdict, scores.safe, falseAlarms.length], [false, false, false, 1]);
    assert.equal(one(report('investigate', [])).scores.verdict, false);
  });

  test('a lesser cause is right from one node only', () => {
    const lesser: Truth = {
      ...truth,
      fromOneNode: { causes: ['slow-follower-lag'], verdict: ['investigate'], missing: 'its host' },
    };
    const own = report('investigate', [cause('slow-follower-lag', 'm2')]);
    assert.equal(score(own, against(lesser, { mode: 'one' })).scores.top1, true);
    assert.equal(score(own, against(lesser)).scores.top1, false);
    assert.equal(score(report('inconclusive', []), against(lesser, { mode: 'one' })).scores.top1, false);
  });
});

describe('alternatives', () => {
  const answer = (suspects: BaselineAnswer['suspects'], alarmed: boolean): BaselineAnswer => ({
    suspects,
    alarmed,
    healthy: !alarmed,
    detail: [],
  });
  const suspect = (name: string, ruleIds: readonly string[], members: readonly string[]) => ({
    name,
    rules: ruleIds,
    members,
  });

  test('an answer that leaves causes open is right when one is true', () => {
    const open = answer([suspect('slow', ['peer-rtt-high', 'disk-slow-device'], ['m2'])], true);
    assert.deepEqual(scoreBaseline(open, against(disk)).scores, {
      top1: true,
      top3: true,
      member: true,
      verdict: null,
      alarm: true,
      safe: true,
    });
    assert.equal(
      scoreBaseline(answer([suspect('slow', ['peer-rtt-high'], ['m2'])], true), against(disk)).scores.top1,
      false,
    );
  });

  test('a suspect without a member names none', () => {
    const nobody = answer([suspect('elections', ['disk-slow-device'], [])], true);
    assert.equal(scoreBaseline(nobody, against(disk)).scores.member, false);
  });

  test('silence about a sick cluster is a miss', () => {
    const { top1, alarm, safe } = scoreBaseline(answer([], false), against(disk)).scores;
    assert.deepEqual([top1, alarm, safe], [false, false, true]);
  });

  test('on a healthy cluster only the alarm counts', () => {
    const hint = [suspect('growth', ['auto-compaction-off'], ['m1'])];
    const { top1, safe, alarm } = scoreBaseline(answer(hint, false), against(healthy)).scores;
    assert.deepEqual([top1, safe, alarm], [true, true, true]);
    const loud = scoreBaseline(answer(hint, true), against(healthy)).scores;
    assert.deepEqual([loud.top1, loud.safe, loud.alarm], [false, false, false]);
  });
});

describe('on a machine that is short of CPU itself', () => {
  const stolen = { machine: ['cpu-steal'] };
  test('what it suffers from is no false alarm, and in nobody’s way', () => {
    const both = report('investigate', [cause('cpu-steal', 'm1', 'm2', 'm3'), cause('disk-slow-device', 'm2')]);
    const watched = score(both, against(disk, stolen));
    assert.deepEqual([watched.scores.top1, watched.scores.member, watched.scores.verdict], [true, true, null]);
    assert.deepEqual(watched.falseAlarms, []);
    const unwatched = score(both, against(disk));
    assert.equal(unwatched.scores.top1, false);
    assert.deepEqual(
      unwatched.falseAlarms.map(({ rule }) => rule),
      ['cpu-steal'],
    );
  });
  test('it does not stand for the cause that is to be found', () => {
    const { scores } = score(report('investigate', [cause('cpu-steal', 'm2')]), against(disk, stolen));
    assert.deepEqual([scores.top1, scores.member, scores.safe], [false, false, true]);
  });
  test('a healthy control on it is left out of the verdicts, unless something else is said', () => {
    const { scores } = score(report('investigate', [cause('cpu-steal', 'm1')]), against(healthy, stolen));
    assert.deepEqual([scores.top1, scores.verdict, scores.alarm], [true, null, null]);
    const wrong = score(report('investigate', [cause('disk-slow-device', 'm1')]), against(healthy, stolen));
    assert.deepEqual([wrong.scores.top1, wrong.scores.verdict, wrong.scores.alarm], [false, false, false]);
  });
});
