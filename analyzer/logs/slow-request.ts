import type { Match, Matcher, TextMatch } from './matcher.js';

const RESULT = '" with result "';
const TOOK = '" took too long (';
const END = ') to execute';
const PREFIXES = ['read-only range ', 'read-only txn ', ''];
const MAX_DURATION = 40;

/**
 * The commonest warning of 3.4, by hand: `[package: ][prefix]request "..." with result "..." took too long (1.2s) to execute`.
 * What it gives is what the pattern gives (held by a test); undefined, so that the pattern decides, where the text is anything but
 * plain. `text` begins behind the timestamp.
 */
export function slowRequest(matcher: Matcher, text: string): TextMatch | undefined {
  if (!text.endsWith(END) || matcher.slowRequest === undefined) return undefined;
  const at = packageEnd(text);
  const prefix = PREFIXES.find((one) => text.startsWith(one, at)) ?? '';
  const request = at + prefix.length;
  if (!text.startsWith('request "', request)) return undefined;
  const result = text.lastIndexOf(RESULT);
  if (result < request + 'request "'.length) return undefined;
  const took = text.indexOf(TOOK, result + RESULT.length);
  const close = took < 0 ? -1 : text.indexOf(')', took + TOOK.length);
  const length = close - took - TOOK.length;
  if (close < 0 || length < 1 || length > MAX_DURATION || !text.startsWith(END, close)) return undefined;
  // A pattern stops at these, and a view in latin1 is not the text.
  if (/[\n\r\u0080-\uffff]/.test(text)) return undefined;
  const groups: Match['groups'] = {
    prefix: prefix === '' ? undefined : prefix,
    result: text.slice(result + RESULT.length, took),
    took: text.slice(took + TOOK.length, close),
  };
  return { primary: { compiled: matcher.slowRequest, groups }, anywhere: [] };
}

/** Where the message begins behind `etcdserver: `. */
function packageEnd(text: string): number {
  const colon = text.indexOf(': ');
  if (colon <= 0 || colon > MAX_DURATION) return 0;
  for (let i = 0; i < colon; i++) {
    const c = text.charCodeAt(i);
    const isWord = (c >= 97 && c <= 122) || (c >= 65 && c <= 90) || (c >= 45 && c <= 57) || c === 95;
    if (!isWord) return 0;
  }
  return colon + 2;
}
