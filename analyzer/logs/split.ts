import type { SegmentResult } from './segment.js';

/** Where the bytes of a log go, segment by segment. */
export interface SegmentSink {
  /** Begins a segment; `tail` is the end of the one before. */
  readonly open: (tail: Uint8Array | undefined) => void;
  readonly write: (bytes: Uint8Array) => void;
  /** Resolves when more may be written; undefined when it is now. */
  readonly settled: () => Promise<void> | undefined;
  /** All segments, joined. Called once, after the last byte. */
  readonly finish: () => Promise<SegmentResult>;
}

/** Large enough that handing over what a segment says costs little, small enough that several wait in memory. */
export const SEGMENT_BYTES = 16 * 1024 * 1024;
/** How much of the segment before is shown to the next one: room for the lines before a start. */
const TAIL_BYTES = 32 * 1024;
/** How far a place to cut is looked for before the segment goes on for another `segmentBytes`. */
const SEARCH_BYTES = 64 * 1024;
const HEAD_CHARS = 400;

const DATED =
  /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d\S{0,16}(?:\t[A-Z]| [A-Z] \| | std(?:err|out) F | \{"level":"| [\w.-]{1,255} [\w./@-]{1,64}(?:\[\d{1,10}\])?: )/;
const SYSLOG = /^[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d /;

/**
 * Whether nothing of the line is continued by the line after it, whatever that is, and it has its own time: zap, 3.4 text, CRI,
 * Docker, journald but its export form, `kubectl logs --timestamps`.
 */
function standsAlone(line: string): boolean {
  if (line.startsWith('{"level":"')) return true;
  if (line.startsWith('{"log":"')) return line.includes('\\n","');
  if (line.startsWith('{')) return line.includes('"__REALTIME_TIMESTAMP"');
  return DATED.test(line) || SYSLOG.test(line);
}

/** The part that tells a line's form: its beginning, and all of a Docker or journald line. */
function shapeOf(window: Buffer, from: number, to: number): string {
  return window.toString('latin1', from, window[from] === 123 ? to : Math.min(to, from + HEAD_CHARS));
}

/**
 * The first place at or behind `from` where a line begins such that it and the line before stand alone, -1 when there is none.
 * Undefined when more bytes are needed to tell.
 */
function cutIn(window: Buffer, from: number): number | undefined {
  const limit = Math.min(window.length, from + SEARCH_BYTES);
  let begin = -1;
  let before = false;
  for (let end = window.indexOf(10, from); end >= 0 && end < limit; end = window.indexOf(10, end + 1)) {
    if (begin >= 0) {
      const alone = standsAlone(shapeOf(window, begin, end));
      if (alone && before) return begin;
      before = alone;
    }
    begin = end + 1;
  }
  return window.length >= from + SEARCH_BYTES ? -1 : undefined;
}

export interface Splitter {
  readonly feed: (bytes: Uint8Array) => void;
  readonly end: () => void;
}

/**
 * Cuts a log into segments of about `segmentBytes` that can be read apart from each other. Where it cuts depends on the content
 * alone, not on how the bytes arrive; a log whose lines hang together (journal export) stays whole.
 */
export function createSplitter(sink: SegmentSink, segmentBytes = SEGMENT_BYTES): Splitter {
  /** Bytes of the segment before the window. */
  let passed = 0;
  let threshold = segmentBytes;
  /** The bytes around the next cut, held back until it is decided. */
  let held: Uint8Array[] = [];
  let heldBytes = 0;
  let open = false;
  const write = (bytes: Uint8Array): void => {
    if (bytes.length === 0) return;
    if (!open) sink.open(undefined);
    open = true;
    passed += bytes.length;
    sink.write(bytes);
  };
  const decide = (): Uint8Array | undefined => {
    const window = Buffer.concat(held);
    const cut = cutIn(window, TAIL_BYTES);
    held = cut === undefined ? [window] : [];
    if (cut === undefined) return undefined;
    heldBytes = 0;
    if (cut < 0) {
      // The search goes on one segment later; nothing of the window is looked at again.
      write(window);
      threshold = passed + segmentBytes;
      return new Uint8Array(0);
    }
    write(window.subarray(0, cut));
    sink.open(Uint8Array.prototype.slice.call(window, cut - TAIL_BYTES, cut));
    passed = 0;
    threshold = segmentBytes;
    return window.subarray(cut);
  };
  const feed = (bytes: Uint8Array): void => {
    let rest = bytes;
    while (rest.length > 0) {
      if (heldBytes === 0) {
        const plain = Math.min(rest.length, threshold - passed);
        write(rest.subarray(0, plain));
        rest = rest.subarray(plain);
        if (rest.length === 0) return;
      }
      const wanted = Math.min(rest.length, TAIL_BYTES + SEARCH_BYTES - heldBytes);
      held.push(rest.subarray(0, wanted));
      heldBytes += wanted;
      rest = rest.subarray(wanted);
      const left = heldBytes >= TAIL_BYTES ? decide() : undefined;
      if (left !== undefined && left.length > 0) feed(left);
    }
  };
  return {
    feed,
    end: () => {
      for (const bytes of held) write(bytes);
      held = [];
    },
  };
}
