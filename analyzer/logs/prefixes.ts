import { scanLine } from './scan.js';
import type { ScanState } from './scan-state.js';

/** What etcd's lines begin with, and those of a Go program that ends. */
const LINE =
  '(?=\\{"level":"|\\d{4}-\\d\\d-\\d\\d[T ]\\d\\d:\\d\\d:\\d\\d|raft\\d{4}/|panic: |fatal error: |unexpected fault address |goroutine \\d+ \\[|[IWEF]\\d{4} \\d\\d:|time=")';
/** `[pod/etcd-cp1/etcd] ` of kubectl, `10.0.0.2: ` of talosctl, `etcd-1  | ` of docker compose, `etcd-cp1 etcd ` of stern. */
const PREFIX = new RegExp(
  `^(?:\\[pod/[\\w.-]{1,253}/[\\w.-]{1,63}\\] |[\\w.:-]{1,253}: |[\\w.-]{1,253} {1,40}\\| |[\\w.-]{1,253} [\\w.-]{1,63} )${LINE}`,
);
const PREFIX_CHARS = 420;
const BEGINS = new RegExp(`^${LINE}`);

/** A line behind the name of a node, pod or container. */
export function scanPrefixed(state: ScanState, text: string, from: number, to: number, depth: number): boolean {
  if (depth >= 4) return false;
  const match = PREFIX.exec(text.slice(from, Math.min(to, from + PREFIX_CHARS)));
  if (match === null) return false;
  state.wrappers.prefix++;
  scanLine(state, text, from + match[0].length, to, depth + 1);
  return true;
}

/** A line behind the time at which the runtime took it (`kubectl logs --timestamps`), which `state.time` holds. */
export function scanTimestamped(state: ScanState, text: string, to: number, depth: number): boolean {
  const { ms, end, zoned } = state.time;
  if (depth >= 4 || !zoned || text.charCodeAt(end) !== 32) return false;
  if (end + 1 < to && !BEGINS.test(text.slice(end + 1, Math.min(to, end + 60)))) return false;
  state.wrappers.timestamp++;
  state.wrapperTime = ms;
  state.wrapperZoned = true;
  if (end + 1 >= to) state.forms.empty++;
  else scanLine(state, text, end + 1, to, depth + 1);
  return true;
}

/** Without leading NULs, byte order mark and terminal colours. */
export function unsoiled(line: string): string {
  let i = 0;
  while (line.charCodeAt(i) === 0) i++;
  if (line.startsWith('\u00ef\u00bb\u00bf', i)) i += 3;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: terminal colours begin with ESC
  return line.slice(i).replace(/\u001b\[[0-9;]{0,16}[mK]/g, '');
}
