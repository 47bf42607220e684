import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { logSignatures } from '../../../analyzer/logs/index.js';
import { signatureLines } from './signature-lines.js';
import { WRAPS } from './wrappers.js';

const START = Date.UTC(2026, 10, 22, 10);
/** Cut lines cannot be counted by grep; klog and logrus carry no panics. Both have tests of their own. */
const NOT_MIXED = ['CRI in parts', 'klog', 'k3s, zap in logrus'];
const MIXED = Object.entries(WRAPS).flatMap(([name, wrap]) => (NOT_MIXED.includes(name) ? [] : [wrap]));
const TIME = /2026-11-22[T ]10:00:00\.\d{3,6}Z?/;
/** What the journal puts before lines of the kernel and of systemd. */
const HOST = /^[A-Z][a-z]{2} \d\d [\d:]{8} \S+ [a-z]+(?:\[\d+\])?: /;
/** Lines that say nothing: what a busy member prints most, other programs, noise. */
const QUIET = [
  '{"level":"debug","ts":"2026-11-22T10:00:00.123456Z","caller":"v3rpc/interceptor.go:200","msg":"request stats","time spent":"1.2ms","remote":"10.0.0.9:48972"}',
  '{"level":"info","ts":"2026-11-22T10:00:00.123456Z","caller":"mvcc/index.go:214","msg":"compact tree index","revision":385317169}',
  '{"level":"warn","ts":"2026-11-22T10:00:00.123456Z","caller":"x/y.go:1","msg":"something unheard of","attempt":3}',
  'time="2026-11-22T10:00:00Z" level=info msg="Tunnel server egress proxy mode: agent"',
  'W1122 10:00:00.123456     812 reflector.go:561] dial tcp 10.0.0.1:6443: i/o timeout',
  '',
  '\u0000\u0000\u00ff\u00fe not a line',
];

function randomSource(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** A line with its time cut out: what stands before it, how it was written, what stands behind it. */
function cut(line: string): (ms: number) => string {
  const match = TIME.exec(line);
  if (match === null) return () => line;
  const [before, after] = [line.slice(0, match.index), line.slice(match.index + match[0].length)];
  const zoned = match[0].endsWith('Z');
  return (ms) => {
    const iso = new Date(ms).toISOString();
    return `${before}${zoned ? iso : iso.slice(0, -1).replace('T', ' ')}${after}`;
  };
}

/** Writes `lines` lines to `path`: every signature in every form that keeps a line whole, in turns with lines that say nothing. */
export async function writeCorpus(path: string, lines: number): Promise<{ lines: number }> {
  const random = randomSource(7);
  const out = createWriteStream(path, { highWaterMark: 1 << 20 });
  const known = signatureLines.map(({ line }) => cut(line));
  const quiet = QUIET.map(cut);
  let block = '';
  let written = 0;
  for (let n = 0; written < lines; n++) {
    const ms = START + n * 50;
    const from = random() < 0.6 ? quiet : known;
    const line = from[Math.floor(random() * from.length)]?.(ms) ?? '';
    // One collector of logs writes many lines before another one does.
    const wrapped = MIXED[Math.floor(n / 977) % MIXED.length]?.(line, n, ms) ?? line;
    written += 1 + (wrapped.match(/\n/g)?.length ?? 0);
    block += `${wrapped}\n`;
    if (block.length < 1 << 20) continue;
    if (!out.write(block)) await once(out, 'drain');
    block = '';
  }
  out.end(block);
  await once(out, 'finish');
  return { lines: written };
}

/** Fixed strings by which grep finds a line, and the signatures that each of them stands for. */
function marks(): Map<string, readonly string[]> {
  const found = new Map<string, readonly string[]>();
  const where = new Map(logSignatures().map((signature) => [signature.id, signature.where]));
  const put = (mark: string, ids: readonly string[]): void => {
    for (const form of new Set([mark, JSON.stringify(mark).slice(1, -1)])) {
      if ((found.get(form) ?? ids).join() !== ids.join()) throw new Error(`ambiguous: ${form}`);
      found.set(form, ids);
    }
  };
  for (const { id, also = [], line } of signatureLines) {
    const ids = [id, ...also].sort();
    const caller = /"caller":"[^"]*","msg":"(?:[^"\\]|\\.)*"/.exec(line)?.[0];
    if (caller === undefined) {
      const at = TIME.exec(line);
      put(at === null ? line.replace(HOST, '') : line.slice(at.index + at[0].length), ids);
      continue;
    }
    const error = /"error":"(?:[^"\\]|\\.)*"/.exec(line)?.[0];
    const named = error === undefined ? [] : ids.filter((one) => where.get(one) === 'anywhere');
    put(
      caller,
      ids.filter((one) => !named.includes(one)),
    );
    if (error !== undefined && named.length > 0) put(error, named);
  }
  return found;
}

/** How often grep finds each signature in the corpus. */
export async function countByGrep(path: string, list: string): Promise<Record<string, number>> {
  const known = marks();
  await writeFile(list, `${[...known.keys()].join('\n')}\n`);
  const script = 'grep -aoFf "$1" "$2" | awk \'{ seen[$0]++ } END { for (mark in seen) print seen[mark] "\\t" mark }\'';
  const text = execFileSync('sh', ['-c', script, 'sh', list, path], {
    env: { ...process.env, LC_ALL: 'C' },
    maxBuffer: 1 << 26,
  }).toString('utf8');
  const counts: Record<string, number> = {};
  for (const row of text.split('\n').filter((one) => one !== '')) {
    const [seen = '', mark = ''] = [row.slice(0, row.indexOf('\t')), row.slice(row.indexOf('\t') + 1)];
    for (const id of known.get(mark) ?? []) counts[id] = (counts[id] ?? 0) + Number(seen);
  }
  return counts;
}
