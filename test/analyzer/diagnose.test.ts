import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { confidenceOf } from '../../analyzer/confidence.js';
import { diagnose } from '../../analyzer/diagnose.js';
import type { Finding } from '../../analyzer/finding.js';
import { defaultPolicy, type Policy } from '../../analyzer/knowledge/default-policy.js';
import { decideVerdict, type VerdictInput } from '../../analyzer/verdict.js';
import type { ReportEvidence } from '../../schemas/index.js';

const evidence = (
  weight: ReportEvidence['weight'],
  state: ReportEvidence['state'],
  more: Partial<ReportEvidence> = {},
): ReportEvidence => ({
  weight,
  state,
  text: 'x',
  source: [],
  ...more,
});

const finding = (rule: string, member: string | null, more: Partial<Finding> = {}): Finding => ({
  rule,
  title: rule,
  category: 'raft',
  why: 'because',
  role: 'cause',
  severity: 'high',
  when: 'now',
  message: `${rule} on ${member ?? 'the cluster'}.`,
  confidence: { level: 'high', score: 0.85 },
  subjects: [member === null ? { kind: 'cluster', id: 'cluster' } : { kind: 'member', id: member, name: member }],
  evidence: [evidence('necessary', 'present')],
  contradictedBy: [],
  explains: [],
  ownFate: false,
  alternatives: [],
  wouldDisprove: [],
  nextEvidence: [],
  remedy: [],
  doNot: [],
  owner: 'operator',
  urgent: false,
  ...more,
});

const reach = { leaders: new Set(['m1']), titles: new Map<string, string>() };
const ids = (list: readonly { rule: string }[]): string[] => list.map((each) => each.rule);

describe('diagnose', () => {
  test('a symptom folds under the cause that explains it, on the same member', () => {
    const result = diagnose(
      [
        finding('disk', 'm2', { explains: ['lag'] }),
        finding('lag', 'm2', { role: 'symptom' }),
        finding('lag', 'm3', { role: 'symptom' }),
      ],
      reach,
    );
    assert.deepEqual(ids(result.causes), ['disk']);
    assert.deepEqual(ids(result.causes[0]?.explains ?? []), ['lag'], 'merged over members, it touches m2');
  });

  test('trouble of a follower does not explain what another follower shows; trouble of the leader does', () => {
    const lag = finding('lag', 'm3', { role: 'symptom' });
    assert.deepEqual(ids(diagnose([finding('disk', 'm2', { explains: ['lag'] }), lag], reach).symptoms), ['lag']);
    assert.deepEqual(ids(diagnose([finding('disk', 'm1', { explains: ['lag'] }), lag], reach).symptoms), []);
  });

  test('a dead member is not the fault of an ailing leader, only of what ails itself', () => {
    const dead = finding('dead', 'm3', { ownFate: true });
    const both = diagnose([finding('steal', 'm1', { explains: ['dead'] }), dead], reach);
    assert.deepEqual(ids(both.causes).sort(), ['dead', 'steal']);
    assert.deepEqual(ids(diagnose([finding('oom', 'm3', { explains: ['dead'] }), dead], reach).causes), ['oom']);
    const two = finding('dead', 'm2', { ownFate: true });
    const oneOfTwo = diagnose([finding('oom', 'm3', { explains: ['dead'] }), dead, two], reach);
    assert.deepEqual(ids(oneOfTwo.causes).sort(), ['dead', 'oom'], 'the other death stays open');
    assert.deepEqual(ids(diagnose([finding('disk-full', null, { explains: ['dead'] }), dead], reach).causes), [
      'disk-full',
    ]);
  });

  test('what is over cannot explain what happens now', () => {
    const result = diagnose(
      [
        finding('pause', 'm1', { when: 'past', explains: ['flapping'] }),
        finding('flapping', null, { role: 'symptom' }),
      ],
      reach,
    );
    assert.deepEqual(ids(result.symptoms), ['flapping']);
  });

  test('a doubtful cause explains nothing', () => {
    const doubtful = finding('disk', 'm1', { explains: ['lag'], confidence: { level: 'low', score: 0.3 } });
    assert.deepEqual(ids(diagnose([doubtful, finding('lag', 'm1', { role: 'symptom' })], reach).symptoms), ['lag']);
  });

  test('a cause that another explains is folded with its own symptoms, and never both ways', () => {
    const cpu = finding('cpu', 'm1', { explains: ['disk', 'flapping'] });
    const disk = finding('disk', 'm1', { explains: ['slow-commit', 'cpu'] });
    const result = diagnose(
      [disk, cpu, finding('slow-commit', 'm1', { role: 'symptom' }), finding('flapping', null, { role: 'symptom' })],
      reach,
    );
    assert.equal(result.causes.length, 1);
    assert.deepEqual(result.symptoms, []);
    assert.equal(result.causes[0]?.explains.length, 3);
  });

  test('findings of one rule on several members are one cause about all of them, worst first', () => {
    const result = diagnose(
      [finding('disk', 'm2', { severity: 'warning' }), finding('disk', 'm3', { severity: 'critical' })],
      reach,
    );
    assert.equal(result.causes.length, 1);
    assert.deepEqual(
      result.causes[0]?.subjects.map((s) => s.id),
      ['m3', 'm2'],
    );
    assert.equal(result.causes[0]?.severity, 'critical');
    assert.equal(result.causes[0]?.message, 'disk on m3. disk on m2.');
  });

  test('now ranks before past, believed before doubtful, severe before mild', () => {
    const result = diagnose(
      [
        finding('mild', 'm1', { severity: 'warning' }),
        finding('past', 'm1', { severity: 'critical', when: 'past' }),
        finding('doubtful', 'm1', { severity: 'critical', confidence: { level: 'low', score: 0.3 } }),
        finding('severe', 'm1', { severity: 'critical' }),
      ],
      reach,
    );
    assert.deepEqual(ids(result.causes), ['severe', 'mild', 'doubtful', 'past']);
  });

  test('the order of findings does not matter', () => {
    const all = [
      finding('a', 'm1', { explains: ['c'] }),
      finding('b', 'm2'),
      finding('c', 'm1'),
      finding('d', null, { role: 'risk' }),
    ];
    assert.deepEqual(diagnose(all, reach), diagnose([...all].reverse(), reach));
  });
});

