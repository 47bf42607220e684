import type { Findings, ScanState } from './scan-state.js';
import type { ClockJump, LogGap } from './types.js';

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
    const slot = paceSlot(step);
    state.paces[slot] = (state.paces[slot] as number) + 1;
    if (step >= GAP_CANDIDATE_MS) addGap(state, gapAt(state.source, state.ref.line, state.previousTime, time));
  } else if (step < -BACKWARD_MS) {
    addJump(state, { source: state.source, line: state.ref.line, before: state.previousTime, after: time });
  } else if (Number.isNaN(step)) {
    state.headTime = time;
    state.headLine = state.ref.line;
  }
  state.previousTime = time;
}

function paceSlot(step: number): number {
  return step < 0x7fffffff ? 32 - Math.clz32(step) : 32;
}

function gapAt(source: string, line: number, from: number, to: number): LogGap {
  return { source, line, from, to };
}

function addJump(state: Findings, jump: ClockJump): void {
  if (state.clockJumps.length < MAX_JUMPS) state.clockJumps.push(jump);
}

/** Keeps the longest silences; of equal ones the earliest. */
function addGap(state: Findings, gap: LogGap): void {
  const { gaps } = state;
  if (gaps.length >= MAX_GAPS) {
    let shortest = 0;
    for (let i = 1; i < gaps.length; i++) if (lengthOf(gaps[i]) <= lengthOf(gaps[shortest])) shortest = i;
    if (lengthOf(gap) <= lengthOf(gaps[shortest])) return;
    gaps.splice(shortest, 1);
  }
  gaps.push(gap);
}

/** Continues the clock of `into` with that of the lines after it, whose numbers begin behind `lines`. */
export function joinPace(into: Findings, next: Findings, source: string, lines: number): void {
  into.zoned += next.zoned;
  into.assumedUtc += next.assumedUtc;
  into.untimed += next.untimed;
  into.firstTime = Math.min(into.firstTime, next.firstTime);
  into.lastTime = Math.max(into.lastTime, next.lastTime);
  if (Number.isNaN(next.headTime)) return;
  const line = next.headLine + lines;
  const step = next.headTime - into.previousTime;
  if (step >= 0) {
    const slot = paceSlot(step);
    into.paces[slot] = (into.paces[slot] ?? 0) + 1;
    if (step >= GAP_CANDIDATE_MS) addGap(into, gapAt(source, line, into.previousTime, next.headTime));
  } else if (step < -BACKWARD_MS) {
    addJump(into, { source, line, before: into.previousTime, after: next.headTime });
  } else if (Number.isNaN(step)) {
    into.headTime = next.headTime;
    into.headLine = line;
  }
  for (let slot = 0; slot < into.paces.length; slot++)
    into.paces[slot] = (into.paces[slot] ?? 0) + (next.paces[slot] ?? 0);
  for (const gap of next.gaps) addGap(into, { ...gap, line: gap.line + lines });
  for (const jump of next.clockJumps) addJump(into, { ...jump, line: jump.line + lines });
  into.previousTime = next.previousTime;
}

function lengthOf(gap: LogGap | undefined): number {
  return gap === undefined ? 0 : gap.to - gap.from;
}

/** The silences that stand out: at least 5 minutes and 20 times the distance which 99 % of the neighbouring lines keep. */
export function standOutGaps(state: Findings): LogGap[] {
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
