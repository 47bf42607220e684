import type { ScanState } from './scan-state.js';
import type { LogGap } from './types.js';

const GAP_FLOOR_MS = 5 * 60_000;
const GAP_CANDIDATE_MS = 60_000;
const GAP_FACTOR = 20;
const BACKWARD_MS = 2000;
const MAX_GAPS = 64;
const MAX_JUMPS = 64;

/** Follows the clock of a file: first and last time, silences, backward steps. `time` is epoch ms, NaN for a line without. */
export function noteTime(state: ScanState, time: number, zoned: boolean): void {
  if (Number.isNaN(time)) {
    state.untimed++;
    return;
  }
  if (zoned) state.zoned++;
  else state.assumedUtc++;
  if (time < state.firstTime) state.firstTime = time;
  if (time > state.lastTime) state.lastTime = time;
  const step = time - state.previousTime;
  if (step >= 0) {
    const slot = step < 0x7fffffff ? 32 - Math.clz32(step) : 32;
    state.paces[slot] = (state.paces[slot] as number) + 1;
    if (step >= GAP_CANDIDATE_MS) addGap(state, state.previousTime, time);
  } else if (step < -BACKWARD_MS && state.clockJumps.length < MAX_JUMPS) {
    state.clockJumps.push({ source: state.source, line: state.ref.line, before: state.previousTime, after: time });
  }
  state.previousTime = time;
}

function addGap(state: ScanState, from: number, to: number): void {
  const { gaps } = state;
  if (gaps.length >= MAX_GAPS) {
    let shortest = 0;
    for (let i = 1; i < gaps.length; i++) if (lengthOf(gaps[i]) < lengthOf(gaps[shortest])) shortest = i;
    if (to - from <= lengthOf(gaps[shortest])) return;
    gaps.splice(shortest, 1);
  }
  gaps.push({ source: state.source, line: state.ref.line, from, to });
}

function lengthOf(gap: LogGap | undefined): number {
  return gap === undefined ? 0 : gap.to - gap.from;
}

/** The silences that stand out: at least 5 minutes and 20 times the distance which 99 % of the neighbouring lines keep. */
export function standOutGaps(state: ScanState): LogGap[] {
  const total = state.paces.reduce((sum, count) => sum + count, 0);
  let seen = 0;
  let usual = 0;
  for (let slot = 0; slot < state.paces.length && seen < total * 0.99; slot++) {
    seen += state.paces[slot] ?? 0;
    usual = slot === 0 ? 0 : 2 ** (slot - 1);
  }
  const limit = Math.max(GAP_FLOOR_MS, usual * GAP_FACTOR);
  return state.gaps.filter((gap) => lengthOf(gap) >= limit);
}
