import { isAddress } from './addresses.js';
import { endOfQuoted, isDigit, isNameByte, isWord, openingQuote, startsWord } from './text-position.js';
import { isToken, type Tokens } from './tokens.js';
import { isCommonName, isPublicDomain, topLevels } from './words.js';

/** Reports that bytes `start` to `end` become `text`. */
export type Emit = (start: number, end: number, text: string, rule: string) => void;

/** A literal that announces an identity, and how to read what it announces. */
export interface Trigger {
  readonly text: string;
  /** It reads fields of log lines; fields of the bundle's own JSON have rules of their own. */
  readonly ofLogs?: true;
  /** `start` and `end` are those of the literal. */
  readonly read: (bytes: Buffer, start: number, end: number, emit: Emit) => void;
}

/** Longest identity that is read, bytes. */
const MAX_LENGTH = 4096;

/** Extends to the name that `at` lies in. */
const nameAround = (bytes: Buffer, start: number, end: number): readonly [number, number] => {
  let from = start;
  while (from > 0 && start - from < 255 && isNameByte(bytes[from - 1])) {
    // The letter of `\n` belongs to the escape.
    if (bytes[from - 2] === 0x5c && startsWord(bytes, from)) break;
    from -= 1;
  }
  let to = end;
  while (to - end < 255 && isNameByte(bytes[to])) to += 1;
  while (to > end && (bytes[to - 1] === 0x2e || bytes[to - 1] === 0x2d)) to -= 1;
  while (from < start && (bytes[from] === 0x2e || bytes[from] === 0x2d || bytes[from] === 0x5f)) from += 1;
  return [from, to];
};

const emitName = (tokens: Tokens, text: string, start: number, emit: Emit, rule: string): void => {
  if (text === '' || isAddress(text) || isToken(text)) return;
  const token = tokens.name(text);
  if (token !== text) emit(start, start + text.length, token, rule);
};

/** The host of a URL; addresses are found by their own shape. */
const urlHost = (tokens: Tokens): Trigger => ({
  text: '://',
  read: (bytes, start, end, emit) => {
    const scheme = bytes.toString('latin1', Math.max(0, start - 5), start).toLowerCase();
    if (/(?:unixs?|file)$/.test(scheme)) return;
    let to = end;
    while (to - end < 512 && isNameByte(bytes[to])) to += 1;
    const host = bytes.toString('latin1', end, to).replace(/\.+$/, '');
    // `0.0.0.0`, and what a port follows.
    if (/^[\d.]*$/.test(host)) return;
    emitName(tokens, host, end, emit, 'url-host');
  },
});

/** Dotted names that end in a top-level domain. */
const dottedName = (tokens: Tokens, top: string): Trigger => ({
  text: `.${top}`,
  read: (bytes, start, end, emit) => {
    if (isWord(bytes[end]) || bytes[end] === 0x2d || bytes[end] === 0x5f) return;
    // A label follows: not the end of the name.
    if (bytes[end] === 0x2e && isWord(bytes[end + 1])) return;
    const [from, to] = nameAround(bytes, start, end);
    const text = bytes.toString('latin1', from, to);
    if (/^[\d.]+$/.test(text) || !/[A-Za-z]/.test(text.slice(0, -top.length - 1)) || isPublicDomain(text.toLowerCase()))
      return;
    const at = bytes[from - 1] === 0x40 ? mailbox(bytes, from - 1) : undefined;
    if (at !== undefined) {
      const user = bytes.toString('latin1', at, from - 1);
      emit(at, from - 1, tokens.user(user), 'mail');
    }
    const star = bytes[from - 1] === 0x2a || (bytes[from - 2] === 0x2a && bytes[from - 1] === 0x2e);
    if (star) {
      const begin = bytes[from - 1] === 0x2a ? from - 1 : from - 2;
      const token = tokens.name(bytes.toString('latin1', begin, to));
      emit(begin, to, token, 'host-name');
      return;
    }
    emitName(tokens, text, from, emit, 'host-name');
  },
});

const mailbox = (bytes: Buffer, at: number): number | undefined => {
  let from = at;
  while (at - from < 64 && (isNameByte(bytes[from - 1]) || bytes[from - 1] === 0x2b)) from -= 1;
  return from === at ? undefined : from;
};

