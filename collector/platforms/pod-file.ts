import { parse } from 'yaml';
import { isMap, type Json, listOf as list } from '../kubernetes/json.js';

/** What a static pod says of one of its containers, as the process in it would see it. */
export interface PodContainer {
  /** Command line, without a shell around it. */
  readonly argv: readonly string[];
  /** `NAME=value` with literal values only. */
  readonly env: readonly string[];
  /** Path on the node of a path in the container; the same path where nothing is mounted. */
  readonly onHost: (path: string) => string;
}

const texts = (value: unknown): string[] => list(value).filter((entry): entry is string => typeof entry === 'string');
const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

/**
 * The container `name` of a pod manifest; undefined when it is not in there. Throws on text that is no YAML, without quoting it: a manifest
 * may hold secrets.
 */
export const containerOf = (text: string, name: string): PodContainer | undefined => {
  let pod: unknown;
  try {
    pod = parse(text, { maxAliasCount: 20, logLevel: 'error' });
  } catch {
    throw new Error('the manifest is not valid YAML');
  }
  const spec = isMap(pod) ? pod['spec'] : undefined;
  if (!isMap(spec)) return undefined;
  const container = list(spec['containers'])
    .filter(isMap)
    .find((each) => each['name'] === name);
  if (container === undefined) return undefined;
  const env = list(container['env'])
    .filter(isMap)
    .flatMap((each): (readonly [string, string])[] => {
      const [key, value] = [textOf(each['name']), textOf(each['value'])];
      return key === undefined || value === undefined ? [] : [[key, value]];
    });
  const known = new Map(env);
  const words = [...texts(container['command']), ...texts(container['args'])];
  return {
    argv: withoutShell(words).flatMap((word) => substituted(word, known)),
    env: env.flatMap(([key, value]) => substituted(`${key}=${value}`, known)),
    onHost: mountsOf(spec, container),
  };
};

/** Of `sh -c SCRIPT` the last command that runs etcd with flags: `exec ... etcd --a=b \ ...`. */
const withoutShell = (words: readonly string[]): readonly string[] => {
  const [first = '', flag, script] = words;
  if (!/(^|\/)(ba)?sh$/.test(first) || flag === undefined || !/^-[a-z]*c$/.test(flag) || script === undefined)
    return words;
  const joined = script.replace(/\\\r?\n/g, ' ');
  const command = joined
    .split('\n')
    .map((line) => /(?:^|[\s/])etcd\s+(--.*)$/.exec(line)?.[1])
    .findLast((line) => line !== undefined);
  const flags = (command ?? '').split(/\s+/).filter((word) => word.startsWith('--'));
  return ['etcd', ...flags.map((word) => word.replace(/=(["'])(.*)\1$/, '=$2'))];
};

/** Replaces `${NAME}` and `$(NAME)`; a word with an unknown name is left out, for half a value would be a wrong one. */
const substituted = (word: string, env: ReadonlyMap<string, string>): string[] => {
  let isKnown = true;
  const text = word.replace(/\$(?:\{([A-Za-z0-9_]+)\}|\(([A-Za-z0-9_]+)\))/g, (_, braced?: string, round?: string) => {
    const value = env.get(braced ?? round ?? '');
    if (value === undefined) isKnown = false;
    return value ?? '';
  });
  return isKnown ? [text] : [];
};

const mountsOf = (spec: Json, container: Json): PodContainer['onHost'] => {
  const volumes = new Map(
    list(spec['volumes'])
      .filter(isMap)
      .flatMap((volume): (readonly [string, string])[] => {
        const hostPath = volume['hostPath'];
        const [name, path] = [textOf(volume['name']), isMap(hostPath) ? textOf(hostPath['path']) : undefined];
        return name === undefined || path === undefined ? [] : [[name, path]];
      }),
  );
  const mounts = list(container['volumeMounts'])
    .filter(isMap)
    .flatMap((mount): (readonly [string, string])[] => {
      const path = textOf(mount['mountPath'])?.replace(/\/+$/, '');
      const host = volumes.get(textOf(mount['name']) ?? '')?.replace(/\/+$/, '');
      return path === undefined || host === undefined ? [] : [[path, host]];
    })
    .sort(([a], [b]) => b.length - a.length);
  return (path) => {
    const mount = mounts.find(([inside]) => path === inside || path.startsWith(`${inside}/`));
    return mount === undefined ? path : `${mount[1]}${path.slice(mount[0].length)}`;
  };
};
