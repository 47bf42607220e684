/** Scrapes and logs of captured incidents, handed over as loose files: the same first cause where they show it, honesty where not. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { exitCodeOf } from '../../../analyzer/commands/exit-code.js';
import { render } from '../../../analyzer/report/render.js';
import { etcdctlOf, looseFiles, reportOf } from './from-fixture.js';
import { analysed, give, leftOf, notesOf } from './give.js';

describe('enough evidence: the first cause of the whole bundle', () => {
  for (const id of ['slow-fsync-leader-3.5', 'partitioned-follower-3.7', 'quorum-lost-3.5', 'volume-not-mounted-3.5']) {
    test(`${id}: two scrapes of each member and the logs`, async () => {
      const { made, report } = await analysed(await give(...looseFiles(id)));
      const whole = reportOf(id);
      assert.deepEqual(leftOf(made), []);
      assert.equal(report.diagnosis.causes[0]?.rule, whole.diagnosis.causes[0]?.rule);
      assert.deepEqual(
        report.diagnosis.causes[0]?.subjects.map(({ name }) => name),
        whole.diagnosis.causes[0]?.subjects.map(({ name }) => name),
        'the same member, by the name in its log',
      );
      assert.equal(report.verdict.kind, whole.verdict.kind);
    });
  }

  test('nospace-3.4: etcdctl output alone names the alarm', async () => {
    const { report } = await analysed(await give(...etcdctlOf('nospace-3.4')));
    assert.equal(report.diagnosis.causes[0]?.category, reportOf('nospace-3.4').diagnosis.causes[0]?.category);
    assert.equal(report.cluster.voters, 3);
  });

  test('one paste of everything is as good as files, but for the times', async () => {
    const files = looseFiles('volume-not-mounted-3.5', ['server-log']);
    const paste = files
      .map(([name, content]) => `==> ${name} <==\n${Buffer.from(content as Uint8Array).toString('utf8')}`)
      .join('\n');
    const { report } = await analysed(await give(['stdin', paste]));
    assert.equal(report.diagnosis.causes[0]?.rule, 'member-already-bootstrapped');
  });
});

describe('too little evidence: said so', () => {
  for (const [id, kinds] of [
    ['diverged-3.6', ['metrics', 'server-log']],
    ['healthy-3.4', ['metrics', 'server-log']],
    ['healthy-mtls-3.7', ['metrics', 'server-log']],
    ['net-rate-follower-3.7', ['metrics', 'server-log']],
    ['slow-fsync-leader-3.5', ['server-log']],
  ] as const) {
    test(`${id}: ${kinds.join(' and ')}`, async () => {
      const { report } = await analysed(await give(...looseFiles(id, kinds)));
      assert.equal(report.verdict.kind, 'inconclusive');
      assert.equal(report.verdict.recovery.justified, null);
      assert.deepEqual(report.diagnosis.causes, []);
      assert.equal(exitCodeOf(report, 'warning'), 8);
      const asked = report.coverage.gaps.map(({ what, command }) => `${what}: ${command}`);
      assert.ok(
        asked.some((gap) => gap.startsWith('member-list: etcdctl member list')),
        asked.join('\n'),
      );
      const text = render(report, 'markdown');
      assert.match(text, /Imported from \d+ sources; etcd-collect did not run/);
      assert.doesNotMatch(text, /0 of 0|NaN|undefined|No fault found/);
    });
  }

  test('all that is sound about a healthy cluster still makes no healthy verdict', async () => {
    const { report } = await analysed(await give(...looseFiles('healthy-3.4'), ...etcdctlOf('healthy-3.4')));
    assert.equal(report.verdict.kind, 'inconclusive');
    assert.equal(report.verdict.criteria.find(({ id }) => id === 'collected')?.decisive, true);
    assert.equal(report.cluster.voters, 3);
  });

  test('logs alone: their signs are told, and that nobody asked a member', async () => {
    const { report } = await analysed(await give(...looseFiles('slow-fsync-leader-3.5', ['server-log'])));
    assert.match(report.verdict.summary, /The logs end with: .*late heartbeat \(m2, \d+ times\)/);
    assert.match(report.verdict.summary, /no answer of a member is among what was imported/);
  });

  test('scrapes whose times are lost: only the last counts, and it is said what to do', async () => {
    const files = looseFiles('slow-fsync-leader-3.5', ['metrics']).map(
      ([name, content]) => [name, content, 1_800_000_000_000] as const,
    );
    const { made, report } = await analysed(await give(...files));
    assert.equal(report.verdict.kind, 'inconclusive');
    assert.ok(
      leftOf(made).every((line) => /with the time in their name/.test(line)),
      leftOf(made).join('\n'),
    );
    assert.equal(leftOf(made).length, 3, 'one scrape of each member could not be used');
    assert.ok(notesOf(made).some((note) => note.includes('are estimates')));
  });

  test('a time in the name counts where the file has lost its own', async () => {
    const files = looseFiles('slow-fsync-leader-3.5', ['metrics']).map(([name, content, at]) => {
      const stamp = new Date(at ?? 0)
        .toISOString()
        .replace(/\.\d+Z$/, 'Z')
        .replaceAll(':', '-');
      return [`${name.slice(0, 2)}-${stamp}.prom`, content] as const;
    });
    const { report } = await analysed(await give(...files));
    assert.equal(report.diagnosis.causes[0]?.rule, 'disk-slow-device');
  });
});

test('a log that ends long before the scrapes is told to be of another time', async () => {
  const files = looseFiles('slow-fsync-leader-3.5').filter(([name]) => !name.endsWith('.log') || name.startsWith('m1'));
  const later = files.map(([name, content, at]) => {
    const text = Buffer.from(content as Uint8Array).toString('utf8');
    return name.endsWith('.log')
      ? ([name, text.replaceAll('"ts":"2026-11-22', '"ts":"2026-11-19'), at] as const)
      : ([name, content, at] as const);
  });
  const { made, report } = await analysed(await give(...later));
  assert.ok(
    notesOf(made).some((note) => /m1-server-all\.log ends 3 days|ends 72 hours|ends 3 days before/.test(note)),
    notesOf(made).join('\n'),
  );
  assert.equal(report.diagnosis.causes[0]?.rule, 'disk-slow-device', 'the scrapes tell it all the same');
});

test('the same evidence makes the same bundle, in any order of its files', async () => {
  const files = looseFiles('quorum-lost-3.5');
  const [one, other] = [await give(...files), await give(...[...files].reverse())];
  assert.equal(one.name, other.name);
  assert.match(one.name, /^etcd-evidence_imported_\d{8}T\d{6}Z_[0-9a-f]{8}_UNREDACTED$/);
});
