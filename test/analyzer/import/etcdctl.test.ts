/** What the real etcdctl of every release line printed (`capture-etcdctl.ts`), in all its forms. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { packageRoot } from '../../../schemas/index.js';
import { ETCD_LINES } from '../../support/etcd-binaries.js';
import { analysed, formsOf, give, leftOf, notesOf, valuesOf } from './give.js';

const textOf = (line: string, name: string): string =>
  readFileSync(join(packageRoot, 'test', 'analyzer', 'import', 'texts', line, `${name}.txt`), 'utf8');

/** The ids are above 2^53: a number would have lost their last digits. */
const ids = ['3368474bd37dfece', '8a553cae6165cbf1', 'f4927a4bc576a057'];
const FORMS = ['simple', 'table', 'fields', 'json'] as const;

const given = (line: string, name: string) => give([`${name}.txt`, textOf(line, name)]);

for (const line of ETCD_LINES) {
  describe(`etcdctl ${line}`, () => {
    for (const form of FORMS) {
      test(`endpoint status, ${form}`, async () => {
        const made = await given(line, `endpoint-status.${form}`);
        assert.deepEqual(formsOf(made), [`etcdctl endpoint status (${form})`]);
        const found = valuesOf(made, 'endpoint-status');
        assert.deepEqual(found.map(({ target }) => target).sort(), ids);
        const [exact] = valuesOf(await given(line, 'endpoint-status.json'), 'endpoint-status').filter(
          ({ target }) => target === found[0]?.target,
        );
        const [first] = found;
        assert.ok(first !== undefined && exact !== undefined);
        assert.equal(first.value.version, exact.value.version);
        assert.equal(first.value.raftIndex, exact.value.raftIndex);
        assert.equal(first.value.raftAppliedIndex, exact.value.raftAppliedIndex);
        assert.equal(first.value.storageVersion, exact.value.storageVersion);
        assert.ok(
          first.value.errors.length >= 1 && first.value.errors.every((text) => /memberID:\d+ alarm:NOSPACE/.test(text)),
        );
        assert.equal(first.value.errors.length, exact.value.errors.length);
        const size = Number(first.value.dbSize) / Number(exact.value.dbSize);
        assert.ok(size > 0.94 && size < 1.06, `the size is the same but for rounding: ${size}`);
        const named = new Set(found.map(({ value }) => value.leader).filter((leader) => leader !== undefined));
        assert.deepEqual([...named], [exact.value.leader], 'one leader, named by all or by itself');
        const exactForm = form === 'json' || form === 'fields';
        assert.equal(first.value.revision, exactForm ? exact.value.revision : undefined);
        if (exactForm) assert.equal(first.value.dbSize, exact.value.dbSize);
        const states = new Set(
          made.manifest.items.filter((item) => item.kind === 'endpoint-status').map(({ state }) => state),
        );
        assert.deepEqual([...states], [exactForm ? 'ok' : 'partial']);
      });

      test(`endpoint status with a dead member, ${form}`, async () => {
        const made = await given(line, `endpoint-status-one-down.${form}`);
        assert.equal(valuesOf(made, 'endpoint-status').length, 2);
        const silent = made.manifest.items.filter(({ state }) => state === 'unreachable');
        assert.equal(silent.length, 1, leftOf(made).join('\n'));
        assert.match(silent[0]?.message ?? '', /context deadline exceeded/);
      });

      test(`member list, ${form}`, async () => {
        const made = await given(line, `member-list.${form}`);
        assert.deepEqual(formsOf(made), [`etcdctl member list (${form})`]);
        const [list] = valuesOf(made, 'member-list');
        assert.deepEqual(list?.value.members.map(({ id, name }) => `${name} ${id}`).sort(), [
          'm1 f4927a4bc576a057',
          'm2 3368474bd37dfece',
          'm3 8a553cae6165cbf1',
        ]);
        assert.deepEqual(list?.value.members.find(({ name }) => name === 'm1')?.clientURLs, ['http://127.0.0.1:34790']);
        assert.equal(
          made.manifest.targets.filter(({ kind }) => kind === 'member').length,
          3,
          'no member besides the listed',
        );
      });

      test(`endpoint health with a dead member, ${form}`, async () => {
        const made = await given(line, `endpoint-health-one-down.${form}`);
        const reads = valuesOf(made, 'read-latency').map(({ value }) => value.linearizable[0]);
        assert.equal(reads.length, 3);
        assert.equal(reads.filter((read) => read?.ok === false).length, 1);
        assert.equal(reads.find((read) => read?.ok === false)?.code, 'DEADLINE_EXCEEDED');
      });

      test(`endpoint hashkv, ${form}`, async () => {
        const made = await give(
          [`status.txt`, textOf(line, 'endpoint-status.json')],
          [`hash.txt`, textOf(line, `endpoint-hashkv.${form}`)],
        );
        const hashes = valuesOf(made, 'hashkv');
        if (form === 'json') assert.equal(new Set(hashes.map(({ value }) => value.samples[0]?.hash)).size, 1);
        assert.equal(hashes.length, form === 'json' ? 3 : 0);
        assert.equal(
          notesOf(made).some((note) => note.includes('compact revision')),
          form !== 'json',
        );
      });
    }

    for (const form of ['simple', 'fields', 'json'] as const) {
      test(`alarm list, ${form}`, async () => {
        if (line === '3.4' && form === 'fields') {
          // etcdctl 3.4 panics here; its trace is no panic of a server.
          await assert.rejects(given(line, `alarm-list.${form}`), /no line is one that an etcd server writes/);
          return;
        }
        const made = await given(line, `alarm-list.${form}`);
        assert.deepEqual(formsOf(made), [`etcdctl alarm list (${form})`]);
        const alarms = valuesOf(made, 'alarm-list')[0]?.value.alarms ?? [];
        assert.ok(
          alarms.length > 0 && alarms.every(({ alarm, memberId }) => alarm === 'NOSPACE' && ids.includes(memberId)),
        );
      });
    }

    test('an alarm list without alarms is known by its file name only', async () => {
      const made = await given(line, 'alarm-list-none.json');
      assert.deepEqual(valuesOf(made, 'alarm-list')[0]?.value.alarms, []);
      await assert.rejects(give(['stdin', textOf(line, 'alarm-list-none.json')]), /JSON, but of no form/);
    });

    test('all commands in one paste, with prompts, become one case', async () => {
      const paste = [
        'endpoint-status.table',
        'member-list.table',
        'endpoint-health.simple',
        'alarm-list.simple',
        'endpoint-hashkv.json',
      ]
        .map((name) => `root@m1:~# etcdctl ...\n${textOf(line, name)}`)
        .join('');
      const { made, report } = await analysed(await give(['stdin', paste]));
      assert.equal(formsOf(made).length, 5, formsOf(made).join('\n'));
      assert.deepEqual(leftOf(made), []);
      assert.equal(report.cluster.voters, 3);
      assert.equal(report.cluster.reachable, 3);
      assert.deepEqual(
        report.members.map(({ name }) => name),
        ['m1', 'm2', 'm3'],
      );
      assert.ok(
        report.diagnosis.causes.some(({ category }) => category === 'quota'),
        'the alarm leads to a cause',
      );
    });
  });
}
