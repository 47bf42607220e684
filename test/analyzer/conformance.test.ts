/** The checklist for contributors: a rule, its page and its test belong together. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { thresholds } from '../../analyzer/knowledge/thresholds.js';
import type { RuleDefinition } from '../../analyzer/rule.js';
import { rules } from '../../analyzer/rules/index.js';
import { packageRoot } from '../../schemas/index.js';

const headings = [
  'What it means',
  'Consequences',
  'How it is detected',
  'Common causes',
  'What to do',
  'When it is wrong',
  'References',
];
const all = rules as unknown as readonly RuleDefinition[];
const rulesDir = join(packageRoot, 'analyzer', 'rules');
const ids = new Set(all.map((rule) => rule.id));
const stepOrder = ['read-only', 'brief-interruption', 'restarts', 'disruptive', 'destructive'];

describe('rules', () => {
  for (const rule of all) {
    const base = join(rulesDir, rule.category, rule.id);
    test(`${rule.id}: file, page and test`, () => {
      assert.ok(existsSync(`${base}.ts`), `analyzer/rules/${rule.category}/${rule.id}.ts`);
      const page = readFileSync(`${base}.md`, 'utf8');
      assert.equal(page.split('\n')[0], `# ${rule.title}`);
      assert.deepEqual(
        [...page.matchAll(/^## (.+)$/gm)].map((match) => match[1]),
        headings,
      );
      for (const part of page.split(/^## .+$/m).slice(1)) assert.ok(part.trim().length > 20, 'no empty section');
      const source = readFileSync(
        join(packageRoot, 'test', 'analyzer', 'rules', rule.category, `${rule.id}.test.ts`),
        'utf8',
      );
      assert.match(source, /ruleTest\(/);
    });
    test(`${rule.id}: says what an operator needs`, () => {
      assert.match(rule.id, /^[a-z0-9]+(-[a-z0-9]+)*$/);
      assert.ok(rule.why.length > 20);
      assert.ok(rule.role === 'notice' || rule.remedy.length > 0, 'a remedy');
      assert.ok(rule.role !== 'cause' || rule.wouldDisprove.length > 0, 'what would disprove it');
      for (const step of rule.remedy) assert.ok(stepOrder.includes(step.tag));
      assert.ok(!rule.explains.includes(rule.id));
      for (const id of rule.thresholds) assert.ok(Object.hasOwn(thresholds, id), `threshold ${id}`);
    });
  }

  test('ids are unique, and every file is in the index', () => {
    assert.equal(ids.size, all.length);
    const files = readdirSync(rulesDir, { recursive: true, encoding: 'utf8' })
      .filter(
        (file) =>
          file.endsWith('.ts') && file.includes('/') && !file.startsWith('evidence/') && !file.endsWith('/index.ts'),
      )
      .map((file) => file.replace(/^.*\//, '').replace(/\.ts$/, ''));
    assert.deepEqual(
      files.filter((id) => !ids.has(id)),
      [],
      'files that are not listed in rules/index.ts',
    );
  });

  test('every id that a rule explains or names as an alternative exists', () => {
    const unknown = all.flatMap((rule) =>
      [...rule.explains, ...rule.alternatives.map((alternative) => alternative.rule)]
        .filter((id) => !ids.has(id))
        .map((id) => `${rule.id} -> ${id}`),
    );
    assert.deepEqual(unknown, []);
  });

  test('every threshold is used by a rule and has a source', () => {
    const used = new Set(all.flatMap((rule) => rule.thresholds as readonly string[]));
    for (const [id, threshold] of Object.entries(thresholds as Record<string, { source: string }>)) {
      assert.ok(used.has(id), `${id} is used by no rule`);
      assert.ok(threshold.source.length > 10, `${id} has a source`);
    }
  });

  test('there are no cycles of certain explanation between a rule and itself through one other', () => {
    const explains = new Map(all.map((rule) => [rule.id, new Set(rule.explains)]));
    for (const rule of all) {
      for (const other of rule.explains) {
        assert.ok(!(explains.get(other)?.has(rule.id) ?? false), `${rule.id} and ${other} explain each other`);
      }
    }
  });
});
