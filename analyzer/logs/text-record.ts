import { matchText } from './matcher.js';
import { isWarning, noteLine, recordMatch, recordUnknown } from './record.js';
import type { ScanState } from './scan-state.js';
import { slowRequest } from './slow-request.js';
import type { LineForm, LogLevel } from './types.js';

/** Accounts for a line and makes it the current one; the wrapper's time is used when the line has none of its own with a zone. */
export function placeLine(
  state: ScanState,
  form: LineForm,
  text: string,
  from: number,
  to: number,
  time: number,
  zoned: boolean,
  level: LogLevel,
): void {
  state.forms[form]++;
  state.ref.text = text;
  state.ref.from = from;
  state.ref.to = to;
  const own = !Number.isNaN(time) && (zoned || !state.wrapperZoned);
  noteLine(state, level, own ? time : state.wrapperTime, own ? zoned : state.wrapperZoned);
  // A panic prints no time, but comes right after the last line of the process.
  if (form === 'go-trace' && Number.isNaN(state.ref.time)) state.ref.time = state.previousTime;
}

/** Matches the message of a text line. `own` marks lines that etcd itself wrote: only their unknown warnings are counted. */
export function matchLine(state: ScanState, message: string, level: LogLevel, own: boolean): void {
  const known = slowRequest(state.matcher, message);
  const { primary, anywhere } = known ?? matchText(state.matcher, message, 'text');
  if (primary !== undefined) recordMatch(state, primary.compiled, primary.groups, -1);
  for (const { compiled, groups } of anywhere) recordMatch(state, compiled, groups, -1);
  if (own && primary === undefined && anywhere.length === 0 && isWarning(level)) recordUnknown(state, level, message);
}
