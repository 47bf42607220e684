import { chmodSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { labErrorOf } from './errors.js';
import { onLines, writeLine } from './lines.js';
import type { Reply, Request } from './protocol.js';
import type { Say } from './session.js';

/** Answers one request; what it throws becomes an answer, too. */
export type Answer = (request: Request, say: Say) => Promise<unknown>;

/** Listen on a socket that only this user can use. Many requests may come over one connection, answered one by one. */
export const serve = (path: string, answer: Answer): Promise<Server> => {
  const server = createServer((socket) => {
    socket.on('error', () => socket.destroy());
    let queue = Promise.resolve();
    onLines(socket, (value) => {
      queue = queue.then(() => reply(socket, value as Request, answer));
    });
  });
  return new Promise((resolve, reject) => {
    server.on('error', reject);
    server.listen(path, () => {
      chmodSync(path, 0o600);
      resolve(server);
    });
  });
};

const reply = async (socket: Socket, request: Request, answer: Answer): Promise<void> => {
  const send = (line: Reply): void => writeLine(socket, line);
  try {
    send({ kind: 'done', result: await answer(request, (text) => send({ kind: 'step', text })) });
  } catch (error) {
    const { failure, message, advice } = labErrorOf(error);
    send({ kind: 'error', failure, message, ...(advice === undefined ? {} : { advice }) });
  }
};
