/** Who may import whom (docs/architecture.md): the analyzer never reaches the network, the halves never meet, units are leaves. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { dirname, join, normalize, relative, sep } from 'node:path';
import { describe, test } from 'node:test';
import { packageRoot } from '../schemas/index.js';

interface Import {
  readonly file: string;
  readonly spec: string;
}

const sources = (dir: string): string[] =>
  readdirSync(join(packageRoot, dir), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => join(dir, file));

const importsOf = (file: string): Import[] => {
  const text = readFileSync(join(packageRoot, file), 'utf8');
  const found = [
    ...text.matchAll(/^\s*(?:import|export)\b[^'"`;]*?from\s*['"]([^'"]+)['"]/gm),
    ...text.matchAll(/^\s*import\s*['"]([^'"]+)['"]/gm),
    ...text.matchAll(/\b(?:import|require|createRequire)\(\s*['"]([^'"]+)['"]/g),
  ];
  return found.map((match) => ({ file, spec: match[1] as string }));
};

const resolved = ({ file, spec }: Import): string | undefined =>
  spec.startsWith('.') ? normalize(join(dirname(file), spec)) : undefined;
const packageName = (spec: string): string =>
  spec
    .split('/')
    .slice(0, spec.startsWith('@') ? 2 : 1)
    .join('/');
const top = (path: string): string => path.split(sep)[0] as string;

interface Boundary {
  readonly mayImport: readonly string[];
  readonly packages: readonly string[];
  /** Node modules that are allowed (`only`) or forbidden (`never`). */
  readonly only?: readonly string[];
  readonly never?: readonly string[];
}

const boundaries: Readonly<Record<string, Boundary>> = {
  schemas: { mayImport: ['schemas'], packages: ['ajv', 'ajv-formats'], only: ['fs', 'path', 'url', 'module'] },
  collector: {
    mayImport: ['schemas', 'collector'],
    packages: [
      'etcd3',
      '@grpc/grpc-js',
      '@grpc/proto-loader',
      'cockatiel',
      'archiver',
      'tar',
      'yargs',
      'yaml',
      'age-encryption',
    ],
  },
  analyzer: {
    mayImport: ['schemas', 'analyzer'],
    packages: ['tar', 'fflate', 'handlebars', 'yaml', 'yargs', 'age-encryption'],
    never: ['net', 'tls', 'http', 'https', 'http2', 'dgram', 'dns', 'child_process', 'cluster', 'inspector'],
  },
};

describe('boundaries', () => {
  for (const [name, rule] of Object.entries(boundaries)) {
    test(name, () => {
      const files = sources(name);
      assert.ok(files.length > 3, `${name} has sources`);
      const wrong: string[] = [];
      for (const each of files.flatMap(importsOf)) {
        const target = resolved(each);
        if (target !== undefined) {
          if (!rule.mayImport.includes(top(target))) wrong.push(`${each.file} imports ${each.spec}`);
        } else if (isBuiltin(each.spec)) {
          const module = each.spec.replace(/^node:/, '').split('/')[0] as string;
          if (!each.spec.startsWith('node:')) wrong.push(`${each.file} imports ${each.spec} without node:`);
          if (rule.only !== undefined && !rule.only.includes(module)) wrong.push(`${each.file} imports ${each.spec}`);
          if (rule.never?.includes(module) === true) wrong.push(`${each.file} imports ${each.spec}`);
        } else if (!rule.packages.includes(packageName(each.spec))) wrong.push(`${each.file} imports ${each.spec}`);
      }
      assert.deepEqual(wrong, []);
    });
  }

  test('files of the package have one door, so that a program can be one file', () => {
    const doors = [
      join('schemas', 'package-files.ts'),
      join('schemas', 'package-root.ts'),
      join('schemas', 'index.ts'),
    ];
    const starters = [
      join('analyzer', 'bundle', 'start-log-thread.ts'),
      join('analyzer', 'triage', 'start-triage-thread.ts'),
    ];
    const wrong = ['schemas', 'collector', 'analyzer']
      .flatMap(sources)
      .filter((file) => ![...doors, ...starters].includes(file))
      .filter((file) =>
        /\bpackageRoot\b|\bimport\.meta\b|\b__dirname\b/.test(readFileSync(join(packageRoot, file), 'utf8')),
      );
    assert.deepEqual(wrong, []);
  });

  test('etcd3 has one door', () => {
    const wrong = sources('collector')
      .filter((file) => !file.startsWith(join('collector', 'ports', 'etcd')))
      .flatMap(importsOf)
      .filter(({ spec }) => spec === 'etcd3' || spec.startsWith('etcd3/'));
    assert.deepEqual(wrong, []);
  });

  test('a probe never imports a probe, a rule never imports a rule', () => {
    const wrong: string[] = [];
    for (const file of sources(join('collector', 'probes'))) {
      const parts = relative(join('collector', 'probes'), file).split(sep);
      if (parts.length < 2) continue;
      for (const each of importsOf(file)) {
        const target = resolved(each);
        if (
          target?.startsWith(join('collector', 'probes')) === true &&
          relative(join('collector', 'probes'), target).split(sep).length > 1
        )
          wrong.push(`${file} imports ${each.spec}`);
      }
    }
    for (const file of sources(join('analyzer', 'rules'))) {
      const parts = relative(join('analyzer', 'rules'), file).split(sep);
      if (parts.length < 2 || parts.at(-1) === 'index.ts' || parts[0] === 'evidence') continue;
      for (const each of importsOf(file)) {
        const target = resolved(each);
        const inRules =
          target?.startsWith(join('analyzer', 'rules')) === true
            ? relative(join('analyzer', 'rules'), target).split(sep)
            : [];
        if (inRules.length > 0 && inRules[0] !== 'evidence') wrong.push(`${file} imports ${each.spec}`);
      }
    }
    assert.deepEqual(wrong, []);
  });
});
