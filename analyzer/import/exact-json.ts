import { type ParsedJson, parseJson } from '../bundle/json.js';

/** Integers of so many digits may be above 2^53, where JSON.parse rounds: they become strings, digit for digit. */
const strings = /"[^"\\]*(?:\\.[^"\\]*)*"|(?<![\d.eE+-])-?\d{16,}(?![\d.eE])/g;

/** Parses JSON as Go prints it, with every 64-bit number exact (as text). */
export const parseExact = (text: string): ParsedJson =>
  parseJson(Buffer.from(text.replace(strings, (token) => (token.startsWith('"') ? token : `"${token}"`))));
