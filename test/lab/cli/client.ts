import { connect } from 'node:net';
import { LabError } from './errors.js';
import { onLines, writeLine } from './lines.js';
import type { Reply, Request, Results } from './protocol.js';
import { type LabFiles, liveNames, filesOf } from './runtime.js';
import type { Say } from './session.js';

/** Ask the daemon of a lab and wait for its answer, `limitMs` at most when given. Throws LabError. */
export const ask = <R extends Request>(
  files: LabFiles,
  request: R,
  say: Say = () => undefined,
  limitMs?: number,
): Promise<Results[R['op']]> =>
  new Promise((resolve, reject) => {
    const socket = connect(files.socket);
    const lost = (why: string): void =>
      reject(
        new LabError(
          'failed',
          `lab ${files.name} ${why}`,
          `see ${files.log} if it is still there; "down ${files.name}" ends it`,
        ),
      );
    if (limitMs !== undefined) socket.setTimeout(limitMs, () => socket.destroy(new Error('time is up')));
    socket.on('error', (error) => lost(`does not answer (${error.message})`));
    socket.on('close', () => lost('ended while it worked on this'));
    socket.on('connect', () => writeLine(socket, request));
    onLines(socket, (value) => {
      const reply = value as Reply;
      if (reply.kind === 'step') {
        say(reply.text);
        return;
      }
      if (reply.kind === 'done') resolve(reply.result as Results[R['op']]);
      else reject(new LabError(reply.failure, reply.message, reply.advice));
      socket.end();
    });
  });

/** The lab that is meant: the named one, or the only one. Throws LabError `usage`. */
export const pick = (name?: string): LabFiles => {
  const names = liveNames();
  if (name !== undefined) {
    if (names.includes(name)) return filesOf(name);
    throw new LabError(
      'usage',
      `no lab named ${name} runs`,
      names.length === 0 ? 'start one with "up"' : `there ${names.length === 1 ? 'is' : 'are'} ${names.join(', ')}`,
    );
  }
  const [only, ...others] = names;
  if (only === undefined) throw new LabError('usage', 'no lab runs', 'start one with "up"');
  if (others.length > 0) throw new LabError('usage', `${names.length} labs run`, `say which: ${names.join(', ')}`);
  return filesOf(only);
};