/** A word behind words of an error message that name a host next. */
const afterWords = (tokens: Tokens, text: string): Trigger => ({
  text,
  read: (bytes, _start, end, emit) => {
    let to = end;
    while (to - end < 255 && isNameByte(bytes[to])) to += 1;
    const name = bytes.toString('latin1', end, to).replace(/[.-]+$/, '');
    // `lookup etcd-1 on 10.0.0.53:53: no such host`; prose goes on with words that no name looks like.
    const after = bytes.toString('latin1', to, to + 4);
    if (/[.\d-]/.test(name) || (text === 'lookup ' && (after === ' on ' || after.startsWith(':'))))
      emitName(tokens, name, end, emit, 'host-in-error');
  },
});

/** Lists of names in errors of certificate checks: `certificate is valid for a, b, not c`. */
const certificateNames = (tokens: Tokens): Trigger => ({
  text: ' is valid for ',
  read: (bytes, _start, end, emit) => {
    let at = end;
    for (let count = 0; count < 500; count += 1) {
      if (bytes.toString('latin1', at, at + 4) === 'not ') at += 4;
      if (bytes[at] === 0x2a) at += 2;
      let to = at;
      while (to - at < 255 && isNameByte(bytes[to])) to += 1;
      const text = bytes.toString('latin1', at, to).replace(/[.-]+$/, '');
      if (text === '') return;
      emitName(tokens, text, at, emit, 'host-in-error');
      if (bytes[to] !== 0x2c || bytes[to + 1] !== 0x20) return;
      at = to + 2;
    }
  },
});

const stopsKey = (byte: number | undefined): boolean =>
  byte === undefined ||
  byte <= 0x20 ||
  byte === 0x22 ||
  byte === 0x27 ||
  byte === 0x5c ||
  byte === 0x2c ||
  byte === 0x3b ||
  byte === 0x3e ||
  byte === 0x7d ||
  byte === 0x29 ||
  byte === 0x5d;

/** A key of Kubernetes wherever it stands. */
const registryKey = (tokens: Tokens): Trigger => {
  // A key may hold the same words again; it is read once.
  let last: Buffer | undefined;
  let until = 0;
  return {
    text: '/registry/',
    read: (bytes, start, end, emit) => {
      if (bytes === last && start < until && start > 0) return;
      let to = end;
      while (to - end < MAX_LENGTH && !stopsKey(bytes[to])) to += 1;
      last = bytes;
      until = to;
      const text = bytes.toString('latin1', start, to);
      const token = tokens.key(text);
      if (token !== text) emit(start, to, token, 'key');
    },
  };
};

/** Keys of requests in slow-request lines: `key:"…"`, and `range_begin:…;` of traces. */
const requestKey = (tokens: Tokens, text: string): Trigger => ({
  text,
  read: (bytes, start, end, emit) => {
    if (!startsWord(bytes, start)) return;
    const quote = openingQuote(bytes, end);
    let from = end;
    let to = end;
    if (quote !== undefined) {
      from = quote.from;
      to = Math.min(endOfQuoted(bytes, from, quote.backslashes), from + 65_536);
    } else {
      if (text.startsWith('key')) return;
      while (to - from < MAX_LENGTH && !stopsKey(bytes[to])) to += 1;
    }
    const key = bytes.toString('latin1', from, to);
    // `\000` means "to the end"; it names nothing.
    if (key === '' || /^\\+(?:000|x00|u0000)$/.test(key)) return;
    const token = tokens.key(key.replace(/\\+(?:[0-7]{3}|x[0-9a-f]{2})/g, '?').replace(/\\+./g, '?'));
    if (token !== key) emit(from, to, token, 'key');
  },
});

export type FieldRule = 'name' | 'names' | 'user' | 'path' | 'host' | 'key' | 'cluster';

/**
 * Fields of structured logs (zap, journald, container engines) and labels of metrics. Addresses need no field: they are found by their
 * shape; ids stay.
 */
