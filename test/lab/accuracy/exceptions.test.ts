import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { packageRoot } from '../../../schemas/index.js';
import { scenarios } from '../registry.js';

test('every written exception is about a scenario that exists', () => {
  const file = join(packageRoot, 'test', 'lab', 'accuracy', 'exceptions.json');
  const known = new Set(scenarios.map(({ id }) => id));
  for (const [id, reason] of Object.entries(JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>)) {
    assert.ok(known.has(id), id);
    assert.ok(reason.length > 20, id);
  }
});
