import { isFieldLine } from './forms/etcdctl-fields.js';
import { isSimpleLine } from './forms/etcdctl-rows.js';
import { isTableLine } from './forms/etcdctl-table.js';
import { isClientLine } from './forms/log.js';
import { isMetricLine } from './forms/metrics.js';

export type SegmentKind = 'table' | 'fields' | 'simple' | 'metrics' | 'json' | 'text';

/** A part of a text that is one thing. */
export interface Segment {
  readonly kind: SegmentKind;
  readonly lines: readonly string[];
  /** Name that `head` and `tail` print before each of several files. */
  readonly label?: string;
}

const HEADER = /^==> (.+) <==$/;
/** A command as it was typed, and what etcdctl says of its own end. */
const NOISE =
  /^\s*$|^(?!# (?:HELP|TYPE|EOF))(?:[\w.@:~/-]*[$#>]) |^Error: |^\{"level":"\w+".*"environment-variable":"ETCDCTL_/;
const LOG_JSON =
  /^\{"(?:level|log|__CURSOR|__REALTIME_TIMESTAMP|MESSAGE|PRIORITY|_[A-Z_]+|SYSLOG_[A-Z]+|stream|time|ts)":/;
/** The same of `journalctl -o json`, whose fields come in any order. */
const LOG_FIELDS = /"(?:MESSAGE|__REALTIME_TIMESTAMP)"\s*:/;
const isLogJson = (line: string): boolean => LOG_JSON.test(line) || LOG_FIELDS.test(line);

/** Documents without an end are looked for so often: a text of open brackets would be read to its end for each of them. */
const MAX_ENDLESS = 8;

/** A bracket of a log line, as in `[pod/etcd-m1/etcd] ...`, opens no JSON. */
const JSON_START = /^\s*(?:\{|\[\s*(?:[[{\]"\d-]|$))/;

const kindOf = (line: string): SegmentKind =>
  isTableLine(line)
    ? 'table'
    : isFieldLine(line)
      ? 'fields'
      : isMetricLine(line)
        ? 'metrics'
        : isSimpleLine(line)
          ? 'simple'
          : 'text';

/** Depth of brackets after a line; strings do not run over line ends in JSON. */
const depthAfter = (line: string, depth: number): number => {
  let inString = false;
  let now = depth;
  for (let i = 0; i < line.length; i += 1) {
    const c = line[i];
    if (inString) {
      if (c === '\\') i += 1;
      else if (c === '"') inString = false;
    } else if (c === '"') inString = true;
    else if (c === '{' || c === '[') now += 1;
    else if (c === '}' || c === ']') now -= 1;
  }
  return now;
};

/** The lines of a JSON document that begins at `from`; undefined when it does not end. */
const documentAt = (lines: readonly string[], from: number): number | undefined => {
  let depth = 0;
  for (let i = from; i < lines.length; i += 1) {
    depth = depthAfter(lines[i] ?? '', depth);
    if (depth === 0) return i + 1;
    if (depth < 0) return undefined;
  }
  return undefined;
};

/** Answers of several fields are separated by empty lines; everything else goes on across them. */
const joins = (kind: SegmentKind): boolean => kind !== 'json' && kind !== 'table';

/** Cuts a text in which several things may follow each other: a paste of a terminal, files that were joined. */
export const segmentsOf = (text: string): Segment[] => {
  const lines = text.split(/\r?\n/);
  const segments: { kind: SegmentKind; lines: string[]; label?: string }[] = [];
  let label: string | undefined;
  let fresh = true;
  let endless = 0;
  for (let i = 0; i < lines.length; i += 1) {
    const line = lines[i] ?? '';
    const named = HEADER.exec(line)?.[1];
    if (named !== undefined) {
      label = named;
      fresh = true;
      continue;
    }
    const last = segments.at(-1);
    if (NOISE.test(line)) {
      // A log goes on after an empty line, a command does not.
      if (/^\s*$/.test(line) && last?.kind === 'text') last.lines.push(line);
      else if (last?.kind === 'fields' && /^\s*$/.test(line)) last.lines.push(line);
      else fresh = true;
      continue;
    }
    if (isClientLine(line)) continue;
    const add = (kind: SegmentKind, own: readonly string[]): void => {
      const open = segments.at(-1);
      if (!fresh && open?.kind === kind && joins(kind)) open.lines.push(...own);
      else if (!fresh && open?.kind === kind && kind === 'table' && !/^\s*[┌]/.test(own[0] ?? ''))
        open.lines.push(...own);
      else segments.push({ kind, lines: [...own], ...(label === undefined ? {} : { label }) });
      fresh = false;
    };
    const end = endless < MAX_ENDLESS && JSON_START.test(line) && !isLogJson(line) ? documentAt(lines, i) : undefined;
    if (end === undefined) {
      if (JSON_START.test(line) && !isLogJson(line)) endless += 1;
      add(kindOf(line), [line]);
    } else {
      add('json', lines.slice(i, end));
      i = end - 1;
    }
  }
  return segments;
};
