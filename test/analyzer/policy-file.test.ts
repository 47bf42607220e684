import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { stringify } from 'yaml';
import { analyze } from '../../analyzer/analyze.js';
import { buildCase, readBundle } from '../../analyzer/bundle/index.js';
import { UsageError } from '../../analyzer/commands/flags.js';
import { defaultPolicy, type Policy } from '../../analyzer/knowledge/default-policy.js';
import { readPolicy } from '../../analyzer/policy-file.js';
import { packageRoot, type Report } from '../../schemas/index.js';

const directory = mkdtempSync(join(tmpdir(), 'policy-'));
after(() => rmSync(directory, { recursive: true, force: true }));

const read = (policy: object): Policy => {
  const path = join(directory, 'policy.yaml');
  writeFileSync(path, stringify(policy));
  return readPolicy(path);
};
const intervene = (more: object): object => ({ ...defaultPolicy, intervene: { ...defaultPolicy.intervene, ...more } });

describe('a policy file', () => {
  it('the default, as it is printed, is one', () => assert.deepEqual(read(defaultPolicy), defaultPolicy));
  const refused: [string, object, RegExp][] = [
    ['an unknown rule, with what is near it', intervene({ alsoCauses: ['disk-slow'] }), /disk-slow-device/],
    [
      'an unknown rule of an escalation',
      { ...defaultPolicy, escalation: [{ contact: 'x', causes: ['nope'] }] },
      /nope/,
    ],
    ['a rule that is both', intervene({ alsoCauses: ['disk-slow-device'], neverCauses: ['disk-slow-device'] }), /both/],
    ['a missing part', { schema: defaultPolicy.schema, name: 'x' }, /intervene/],
    ['no time at all', { ...defaultPolicy, diagnosis: { limitMinutes: 0 } }, /limitMinutes/],
    ['a word nobody knows', { ...defaultPolicy, escalate: [] }, /additional/],
  ];
  for (const [what, policy, message] of refused)
    it(`is refused for ${what}`, () =>
      assert.throws(
        () => read(policy),
        (error) => error instanceof UsageError && message.test(error.message),
      ));
});

describe('an analysis under a policy', () => {
  const reportOf = async (fixture: string, policy?: object): Promise<Report> => {
    const path = join(packageRoot, 'fixtures', 'bundles', fixture, 'bundle');
    return analyze(buildCase([await readBundle({ path })]), {
      now: new Date('2026-01-01T00:00:00Z'),
      ...(policy === undefined ? {} : { policy: read(policy) }),
    });
  };
  it('says what comes first, for how long, and by which policy', async () => {
    const { decision } = await reportOf('slow-fsync-leader-3.5');
    assert.deepEqual(
      [decision.order, decision.limitMinutes, decision.policy],
      ['diagnose-first', defaultPolicy.diagnosis.limitMinutes, { name: 'default', origin: 'built-in' }],
    );
    assert.equal((await reportOf('quorum-lost-3.5')).decision.order, 'recover-first');
    assert.equal((await reportOf('healthy-3.4')).decision.order, 'nothing');
  });
  it('calls those whose conditions all hold, and nobody for a healthy cluster', async () => {
    const policy = {
      ...defaultPolicy,
      name: 'ours',
      escalation: [
        { contact: 'always' },
        { contact: 'storage', owners: ['infrastructure'] },
        { contact: 'storage, at night', owners: ['infrastructure'], verdicts: ['intervene-now'] },
        { contact: 'slow disks', causes: ['disk-slow-device'] },
        { contact: 'vendor', owners: ['vendor'] },
      ],
    };
    const sick = await reportOf('slow-fsync-leader-3.5', policy);
    assert.deepEqual(sick.decision.escalation, ['always', 'storage', 'slow disks']);
    assert.deepEqual(sick.decision.policy, { name: 'ours', origin: 'file' });
    assert.deepEqual((await reportOf('healthy-3.4', policy)).decision.escalation, []);
  });
  it('makes a cause urgent that is not urgent everywhere', async () => {
    const report = await reportOf('slow-fsync-leader-3.5', intervene({ alsoCauses: ['disk-slow-device'] }));
    assert.equal(report.verdict.kind, 'intervene-now');
    assert.equal(report.verdict.recovery.justified, false);
    assert.equal(report.decision.order, 'act-first');
  });
  it('names as whom a command is run', async () => {
    const { actions } = await reportOf('slow-fsync-leader-3.5');
    const move = actions.find(({ command }) => command?.startsWith('etcdctl'));
    assert.match(move?.identity ?? '', /certificate or user of etcd/);
  });
});
