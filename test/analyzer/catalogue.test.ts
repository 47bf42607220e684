/** The catalogue of failure modes, its rules and the page made of both belong together. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ruled, withoutRule } from '../../analyzer/knowledge/catalogue.js';
import { rules } from '../../analyzer/rules/index.js';
import { packageRoot } from '../../schemas/index.js';
import { CATALOGUE_PAGE, catalogueTable } from '../../scripts/catalogue-table.js';

const ids = new Set(rules.map(({ id }) => id));

test('every failure mode has its rule, or a reason why there is none', () => {
  assert.deepEqual(
    ruled.filter((id) => !ids.has(id)),
    [],
    'modes without their rule: write it, or say in withoutRule why no bundle shows them',
  );
  assert.deepEqual(
    Object.keys(withoutRule).filter((id) => ids.has(id)),
    [],
    'modes that have a rule by now: move them to `ruled`',
  );
  for (const [id, reason] of Object.entries(withoutRule)) assert.ok(reason.length > 60, `${id}: a reason in words`);
});

test('every rule is of a failure mode, and none is listed twice', () => {
  const listed = [...ruled, ...Object.keys(withoutRule)];
  assert.equal(new Set(listed).size, listed.length);
  assert.deepEqual(
    [...ids].filter((id) => !ruled.includes(id)),
    [],
  );
});

test('the page is fresh', () => {
  assert.equal(
    readFileSync(join(packageRoot, CATALOGUE_PAGE), 'utf8'),
    catalogueTable(),
    'run `npm run generate` and commit docs/generated/catalogue.md',
  );
});
