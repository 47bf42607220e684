import { parentPort } from 'node:worker_threads';
import { createSegmentReader, type Segment, type SegmentReader } from '../logs/index.js';
import type { FromLogThread, ToLogThread } from './log-worker.js';

// Runs as a worker thread: bytes of segments of one log in, what each of them says out.
const port = parentPort;
if (port === null) throw new Error('log-thread runs as a worker thread only');

const post = (message: FromLogThread): void => port.postMessage(message);

let reader: SegmentReader | undefined;
let current: { readonly index: number; readonly segment: Segment } | undefined;

const handle = (message: ToLogThread): void => {
  if (message.kind === 'open') {
    reader ??= createSegmentReader(message.options);
    current = { index: message.index, segment: reader.open(message.tail, message.widths) };
  } else if (message.kind === 'bytes') {
    current?.segment.write(message.bytes);
    post({ kind: 'used', bytes: message.bytes.length });
  } else if (current !== undefined) {
    post({ kind: 'segment', index: current.index, result: current.segment.finish() });
    current = undefined;
  }
};

port.on('message', (message: ToLogThread) => {
  try {
    handle(message);
  } catch {
    post({ kind: 'failed' });
  }
});
