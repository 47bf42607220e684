import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormatsModule from 'ajv-formats';
import { artifactKinds, catalog } from './catalog.js';
import { packageRoot } from './package-root.js';
import type { SchemaTypes } from './types.generated.js';

/** Names of the JSON schemas: the three documents and every JSON artifact kind. */
export type SchemaName = keyof SchemaTypes;

const documents = ['bundle', 'manifest', 'report'] as const;

export const schemaNames: readonly SchemaName[] = [
  ...documents,
  ...artifactKinds.filter((kind) => catalog[kind].mediaType === 'application/json'),
] as SchemaName[];

/** Id of the schema of a kind, as recorded in the manifest. */
export const schemaIdOf = (name: SchemaName): string => `urn:etcd-evidence:schema:v1:${name}`;

/** Reads a schema file; `common` holds the shared definitions. */
export const loadSchema = (name: SchemaName | 'common'): Record<string, unknown> => {
  const top = name === 'common' || (documents as readonly string[]).includes(name);
  const file = join(packageRoot, 'schemas', top ? '.' : 'artifacts', `${name}.schema.json`);
  return JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
};

// ajv-formats is CommonJS: under nodenext its default export is the module object in some toolchains.
const addFormats = addFormatsModule as unknown as (ajv: Ajv2020) => void;

let ajv: Ajv2020 | undefined;
const validators = new Map<SchemaName, ValidateFunction>();

const validatorOf = (name: SchemaName): ValidateFunction => {
  const known = validators.get(name);
  if (known !== undefined) return known;
  if (ajv === undefined) {
    ajv = new Ajv2020({ strict: true, strictRequired: false, allowUnionTypes: true, allErrors: false });
    addFormats(ajv);
    ajv.addSchema(loadSchema('common'));
  }
  const validator = ajv.compile(loadSchema(name));
  validators.set(name, validator);
  return validator;
};

const readable = (error: ErrorObject): string => {
  const where = error.instancePath === '' ? 'the document' : error.instancePath;
  if (error.keyword === 'additionalProperties') return `${where} ${error.message ?? ''}`;
  if (error.keyword === 'enum') return `${where} must be one of ${(error.params.allowedValues as unknown[]).map(String).join(', ')}`;
  if (error.keyword === 'pattern') return `${where} does not look like the expected text (${String(error.params.pattern)})`;
  return `${where} ${error.message ?? error.keyword}`;
};

export type Validation<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly errors: readonly string[] };

/** Checks a parsed JSON value against the schema of `name`; errors are one readable sentence each, never the value itself. */
export const validate = <N extends SchemaName>(name: N, value: unknown): Validation<SchemaTypes[N]> => {
  const validator = validatorOf(name);
  if (validator(value)) return { ok: true, value: value as SchemaTypes[N] };
  return { ok: false, errors: (validator.errors ?? []).map(readable) };
};
