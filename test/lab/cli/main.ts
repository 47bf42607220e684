/** `npm run lab`: real etcd clusters on this machine, and what can go wrong with them. See docs/lab.md. */
import { main } from './cli.js';

/** Output that is still in a pipe is written before the process ends. */
const flush = (stream: NodeJS.WriteStream): Promise<void> =>
  new Promise((resolve) => {
    stream.write('', () => resolve());
  });

process.stdout.on('error', () => undefined);
const code = await main(process.argv.slice(2), process.env);
await Promise.all([flush(process.stdout), flush(process.stderr)]);
process.exit(code);
