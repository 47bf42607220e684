import type { Socket } from 'node:net';
import { createInterface } from 'node:readline';

/** Call `take` with each line of JSON that arrives; a line that is none ends the connection. */
export const onLines = (socket: Socket, take: (value: unknown) => void): void => {
  const lines = createInterface({ input: socket, crlfDelay: Number.POSITIVE_INFINITY });
  lines.on('error', () => socket.destroy());
  lines.on('line', (line) => {
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch {
      socket.destroy();
      return;
    }
    take(value);
  });
};

/** One value as one line; nobody may be listening any more. */
export const writeLine = (socket: Socket, value: unknown): void => {
  if (socket.writable) socket.write(`${JSON.stringify(value)}\n`);
};