const fields: Readonly<Record<string, FieldRule>> = {
  name: 'name',
  'member-name': 'name',
  'local-member-name': 'name',
  'remote-peer-name': 'name',
  'remote-peer-server-name': 'name',
  'local-server-name': 'name',
  'server-name': 'name',
  'dns-names': 'names',
  hostname: 'name',
  host: 'name',
  node: 'name',
  nodename: 'name',
  instance: 'name',
  pod: 'name',
  pod_name: 'name',
  namespace: 'name',
  container_name: 'name',
  _HOSTNAME: 'name',
  _MACHINE_ID: 'host',
  CONTAINER_NAME: 'name',
  'user-name': 'user',
  username: 'user',
  user: 'user',
  'auth-user': 'user',
  'role-name': 'user',
  'initial-cluster-token': 'name',
  'discovery-srv': 'name',
  'data-dir': 'path',
  'member-dir': 'path',
  'wal-dir': 'path',
  'wal-dir-dedicated': 'path',
  // The command line that etcd logs: the program, and values that stand apart from their flags.
  args: 'path',
  dir: 'path',
  path: 'path',
  cert: 'path',
  'cert-file': 'path',
  'key-file': 'path',
  'trusted-ca-file': 'path',
  'client-cert': 'path',
  'client-key': 'path',
  'crl-file': 'path',
  'initial-cluster': 'cluster',
  key: 'key',
  'range-end': 'key',
  prefix: 'key',
};

