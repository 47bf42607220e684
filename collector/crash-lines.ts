import type { CrashMarkersArtifact } from '../schemas/index.js';

export type Marker = CrashMarkersArtifact['markers'][number];
type Found = Omit<Marker, 'log' | 'generation'>;
type Open = Found & { frames?: string[]; notAfter?: string };

const MAX_LINE = 300;
const MAX_FRAMES = 8;
const MAX_FRAME = 200;

/** What a runtime or journald puts before the line of the program: CRI, journal. */
const prefix = /^(?:\S+ std(?:out|err) [FP] |\d{4}-\d\d-\d\dT\S+ \S+ [^\s:]+(?:\[\d+\])?: )/;
const stamp = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)/;

const kinds: readonly (readonly [Marker['kind'], RegExp])[] = [
  ['panic', /^panic: /],
  ['runtime-error', /^(?:fatal error: |unexpected fault address|runtime: out of memory)/],
  ['signal', /^(?:\[signal SIG[A-Z]+|SIG(?:SEGV|BUS|ABRT|QUIT|ILL|FPE|TRAP): )/],
  ['panic', /"level":"(?:panic|dpanic)"/],
  ['fatal', /"level":"fatal"/],
  // The format before zap: date, time, level (C is critical, F is fatal).
  ['fatal', /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+ [CF] \| /],
  ['stopped', /received (?:terminated|interrupt) signal, shutting down|"msg":"received signal; shutting down"/],
];

/** The time in a line, as UTC. */
const timeIn = (line: string): string | undefined => {
  const found = stamp.exec(line)?.[0];
  const ms = found === undefined ? Number.NaN : Date.parse(found.replace(/([+-]\d\d)(\d\d)$/, '$1:$2'));
  return Number.isNaN(ms) ? undefined : new Date(ms).toISOString();
};

/** The program's own line: Docker wraps each into JSON. */
const unwrapped = (line: string): string => {
  const docker = /^\{"log":"((?:[^"\\]|\\.)*)","stream"/.exec(line)?.[1];
  if (docker === undefined) return line.replace(prefix, '');
  try {
    return String(JSON.parse(`"${docker}"`)).trimEnd();
  } catch {
    return docker;
  }
};

const looksLikeLog = (line: string): boolean => /^\{"level"|^\d{4}-\d\d-\d\d[ T]/.test(line);

/** A frame of a Go stack: `go.etcd.io/etcd/server/v3/wal.(*WAL).sync(0xc0001)` without its arguments. */
const frameOf = (line: string): string | undefined =>
  /^([A-Za-z][\w.\-/]*\.(?:[\w.\-[\]·]|\(\*?\w+\))+)\((?:.*)\)$/.exec(line)?.[1]?.slice(0, MAX_FRAME);

/**
 * Where the program in a log ended by itself or was told to: one marker for each dump, with the first frames of its stack. The text
 * may begin anywhere in a log; the latest `most` markers are kept.
 */
export const crashMarkers = (text: string, most = 10): Found[] => {
  const markers: Open[] = [];
  /** Without a time of their own, waiting for the next line that has one. */
  const undated: Open[] = [];
  let seen: string | undefined;
  let dump: Open | undefined;
  for (const raw of text.split('\n')) {
    const line = unwrapped(raw);
    const at = timeIn(raw);
    if (at !== undefined) {
      seen = at;
      for (const marker of undated.splice(0)) marker.notAfter = at;
    }
    const kind = kinds.find(([, pattern]) => pattern.test(line))?.[0];
    if (dump !== undefined && (kind === undefined || !looksLikeLog(line))) {
      // All that follows up to the next line of a log is one and the same end.
      if (!looksLikeLog(line)) {
        const frame = frameOf(line);
        if (frame !== undefined && (dump.frames?.length ?? 0) < MAX_FRAMES)
          dump.frames = [...(dump.frames ?? []), frame];
        continue;
      }
    }
    dump = undefined;
    if (kind === undefined) continue;
    const marker: Open = {
      kind,
      line: line.slice(0, MAX_LINE),
      ...(at !== undefined ? { at } : seen !== undefined ? { notBefore: seen } : {}),
    };
    if (at === undefined) undated.push(marker);
    markers.push(marker);
    if (kind !== 'stopped') dump = marker;
  }
  return markers.slice(-most);
};
