/** Generates schemas/types.generated.ts from the JSON schemas. `--check` only compares and exits 1 when stale. */
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compile, type JSONSchema } from 'json-schema-to-typescript';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const schemasDir = join(root, 'schemas');
const target = join(schemasDir, 'types.generated.ts');

/** Schemas that are no artifacts. */
const documents = ['bundle', 'manifest', 'report', 'diff', 'signature', 'redaction-report', 'thresholds', 'policy'];

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
type JsonObject = { [key: string]: Json };

const read = (file: string): JsonObject => JSON.parse(readFileSync(join(schemasDir, file), 'utf8')) as JsonObject;

const pascal = (name: string): string => name.replace(/(^|-)([a-z0-9])/g, (_, __, c: string) => c.toUpperCase());

const common = (read('common.schema.json').$defs ?? {}) as { [key: string]: JsonObject };

/** Rewrites every `$ref` to a definition of one combined schema, so that each object becomes one named type; plain strings are inlined. */
const relink = (node: Json, prefix: string): Json => {
  if (Array.isArray(node)) return node.map((item) => relink(item, prefix));
  if (node === null || typeof node !== 'object') return node;
  if (typeof node.$ref === 'string') {
    const whole = /^urn:etcd-evidence:schema:v1:([a-z-]+)$/.exec(node.$ref)?.[1];
    if (whole !== undefined) return { $ref: `#/definitions/${pascal(whole)}` };
    const name = node.$ref.slice(node.$ref.lastIndexOf('/') + 1);
    const def = common[name];
    if (def?.type === 'string' && def.enum === undefined)
      return { type: 'string', description: node.description ?? def.description ?? '' };
    return {
      $ref: `#/definitions/${node.$ref.startsWith('#') && def === undefined ? `${prefix}${pascal(name)}` : pascal(name)}`,
    };
  }
  const copy: JsonObject = {};
  for (const [key, value] of Object.entries(node)) {
    if (!['$id', '$schema', 'examples', '$defs'].includes(key)) copy[key] = relink(value, prefix);
  }
  return copy;
};

export const generate = async (): Promise<string> => {
  const definitions: JsonObject = {};
  const addDefs = (schema: JsonObject, prefix: string): void => {
    for (const [name, def] of Object.entries((schema.$defs ?? {}) as JsonObject)) {
      if ((def as JsonObject).type === 'string' && (def as JsonObject).enum === undefined) continue;
      definitions[`${prefix}${pascal(name)}`] = {
        ...(relink(def, prefix) as JsonObject),
        title: `${prefix}${pascal(name)}`,
      };
    }
  };
  addDefs(read('common.schema.json'), '');
  const names: [string, string][] = [];
  const add = (name: string, file: string, prefix: string): void => {
    const schema = read(file);
    addDefs(schema, prefix);
    const body = relink(schema, prefix) as JsonObject;
    const type = `${pascal(name)}${documents.includes(name) ? '' : 'Artifact'}`;
    const comment = typeof body.title === 'string' ? body.title : '';
    definitions[type] = { ...body, title: type, description: comment };
    names.push([name, type]);
  };
  for (const name of documents) add(name, `${name}.schema.json`, ['report', 'diff'].includes(name) ? pascal(name) : '');
  for (const file of readdirSync(join(schemasDir, 'artifacts')).sort()) {
    add(file.replace(/\.schema\.json$/, ''), join('artifacts', file), '');
  }
  const combined = {
    title: 'SchemaTypes',
    description: 'Schema name -> type',
    type: 'object',
    required: names.map(([name]) => name),
    properties: Object.fromEntries(names.map(([name, type]) => [name, { $ref: `#/definitions/${type}` }])),
    definitions,
  };
  const body = await compile(combined as unknown as JSONSchema, 'SchemaTypes', {
    additionalProperties: false,
    bannerComment: '/* Generated from schemas/*.schema.json by `npm run generate`. Do not edit. */',
    unreachableDefinitions: false,
    format: false,
    enableConstEnums: false,
  });
  return `${body.trimEnd()}\n`;
};

const main = async (): Promise<void> => {
  const text = await generate();
  if (process.argv.includes('--check')) {
    let current = '';
    try {
      current = readFileSync(target, 'utf8');
    } catch {
      // no generated file yet: stale
    }
    if (current !== text) {
      process.stderr.write('schemas/types.generated.ts is stale: run `npm run generate` and commit the result.\n');
      process.exitCode = 1;
    }
    return;
  }
  writeFileSync(target, text);
};

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