/** `a=http://…,b=http://…`: the names before the equals signs; hosts are found by their URLs. */
const clusterNames = (tokens: Tokens, bytes: Buffer, from: number, to: number, emit: Emit): void => {
  const text = bytes.toString('latin1', from, to);
  for (const match of text.matchAll(/(?:^|,)\s*([^=,\s"\\]{1,255})=/g)) {
    const name = match[1] ?? '';
    emitName(tokens, name, from + match.index + match[0].lastIndexOf(name), emit, 'member-name');
  }
};

const readField = (tokens: Tokens, rule: FieldRule, bytes: Buffer, from: number, to: number, emit: Emit): void => {
  if (to <= from || to - from > MAX_LENGTH) return;
  const text = bytes.toString('latin1', from, to);
  const put = (token: string): void => {
    if (token !== text) emit(from, to, token, `field-${rule}`);
  };
  if (rule === 'cluster') clusterNames(tokens, bytes, from, to, emit);
  else if (rule === 'user') put(tokens.user(text));
  else if (rule === 'host') put(/^[0-9a-f]{16,64}$/i.test(text) ? tokens.host(text) : text);
  else if (rule === 'key') {
    // Many things are called `key`: only what looks like a key of a store is one.
    if (text.includes('/')) put(tokens.key(text));
  } else if (rule === 'path') {
    if (text.startsWith('/') && text.lastIndexOf('/') > 0) put(tokens.path(text));
  }
  if (rule !== 'name' && rule !== 'names') return;
  // A name with blanks is prose, one with a colon has a port or is an address.
  const name = /^[^\s:/\\,;=]{1,253}$/.exec(text)?.[0];
  const withPort = /^([A-Za-z0-9._-]{1,253}):\d{1,5}$/.exec(text)?.[1];
  if (name !== undefined || withPort !== undefined)
    emitName(tokens, name ?? withPort ?? '', from, emit, `field-${rule}`);
};

/** `"field":"value"` at any depth of escaping. */
const jsonField = (tokens: Tokens, field: string, rule: FieldRule): Trigger[] =>
  [`"${field}":`, `"${field}\\`].map((text) => ({
    text,
    ofLogs: true,
    read: (bytes, _start, end, emit) => {
      let at = end;
      if (text.endsWith('\\')) {
        at -= 1;
        const closing = openingQuote(bytes, at);
        if (closing === undefined || bytes[closing.from] !== 0x3a) return;
        at = closing.from + 1;
      }
      while (bytes[at] === 0x20) at += 1;
      if (bytes[at] === 0x5b) at += 1;
      for (let count = 0; count < 200; count += 1) {
        const quote = openingQuote(bytes, at);
        if (quote === undefined) return;
        const to = endOfQuoted(bytes, quote.from, quote.backslashes);
        readField(tokens, rule, bytes, quote.from, to, emit);
        at = to + quote.backslashes + 1;
        if (bytes[at] !== 0x2c) return;
        at += 1;
        // In an array the next value follows; in an object the next field does.
        const following = openingQuote(bytes, at);
        if (following === undefined) return;
        const next = endOfQuoted(bytes, following.from, following.backslashes);
        if (bytes[next + following.backslashes + 1] === 0x3a) return;
      }
    },
  }));

/** `field="value"` of metrics, `FIELD=value` of a journal export, `--field=value` and `--field value` of command lines, as far as they name identities. */
const assigned = (tokens: Tokens, text: string, rule: FieldRule): Trigger => ({
  text,
  read: (bytes, start, end, emit) => {
    if (!startsWord(bytes, start) || bytes[start - 1] === 0x5f) return;
    const quote = openingQuote(bytes, end);
    if (quote !== undefined) {
      readField(tokens, rule, bytes, quote.from, endOfQuoted(bytes, quote.from, quote.backslashes), emit);
      return;
    }
    let to = end;
    while (to - end < MAX_LENGTH && !stopsValue(bytes[to], rule)) to += 1;
    readField(tokens, rule, bytes, end, to, emit);
  },
});

const stopsValue = (byte: number | undefined, rule: FieldRule): boolean =>
  byte === undefined ||
  byte <= 0x20 ||
  byte === 0x22 ||
  byte === 0x5c ||
  (byte === 0x2c && rule !== 'cluster') ||
  byte === 0x27 ||
  byte === 0x5d ||
  byte === 0x7d ||
  byte === 0x29;

const assignments: readonly (readonly [string, FieldRule])[] = [
  ['node=', 'name'],
  ['instance=', 'name'],
  ['hostname=', 'name'],
  ['pod=', 'name'],
  ['namespace=', 'name'],
  ['username=', 'user'],
  ['user=', 'user'],
  ['UserName:', 'user'],
  ['_HOSTNAME=', 'name'],
  ['_MACHINE_ID=', 'host'],
  ['--name=', 'name'],
  ['--name ', 'name'],
  ['--initial-cluster=', 'cluster'],
  ['--initial-cluster ', 'cluster'],
  ['initial-cluster=', 'cluster'],
  ['ETCD_INITIAL_CLUSTER=', 'cluster'],
  ['ETCD_NAME=', 'name'],
  ['--data-dir=', 'path'],
  ['--data-dir ', 'path'],
  ['--wal-dir=', 'path'],
  ['--cert-file=', 'path'],
  ['--key-file=', 'path'],
  ['--trusted-ca-file=', 'path'],
  ['--peer-cert-file=', 'path'],
  ['--peer-key-file=', 'path'],
  ['--peer-trusted-ca-file=', 'path'],
  ['--config-file=', 'path'],
  ['--config-file ', 'path'],
  ['--initial-cluster-token=', 'name'],
  ['{Name:', 'name'],
  [' added member named ', 'name'],
];

const homeOf = (tokens: Tokens, text: string): Trigger => ({
  text,
  read: (bytes, _start, end, emit) => {
    let to = end;
    while (to - end < 64 && isNameByte(bytes[to])) to += 1;
    const user = bytes.toString('latin1', end, to);
    if (user !== '' && !isToken(user) && !isCommonName(user)) emit(end, to, tokens.user(user), 'home');
  },
});

/** Addresses in names: `ip-10-0-0-1`. */
const cloudName = (tokens: Tokens): Trigger => ({
  text: 'ip-',
  read: (bytes, start, _end, emit) => {
    if (!startsWord(bytes, start) || !isDigit(bytes[start + 3])) return;
    const [from, to] = nameAround(bytes, start, start + 3);
    const text = bytes.toString('latin1', from, to);
    if (from === start && /^ip(?:-\d{1,3}){4}(?:\.|$)/.test(text)) emitName(tokens, text, from, emit, 'host-name');
  },
});

/** Everything that announces an identity of which nothing is known beforehand. */
export const triggersOf = (tokens: Tokens): Trigger[] => [
  urlHost(tokens),
  ...topLevels.map((top) => dottedName(tokens, top)),
  ...['lookup ', 'wanted to match ', ' not valid for name ', 'server name ', ' host name ', 'certificate for '].map(
    (text) => afterWords(tokens, text),
  ),
  certificateNames(tokens),
  registryKey(tokens),
  ...['key:', 'range_end:', 'range_begin:', 'prefix:', 'key_prefix:'].map((text) => requestKey(tokens, text)),
  ...Object.entries(fields).flatMap(([field, rule]) => jsonField(tokens, field, rule)),
  ...assignments.map(([text, rule]) => assigned(tokens, text, rule)),
  homeOf(tokens, '/home/'),
  homeOf(tokens, '/Users/'),
  cloudName(tokens),
];
