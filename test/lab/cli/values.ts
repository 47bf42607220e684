import { UsageError } from '../../../collector/errors.js';
import { ETCD_LINES, type EtcdLine, isEtcdLine } from '../../support/etcd-binaries.js';
import type { Param, Params } from '../fault.js';
import type { Where } from '../scenario.js';

/** Flags as yargs hands them over: everything is text, a repeated flag is a list. */
export type RawFlags = Readonly<Record<string, unknown>>;

export const list = (flags: RawFlags, name: string): string[] => {
  const value = flags[name];
  const values: readonly unknown[] = Array.isArray(value) ? value : value === undefined ? [] : [value];
  return values.map(String);
};

export const one = (flags: RawFlags, name: string): string | undefined => {
  const values = list(flags, name);
  if (values.length > 1) throw new UsageError(`--${name} is given ${values.length} times`, 'give it once');
  const [value] = values;
  if (value === '') throw new UsageError(`--${name} has no value`, `write --${name} VALUE, or leave it out`);
  return value;
};

export const choice = <T extends string>(flags: RawFlags, name: string, choices: readonly T[]): T | undefined => {
  const value = one(flags, name);
  if (value === undefined) return undefined;
  const found = choices.find((candidate) => candidate === value);
  if (found === undefined) throw new UsageError(`--${name} ${value}: unknown`, `use one of ${choices.join(', ')}`);
  return found;
};

export const parseLine = (flag: string, text: string): EtcdLine => {
  if (isEtcdLine(text)) return text;
  throw new UsageError(`${flag} ${text}: not a release line`, `use one of ${ETCD_LINES.join(', ')}`);
};

/** `m2` or `2` is the second member; its index is 1. */
export const parseMember = (flag: string, text: string): number => {
  const number = Number(/^m?(\d{1,2})$/.exec(text)?.[1] ?? 0);
  if (number < 1) throw new UsageError(`${flag} ${text}: not a member`, 'write m1, m2, ...');
  return number - 1;
};

const roles = ['leader', 'follower', 'other-follower', 'followers', 'all', 'majority'] as const;

/** `leader`, `m2`, `m1,m3`. */
export const parseWhere = (flag: string, text: string): Where[] =>
  text.split(',').map((part) => {
    const role = roles.find((each) => each === part);
    if (role !== undefined) return role;
    if (/^m?\d+$/.test(part)) return parseMember(flag, part);
    throw new UsageError(`${flag} ${part}: nobody is called that`, `use m1, m2, ... or ${roles.join(', ')}`);
  });

const convert = (what: string, name: string, param: Param, text: string): number | string | boolean => {
  const wrong = (kind: string): UsageError =>
    new UsageError(`${what}: ${name}=${text} is not ${kind}`, `${name} is ${param.about}; default ${param.default}`);
  if (typeof param.default === 'string') return text;
  if (typeof param.default === 'boolean') {
    if (text === 'true') return true;
    if (text === 'false') return false;
    throw wrong('true or false');
  }
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value)) throw wrong('a number');
  return value;
};

/** `--set key=value`, each of the type of its default. */
export const parseParams = (
  what: string,
  params: Readonly<Record<string, Param>>,
  settings: readonly string[],
): Params => {
  const found: Record<string, number | string | boolean> = {};
  for (const setting of settings) {
    const at = setting.indexOf('=');
    const name = setting.slice(0, Math.max(at, 0));
    if (at < 1) throw new UsageError(`--set ${setting}: no name and value`, 'write --set name=value');
    const param = Object.hasOwn(params, name) ? params[name] : undefined;
    if (param === undefined) {
      const known = Object.entries(params).map(([each, { about }]) => `${each} (${about})`);
      const advice = known.length === 0 ? 'leave --set out: it takes none' : `it has ${known.join(', ')}`;
      throw new UsageError(`${what} has no parameter ${name}`, advice);
    }
    if (Object.hasOwn(found, name)) throw new UsageError(`--set ${name} is given twice`, 'give it once');
    found[name] = convert(what, name, param, setting.slice(at + 1));
  }
  return found;
};
