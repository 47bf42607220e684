import { parentPort } from 'node:worker_threads';
import { summarizeLog } from '../logs/index.js';
import { createChannel } from './channel.js';
import type { FromLogThread, LogThreadOptions, ToLogThread } from './log-worker.js';

// Runs as a worker thread: bytes of one log in, its summary out.
const port = parentPort;
if (port === null) throw new Error('log-thread runs as a worker thread only');

const post = (message: FromLogThread): void => port.postMessage(message);

const channel = createChannel(Number.POSITIVE_INFINITY);

const acknowledged = async function* (): AsyncGenerator<Uint8Array> {
  for await (const chunk of channel) {
    yield chunk;
    post({ kind: 'used', bytes: chunk.length });
  }
};

const run = async (options: LogThreadOptions): Promise<void> => {
  try {
    post({ kind: 'summary', summary: await summarizeLog(acknowledged(), options) });
  } catch {
    post({ kind: 'failed' });
  }
};

port.on('message', (message: ToLogThread) => {
  if (message.kind === 'start') void run(message.options);
  else if (message.kind === 'chunk') channel.push(message.chunk);
  else channel.end();
});
