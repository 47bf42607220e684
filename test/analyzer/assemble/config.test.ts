import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { configRows } from '../../../analyzer/assemble/config.js';
import { createFacts } from '../../../analyzer/facts/index.js';
import { summarizeLog } from '../../../analyzer/logs/index.js';
import { fakeCase } from '../../support/fake-case.js';
import { REAL_36 } from '../logs/lines.js';

test('settings of a member of which nothing was seen are not guessed, and units are named', async () => {
  const summary = await summarizeLog(Readable.from([Buffer.from(REAL_36)]), { source: 'etcd.log' });
  const rows = configRows(createFacts(fakeCase({ members: ['m1', 'm2'], logs: [{ member: 'm1', summary }] })));
  const row = (setting: string) => rows.find((one) => one.setting === setting);
  assert.deepEqual(
    row('heartbeat-interval')?.values.map(({ value }) => value),
    ['100'],
  );
  assert.equal(row('heartbeat-interval')?.note, 'ms; from log; known of m1 only');
  assert.match(row('quota-backend-bytes')?.note ?? '', /^bytes; /);
});
