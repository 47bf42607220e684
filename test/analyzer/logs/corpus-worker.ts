/** Reads one log in a thread whose heap is limited by whoever starts it, and hands over what was counted. */
import { createReadStream } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { summarizeLog } from '../../../analyzer/logs/index.js';
import { found } from './lines.js';

const { path, referenceTime } = workerData as { readonly path: string; readonly referenceTime: number };
const summary = await summarizeLog(createReadStream(path, { highWaterMark: 1 << 18 }), { source: path, referenceTime });
parentPort?.postMessage({
  lines: summary.lines,
  bytes: summary.bytes,
  found: found(summary),
  foreign: summary.foreignLines,
  damage: summary.damage,
});
