/** Replaces every secret that a detector removes. Constant, so that nothing about the secret survives, not even its length. */
export const SECRET_MARKER = '[secret removed]';

/** Version of the detector set, recorded in the manifest. */
export const RULESET = 'secrets-1';

/**
 * One kind of secret in free text. `hint` is a cheap case-sensitive test that must hold in every text the pattern can match:
 * most texts hold no secret, and the hints spare them the patterns.
 */
export interface Detector {
  readonly id: string;
  readonly hint: RegExp;
  readonly pattern: RegExp;
  /** Replacement; `$1` .. keep what is not secret (scheme, header name, key name). */
  readonly replacement: string;
}

// Between the words of a serialised text: real white space or its escaped spelling inside JSON strings.
const blank = String.raw`(?:\s|\\[nrt])`;
// `initial-cluster-token` only tells clusters apart; etcd does not treat it as a secret and diagnosis needs it.
const secretWord = `(?!initial[_-]cluster[_-]token)(?:[A-Za-z0-9]{1,40}[_.-]){0,6}(?:password|passwd|passphrase|pwd|secret|secret[_-]?(?:access[_-]?)?key|access[_-]?token|refresh[_-]?token|id[_-]?token|auth[_-]?token|bearer[_-]?token|token|api[_-]?key|private[_-]?key|client[_-]?secret)`;
// `initial-cluster-token` stands in every log and is no secret.
const secretHint = /passw|passphrase|pwd|secret|(?<!initial[_-]cluster[_-])token|api[_-]?key|private[_-]?key/i;
const unquotedValue = String.raw`[^\s"'\\,;&<>(){}\[\]]{1,4096}`;
const quotedValue = String.raw`[^"\\\r\n]{1,4096}`;

/** Applied in this order; each works on text whose bytes are one character each. */
export const detectors: readonly Detector[] = [
  {
    id: 'pem-private-key',
    hint: /PRIVATE KEY/,
    pattern:
      /-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY-----(?:[\s\S]{0,65536}?-----END (?:[A-Z0-9]+ )*PRIVATE KEY-----|[A-Za-z0-9+/=\s\\:,-]{0,65536})/g,
    replacement: SECRET_MARKER,
  },
  {
    id: 'jwt',
    hint: /eyJ/,
    pattern: /(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{4,}\.[A-Za-z0-9_-]*/g,
    replacement: SECRET_MARKER,
  },
  {
    id: 'authorization',
    hint: /[Bb]earer|[Bb]asic|BEARER|BASIC/,
    pattern:
      /\b([Bb]earer|[Bb]asic|BEARER|BASIC)((?:\s|\\[nrt]){1,4})(?=[A-Za-z0-9/_.~-]*[A-Z0-9+=])[A-Za-z0-9+/_.~=-]{12,}/g,
    replacement: `$1$2${SECRET_MARKER}`,
  },
  {
    id: 'authorization-header',
    hint: /[Aa]uthorization|AUTHORIZATION/,
    pattern: new RegExp(
      String.raw`\b((?:proxy-)?authorization\\?["']?${blank}*[:=]${blank}*\\?["']?)(?!(?:bearer|basic)${blank}|\[secret)${unquotedValue}`,
      'gi',
    ),
    replacement: `$1${SECRET_MARKER}`,
  },
  {
    id: 'url-userinfo',
    hint: /:\/\/[^\s/]*@|:\\?\/\\?\/[^\s/]*@/,
    pattern: /\b([a-z][a-z0-9+.-]{1,20}:\\?\/\\?\/)[^\s/?#@"'<>\\]{1,512}@/gi,
    replacement: `$1${SECRET_MARKER}@`,
  },
  {
    id: 'aws-access-key',
    hint: /A[KS]IA/,
    pattern: /\bA[KS]IA[A-Z0-9]{16}\b/g,
    replacement: SECRET_MARKER,
  },
  {
    id: 'platform-token',
    hint: /gh[pousr]_|github_pat_|xox[abpr]-|AIza|hvs\.|sk_live_/,
    pattern:
      /\b(?:gh[pousr]_[A-Za-z0-9]{30,}|github_pat_[A-Za-z0-9_]{30,}|xox[abpr]-[A-Za-z0-9-]{10,}|AIza[A-Za-z0-9_-]{30,}|hvs\.[A-Za-z0-9_-]{20,}|sk_live_[A-Za-z0-9]{16,})/g,
    replacement: SECRET_MARKER,
  },
  {
    id: 'quoted-secret',
    hint: secretHint,
    pattern: new RegExp(
      String.raw`(?<![A-Za-z0-9_.-])(-{0,2}${secretWord}(\\*["'])\s*[:=]\s*\2)(?!\[secret|simple\b|jwt\b)${quotedValue}`,
      'gi',
    ),
    replacement: `$1${SECRET_MARKER}`,
  },
  {
    id: 'assigned-quoted-secret',
    hint: secretHint,
    pattern: new RegExp(
      String.raw`(?<![A-Za-z0-9_.-])(-{0,2}${secretWord}\s{0,4}[:=]\s{0,4}(\\*"))(?!\[secret|simple\\*"|jwt\\*")${quotedValue}`,
      'gi',
    ),
    replacement: `$1${SECRET_MARKER}`,
  },
  {
    id: 'assigned-secret',
    hint: secretHint,
    pattern: new RegExp(
      String.raw`(?<![A-Za-z0-9_.-])(-{0,2}${secretWord}(?:=|:\s{0,2}))(?!\[secret|(?:simple|true|false|null|none|invalid|expired|missing|is|not)\b)(?=\S)${unquotedValue}`,
      'gi',
    ),
    replacement: `$1${SECRET_MARKER}`,
  },
  {
    id: 'secret-argument',
    hint: /--[a-z-]*(?:password|token|secret)\s/,
    pattern:
      /(?<![A-Za-z0-9-])(--(?:[a-z]{1,20}-){0,4}(?:password|token|secret)\s{1,4})(?!-|\[secret)[^\s"'\\]{1,4096}/g,
    replacement: `$1${SECRET_MARKER}`,
  },
];

/** Keys of JSON objects whose string value is a secret whatever it looks like. */
export const secretKey =
  /^(?:password|passwd|passphrase|secret|token|bearer[_-]?token|access[_-]?token|api[_-]?key|client[_-]?secret|private[_-]?key)$/i;
