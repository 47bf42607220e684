/** A bundle in mode `standard` leads to the diagnosis that the same bundle leads to as it is. */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { redactBundle } from '../../collector/redact/redact-bundle.js';
import { packageRoot, type Report } from '../../schemas/index.js';
import { asBundle, contentsOf, fixtureFiles, relocated, reportOf } from '../support/fixture-variants.js';

const key = Buffer.alloc(32, 7);

/** Fixtures live on loopback, which tokens leave alone: the same clusters in a data centre, by address, by name and over IPv6. */
const places: Readonly<Record<string, (text: string) => string>> = {
  'as captured': (text) => text,
  'private addresses': (text) =>
    text
      .replace(/127\.(\d+)\.(\d+)\.(\d+)/g, (all, a: string, b: string, c: string) =>
        all === '127.0.0.1' ? all : `10.${a}.${b}.${c}`,
      )
      .replace(/\blab\b(?="|$)/g, 'rack7-lab'),
  'host names': (text) =>
    text
      .replace(/127\.(\d+)\.(\d+)\.(\d+)/g, (all, _a: string, _b: string, c: string) =>
        all === '127.0.0.1' ? all : `etcd-acme-${c}.prod.acme-bank.example`,
      )
      .replace(/\bm([123])\b/g, 'cp-acme-$1'),
};

const subjectIds = (subjects: Report['diagnosis']['causes'][number]['subjects']): string[] =>
  subjects.map(({ kind, id }) => `${kind} ${/^[0-9a-f]{16}$/.test(id) ? id : kind}`).sort();

/** What a diagnosis says, without names and prose. */
const essence = (report: Report) => ({
  verdict: report.verdict.kind,
  findings: (['causes', 'symptoms', 'risks', 'notices'] as const)
    .flatMap((role) =>
      (report.diagnosis[role] ?? []).map((finding) => ({
        role: finding.role,
        rule: finding.rule,
        severity: finding.severity,
        confidence: finding.confidence.score,
        subjects: subjectIds(finding.subjects),
      })),
    )
    .sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)),
  outcomes: Object.fromEntries(report.outcomes.map(({ rule, outcome }) => [rule, outcome])),
  members: report.members.map(({ id }) => id).sort(),
  intact: report.provenance.bundles.map(({ intact }) => intact),
});

for (const id of readdirSync(join(packageRoot, 'fixtures', 'bundles')).sort()) {
  describe(id, () => {
    for (const [place, rewrite] of Object.entries(places)) {
      test(place, async () => {
        const work = mkdtempSync(join(tmpdir(), 'redacted-'));
        try {
          const files = relocated(fixtureFiles(id), rewrite);
          const done = await redactBundle(asBundle(files), { mode: 'standard', key });
          assert.deepEqual(
            done.manifest.items
              .filter(({ state }) => state === 'withheld')
              .map(({ id: item, message }) => `${item}: ${message}`),
            [],
          );
          const masked = await contentsOf(done.files);
          for (const [path, content] of masked) assert.deepEqual([path, done.inspect(content)], [path, {}]);
          const all = Buffer.concat([...masked].flatMap(([path, content]) => [Buffer.from(path), content])).toString(
            'latin1',
          );
          assert.deepEqual(all.match(/10\.\d+\.\d+\.\d+|acme|rack7/g)?.slice(0, 5) ?? [], []);
          const plain = await reportOf(files, join(work, 'plain'));
          const tokens = await reportOf(masked, join(work, 'tokens'));
          assert.deepEqual(essence(tokens), essence(plain));
        } finally {
          rmSync(work, { recursive: true, force: true });
        }
      });
    }
  });
}
