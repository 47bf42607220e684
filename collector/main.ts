#!/usr/bin/env node
import { main } from './cli.js';
import { leave } from './leave.js';

/** Output that is still in a pipe is written before the process ends; sockets that linger do not keep it alive. */
const flush = (stream: NodeJS.WriteStream): Promise<void> =>
  new Promise((resolve) => {
    stream.write('', () => resolve());
  });

// Dialling a TLS server by address makes Node print a warning that is no news to the user.
process.noDeprecation = true;
// Whoever reads the output may go away (a pager, a lost connection): the bundle is written all the same.
process.stdout.on('error', () => undefined);
process.stderr.on('error', () => undefined);

// Not at the top level: a CommonJS build of this file cannot wait there.
const run = async (): Promise<void> => {
  const code = await main(process.argv.slice(2), process.env);
  await Promise.all([flush(process.stdout), flush(process.stderr)]);
  leave(code);
};
void run();
