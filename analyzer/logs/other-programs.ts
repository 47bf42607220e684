import { unescapeJson } from './fields.js';
import { matchText } from './matcher.js';
import { recordMatch } from './record.js';
import { scanLine } from './scan.js';
import type { ScanState } from './scan-state.js';
import { isoAt, klogTime } from './timestamps.js';

const KLOG = /^[IWEF]\d{4} \d\d:\d\d:\d\d\.\d{1,9}\s+\d+ [\w./-]{1,80}:\d+\] /;
const LOGFMT = /^time="([^"]{1,64})" level=\w{1,16} msg=/;
/** What etcd's own lines begin with. */
const ETCDS_OWN = /^(?:\{"level":"|\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d\S{0,16}(?:\t| [A-Z] \| )|raft\d{4}\/)/;

/** A klog line: of a component of Kubernetes in the same stream, unless what it prints is a line of etcd. */
export function scanKlog(
  state: ScanState,
  text: string,
  from: number,
  to: number,
  depth: number,
  head: string,
): boolean {
  const match = KLOG.exec(head);
  if (match === null) return false;
  const last = state.lastTime > 0 ? state.lastTime : undefined;
  const time = klogTime(head, 1, state.referenceTime ?? last);
  scanOther(state, 'klog', text.slice(from + match[0].length, to), time, false, text, from, to, depth);
  return true;
}

/** A logrus line, as k3s and RKE2 print them around etcd's. */
export function scanLogfmt(state: ScanState, text: string, from: number, to: number, depth: number): boolean {
  const match = LOGFMT.exec(text.slice(from, Math.min(to, from + 200)));
  if (match === null) return false;
  const stamp = match[1] ?? '';
  const known = isoAt(stamp, 0, stamp.length, state.time);
  let message = text.slice(from + match[0].length, to);
  if (message.startsWith('"')) message = unescapeJson(message.slice(1, message.endsWith('"') ? -1 : undefined));
  scanOther(
    state,
    'logfmt',
    message,
    known ? state.time.ms : Number.NaN,
    known && state.time.zoned,
    text,
    from,
    to,
    depth,
  );
  return true;
}

/**
 * Reads the message of another program. The words of Go and the kernel in it are about that program; etcd's own errors came from etcd.
 * Its levels and times are not the member's.
 */
function scanOther(
  state: ScanState,
  form: 'klog' | 'logfmt',
  message: string,
  time: number,
  zoned: boolean,
  text: string,
  from: number,
  to: number,
  depth: number,
): void {
  if (Number.isNaN(state.wrapperTime) || !state.wrapperZoned) {
    state.wrapperTime = time;
    state.wrapperZoned = zoned;
  }
  if (depth < 4 && ETCDS_OWN.test(message)) {
    state.wrappers[form]++;
    scanLine(state, message, 0, message.length, depth + 1);
    return;
  }
  state.forms[form]++;
  state.foreignLines++;
  const { ref } = state;
  ref.text = text;
  ref.from = from;
  ref.to = to;
  ref.time = state.wrapperTime;
  for (const { compiled, groups } of matchText(state.matcher, message, 'error').anywhere) {
    if (compiled.isEtcds) recordMatch(state, compiled, groups, -1);
  }
}
