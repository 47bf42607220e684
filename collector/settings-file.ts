/** etcd's config file: the plain part of YAML that such files use, or JSON; flattened to flag names. */

type Node = string | readonly Node[] | { readonly [key: string]: Node };

/** Sections of the config file and the prefix their keys have as flags (etcd.conf.yml.sample of the etcd repository). */
const sections: Readonly<Record<string, string>> = {
  'client-transport-security': '',
  'peer-transport-security': 'peer-',
};

/** Keys inside a section that differ from `prefix + key` as a flag. */
const sectionKeys: Readonly<Record<string, string>> = {
  'peer-allowed-cn': 'peer-cert-allowed-cn',
  'peer-allowed-hostname': 'peer-cert-allowed-hostname',
  'allowed-hostname': 'client-cert-allowed-hostname',
  'peer-skip-client-san-verification': 'peer-skip-client-san-verification',
};

/**
 * Flag name -> value of every setting in the file, lists joined by commas. Throws when the text uses YAML beyond plain maps, lists and
 * scalars (anchors, tags, block scalars): half-understood settings would be worse than none.
 */
export const parseConfigFile = (text: string): readonly (readonly [string, string])[] => {
  const root = text.trimStart().startsWith('{') ? fromJson(parseJson(text)) : parseYaml(text);
  if (typeof root === 'string' || Array.isArray(root)) throw new Error('the config file is not a map');
  return Object.entries(root).flatMap(([key, value]): (readonly [string, string])[] => {
    const prefix = Object.hasOwn(sections, key) ? sections[key] : undefined;
    if (prefix === undefined || typeof value === 'string' || Array.isArray(value)) return [[key, joined(value)]];
    return Object.entries(value).map(([inner, leaf]) => [flagOf(prefix, inner), joined(leaf)]);
  });
};

/** JSON.parse quotes the text in its message, which may hold a secret. */
const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error('the config file is not valid JSON');
  }
};

const flagOf = (prefix: string, key: string): string => {
  const name = `${prefix}${key}`;
  return Object.hasOwn(sectionKeys, name) ? (sectionKeys[name] ?? name) : name;
};

const joined = (node: Node): string => {
  if (typeof node === 'string') return node;
  if (Array.isArray(node)) return node.map(joined).join(',');
  return JSON.stringify(node);
};

const fromJson = (value: unknown): Node => {
  if (Array.isArray(value)) return value.map(fromJson);
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, fromJson(inner)]));
  }
  return value === null || value === undefined ? '' : String(value);
};

interface Line {
  readonly indent: number;
  readonly text: string;
  readonly number: number;
}

const parseYaml = (text: string): Node => {
  const lines = text.split(/\r?\n/).flatMap((raw, index): Line[] => {
    const trimmed = withoutComment(raw).trimEnd();
    const content = trimmed.trimStart();
    if (content === '' || content === '---' || content === '...') return [];
    if (/^\s*\t/.test(trimmed)) throw new Error(`line ${index + 1}: tab in the indentation`);
    return [{ indent: trimmed.length - content.length, text: content, number: index + 1 }];
  });
  const cursor = { at: 0 };
  const first = lines[0];
  if (first === undefined) return {};
  const root = parseBlock(lines, cursor, first.indent);
  const left = lines[cursor.at];
  if (left !== undefined) throw new Error(`line ${left.number}: unexpected indentation`);
  return root;
};

/** A `#` starts a comment only after a blank and outside quotes. */
const withoutComment = (raw: string): string => {
  let quote = '';
  for (let at = 0; at < raw.length; at += 1) {
    const c = raw[at] ?? '';
    if (quote !== '') {
      if (c === '\\' && quote === '"') at += 1;
      else if (c === quote) quote = '';
    } else if ((c === '"' || c === "'") && /(^|[\s:,[-])$/.test(raw.slice(0, at))) quote = c;
    else if (c === '#' && (at === 0 || /\s/.test(raw[at - 1] ?? ''))) return raw.slice(0, at);
  }
  return raw;
};

const parseBlock = (lines: readonly Line[], cursor: { at: number }, indent: number): Node => {
  const first = lines[cursor.at];
  return first !== undefined && isItem(first.text) ? parseList(lines, cursor, indent) : parseMap(lines, cursor, indent);
};

const isItem = (text: string): boolean => text === '-' || text.startsWith('- ');

const parseList = (lines: readonly Line[], cursor: { at: number }, indent: number): Node => {
  const items: Node[] = [];
  for (;;) {
    const line = lines[cursor.at];
    if (line === undefined || line.indent !== indent || !isItem(line.text)) return items;
    cursor.at += 1;
    items.push(scalar(line.text.slice(1).trim(), line.number));
  }
};

const parseMap = (lines: readonly Line[], cursor: { at: number }, indent: number): Node => {
  const map: Record<string, Node> = Object.create(null) as Record<string, Node>;
  for (;;) {
    const line = lines[cursor.at];
    if (line === undefined || line.indent < indent) return map;
    const parts = /^(?:"([^"]+)"|'([^']+)'|([^\s"'#&*!|>%@`{[][^:]*?))\s*:(?:\s+(.*))?$/.exec(line.text);
    const key = parts?.[1] ?? parts?.[2] ?? parts?.[3];
    if (line.indent > indent || parts === null || key === undefined) {
      throw new Error(`line ${line.number}: not a plain \`key: value\``);
    }
    cursor.at += 1;
    const value = parts[4] ?? '';
    const next = lines[cursor.at];
    // A list may stand at the same indentation as its key.
    const nested = next !== undefined && (next.indent > indent || (next.indent === indent && isItem(next.text)));
    map[key] = value === '' && nested ? parseBlock(lines, cursor, next.indent) : scalar(value, line.number);
  }
};

const scalar = (text: string, number: number): Node => {
  if (text.startsWith('[') && text.endsWith(']')) {
    const inner = text.slice(1, -1).trim();
    return inner === '' ? [] : inner.split(',').map((item) => scalar(item.trim(), number));
  }
  if (text === '{}') return {};
  if (text.startsWith('"') && text.endsWith('"') && text.length > 1) return unescaped(text, number);
  if (text.startsWith("'") && text.endsWith("'") && text.length > 1) return text.slice(1, -1).replaceAll("''", "'");
  if (/^[&*!|>%@`{["']/.test(text)) throw new Error(`line ${number}: YAML of this kind is not understood`);
  return text === '~' || text === 'null' ? '' : text;
};

const unescaped = (text: string, number: number): string => {
  try {
    return String(JSON.parse(text));
  } catch {
    throw new Error(`line ${number}: unknown escape in a quoted value`);
  }
};
