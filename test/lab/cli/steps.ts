import { printable } from '../../../collector/cli/tables.js';

export interface StepStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly write: (text: string) => unknown;
}

/** Shows what is going on and for how long; `close` ends it. */
export interface Steps {
  readonly step: (text: string) => void;
  readonly close: () => void;
}

const REDRAW_MS = 200;
/** A sign of life this often when not on a terminal. */
const HEARTBEAT_MS = 10_000;

/** One line that is redrawn on a terminal; elsewhere a line per step, and one for every ten seconds without any. */
export const createSteps = (stream: StepStream): Steps => {
  const terminal = stream.isTTY === true;
  const started = performance.now();
  let text = '';
  let timer: NodeJS.Timeout | undefined;
  // A terminal that does not know its width says 0.
  const width = stream.columns === undefined || stream.columns === 0 ? 80 : stream.columns;
  const seconds = (): string => `${Math.round((performance.now() - started) / 1000)} s`;
  const draw = (): void => {
    if (terminal) stream.write(`\r\u001b[K${`${text} (${seconds()})`.slice(0, width - 1)}`);
    else stream.write(`... ${text}, ${seconds()} so far\n`);
  };
  const stop = (): void => {
    clearInterval(timer);
    timer = undefined;
  };
  return {
    step: (next) => {
      text = printable(next);
      stop();
      if (terminal) draw();
      else stream.write(`${text}\n`);
      timer = setInterval(draw, terminal ? REDRAW_MS : HEARTBEAT_MS);
      timer.unref();
    },
    close: () => {
      if (terminal && text !== '') stream.write('\r\u001b[K');
      text = '';
      stop();
    },
  };
};