describe('confidence', () => {
  test('unknown necessary evidence, open contradictions and absent support cost; answers and support help', () => {
    const score = (...items: ReportEvidence[]): number => confidenceOf(items, 'inferred').score;
    const base = score(evidence('necessary', 'present'));
    assert.ok(score(evidence('necessary', 'present'), evidence('necessary', 'unknown')) < base);
    assert.ok(score(evidence('necessary', 'present'), evidence('supporting', 'present')) > base);
    assert.ok(score(evidence('necessary', 'present'), evidence('supporting', 'absent')) < base);
    const contradicted = score(evidence('necessary', 'present'), evidence('contradicting', 'present'));
    assert.ok(contradicted < base);
    assert.ok(
      score(evidence('necessary', 'present'), evidence('contradicting', 'present', { answer: 'because' })) >
        contradicted,
    );
    assert.ok(confidenceOf([evidence('necessary', 'present')], 'direct').score > base);
  });
});

describe('verdict', () => {
  const input = (findings: readonly Finding[], more: Partial<VerdictInput> = {}): VerdictInput => ({
    diagnosis: diagnose(findings, reach),
    urgent: new Set(findings.filter((f) => f.urgent).map((f) => f.rule)),
    lostWithoutSpare: new Set(),
    hasQuorum: true,
    quorum: 2,
    voters: 3,
    votersAnswered: 3,
    votersMeasured: 3,
    undecided: 0,
    policy: defaultPolicy,
    ...more,
  });

  test('a policy says what is urgent here', () => {
    const kindOf = (findings: readonly Finding[], intervene: Partial<Policy['intervene']>, more = {}): string =>
      decideVerdict(
        input(findings, {
          policy: { ...defaultPolicy, intervene: { ...defaultPolicy.intervene, ...intervene } },
          ...more,
        }),
      ).kind;
    const plain = [finding('x', 'm1', { severity: 'high' })];
    const urgent = [finding('x', 'm1', { severity: 'high', urgent: true })];
    assert.equal(kindOf(plain, {}), 'investigate');
    assert.equal(kindOf(plain, { alsoCauses: ['x'] }), 'intervene-now');
    assert.equal(kindOf(urgent, {}), 'intervene-now');
    assert.equal(kindOf(urgent, { neverCauses: ['x'] }), 'investigate');
    const medium = [
      finding('x', 'm1', { severity: 'high', urgent: true, confidence: { level: 'medium', score: 0.6 } }),
    ];
    assert.equal(kindOf(medium, { minimumConfidence: 'high' }), 'investigate');
    assert.equal(kindOf(plain, {}, { lostWithoutSpare: new Set(['m1']) }), 'intervene-now');
    assert.equal(kindOf(plain, { lastSpareLost: false }, { lostWithoutSpare: new Set(['m1']) }), 'investigate');
    assert.equal(kindOf(plain, {}, { hasQuorum: false }), 'intervene-now');
    assert.equal(kindOf(plain, { quorumLost: false }, { hasQuorum: false }), 'investigate');
    const said = decideVerdict(
      input(plain, {
        policy: { ...defaultPolicy, name: 'ours', intervene: { ...defaultPolicy.intervene, alsoCauses: ['x'] } },
      }),
    );
    const criterion = said.criteria.find(({ id }) => id === 'policy');
    assert.deepEqual([criterion?.met, criterion?.decisive], [true, true]);
    assert.match(criterion?.text ?? '', /ours/);
  });

  test('each kind, with the criterion that decided it', () => {
    const low = { confidence: { level: 'low', score: 0.3 } } as const;
    const cases: readonly [VerdictInput, string, string][] = [
      [input([]), 'healthy', 'enough-evidence'],
      [input([finding('risk', 'm1', { role: 'risk' })]), 'healthy', 'enough-evidence'],
      [input([finding('x', 'm1', { severity: 'info' })]), 'healthy', 'enough-evidence'],
      [input([finding('x', 'm1')]), 'investigate', 'confirmed-fault'],
      [input([finding('x', 'm1', { urgent: true, severity: 'critical' })]), 'intervene-now', 'urgent-cause'],
      [input([finding('x', 'm1', { urgent: true, severity: 'critical', ...low })]), 'inconclusive', 'suspected-fault'],
      [input([finding('x', 'm1')], { hasQuorum: false }), 'intervene-now', 'quorum-lost'],
      [
        input([finding('x', 'm1', { severity: 'high' })], { lostWithoutSpare: new Set(['m1']) }),
        'intervene-now',
        'urgent-cause',
      ],
      [
        input([finding('x', 'm1', { severity: 'high' })], { lostWithoutSpare: new Set(['m2']) }),
        'investigate',
        'confirmed-fault',
      ],
      [
        input([finding('x', 'm1', { severity: 'warning' })], { lostWithoutSpare: new Set(['m1']) }),
        'investigate',
        'confirmed-fault',
      ],
      [input([finding('x', 'm1', { when: 'past' })]), 'transient', 'past-fault'],
      [input([finding('x', 'm1', low)]), 'inconclusive', 'suspected-fault'],
      [input([], { votersMeasured: 1 }), 'inconclusive', 'enough-evidence'],
      [input([], { votersAnswered: 2 }), 'inconclusive', 'silent-voter'],
      [input([], { voters: 0, votersMeasured: 0, quorum: 1 }), 'inconclusive', 'enough-evidence'],
    ];
    for (const [given, kind, decisive] of cases) {
      const verdict = decideVerdict(given);
      assert.equal(verdict.kind, kind, JSON.stringify(verdict));
      assert.deepEqual(
        verdict.criteria.filter((each) => each.decisive).map((each) => each.id),
        [decisive],
        kind,
      );
      assert.ok(verdict.headline.length > 0 && verdict.summary.length > 0 && verdict.recovery.text.length > 0);
    }
  });

  test('recovery is never called justified on thin evidence', () => {
    assert.equal(decideVerdict(input([], { votersMeasured: 0 })).recovery.justified, null);
    assert.equal(decideVerdict(input([finding('x', 'm1')])).recovery.justified, false);
    const urgent = { urgent: true, severity: 'critical' } as const;
    assert.equal(
      decideVerdict(input([finding('x', 'm1', urgent)])).recovery.justified,
      false,
      'a majority has the data',
    );
    assert.equal(decideVerdict(input([finding('x', 'm1', urgent)], { hasQuorum: null })).recovery.justified, null);
    assert.equal(decideVerdict(input([finding('x', 'm1', urgent)], { hasQuorum: false })).recovery.justified, true);
    assert.equal(
      decideVerdict(input([finding('x', 'm1', { ...urgent, category: 'integrity' })])).recovery.justified,
      true,
    );
  });
});
