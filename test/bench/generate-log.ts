import { createWriteStream } from 'node:fs';
import { once } from 'node:events';
import { pathToFileURL } from 'node:url';
import { duration, PEERS, type Share } from './lines.js';
import { textHostile, textStart, textUsual } from './text-mix.js';
import { zapHostile, zapStart, zapUsual } from './zap-mix.js';

/** Shapes of the generated file: zap JSON as 3.5 and later print it, or the text of 3.4. */
export type GeneratedForm = 'zap' | 'text';
/**
 * What the lines are about. `usual`: a busy member at level debug whose disk is slow now and then, about 12 % of the lines warnings.
 * `hostile`: two thirds are warnings that a signature knows, each with several fields to read.
 */
export type GeneratedMix = 'usual' | 'hostile';

/** A small fixed generator of pseudo-random numbers, so that the same seed gives the same bytes. */
function randomSource(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Lines of one log, without end. Take as many as are needed. */
export function* generateLines(form: GeneratedForm, seed: number, mix: GeneratedMix = 'usual'): Generator<string> {
  const random = randomSource(seed);
  const shares = sharesOf(form, mix);
  let time = Date.UTC(2026, 9, 1);
  let revision = 184_467_440_737n;
  for (let n = 0; ; n++) {
    time += Math.floor(random() * random() * 2000);
    revision += 7n;
    const took = duration(0.1 + random() ** 6 * 4);
    const key = `/registry/leases/kube-node-lease/node-${Math.floor(random() * 500)}`;
    const size = Math.floor(300 + random() ** 9 * 4e6);
    const stamp = new Date(time).toISOString();
    const values = { n, stamp, took, key, size, peer: PEERS[n % 3] ?? '', revision };
    if (n % 200_000 === 0) yield (form === 'zap' ? zapStart : textStart)(values);
    else yield pickFrom(shares, random())(values);
  }
}

function sharesOf(form: GeneratedForm, mix: GeneratedMix): readonly Share[] {
  if (form === 'zap') return mix === 'usual' ? zapUsual : zapHostile;
  return mix === 'usual' ? textUsual : textHostile;
}

function pickFrom(shares: readonly Share[], pick: number): Share['line'] {
  let upTo = 0;
  for (const { share, line } of shares) {
    upTo += share;
    if (pick < upTo) return line;
  }
  const last = shares.at(-1);
  if (last === undefined) throw new Error('a mix needs lines');
  return last.line;
}

/** Writes about `bytes` bytes of generated log to `path`. */
export async function generateLog(
  path: string,
  bytes: number,
  form: GeneratedForm = 'zap',
  mix: GeneratedMix = 'usual',
  seed = 1,
): Promise<void> {
  const out = createWriteStream(path, { highWaterMark: 1 << 20 });
  let written = 0;
  let block = '';
  for (const line of generateLines(form, seed, mix)) {
    block += `${line}\n`;
    if (block.length < 1 << 20 && written + block.length < bytes) continue;
    written += block.length;
    if (!out.write(block)) await once(out, 'drain');
    block = '';
    if (written >= bytes) break;
  }
  out.end();
  await once(out, 'finish');
}

const invoked = process.argv[1];
if (invoked !== undefined && import.meta.url === pathToFileURL(invoked).href) {
  const [path = '', bytes = '1e9', form = 'zap', mix = 'usual'] = process.argv.slice(2);
  await generateLog(path, Number(bytes), form === 'text' ? 'text' : 'zap', mix === 'hostile' ? 'hostile' : 'usual');
}
