import { printable } from '../cli/tables.js';
import type { ProgressStream } from '../progress.js';
import { stateProse } from './states.js';

/** A sign of life at least this often when not on a terminal, ms. */
const heartbeatMs = 5000;
const redrawMs = 200;

export interface Stages {
  readonly onStage: (host: string, stage: string) => void;
  /** Clears the line; nothing is printed after it. */
  readonly close: () => void;
}

const isFinal = (stage: string): boolean => Object.hasOwn(stateProse, stage);

/** `2 of 5 done; round 2 of 4: a, b; connecting: c` */
const lineOf = (stages: ReadonlyMap<string, string>, count: number): string => {
  const by = new Map<string, string[]>();
  let done = 0;
  for (const [host, stage] of stages) {
    if (isFinal(stage)) done += 1;
    else by.set(stage, [...(by.get(stage) ?? []), host]);
  }
  const parts = [...by].map(([stage, hosts]) =>
    hosts.length > 4 ? `${stage}: ${hosts.length} hosts` : `${stage}: ${hosts.join(', ')}`,
  );
  return printable([`${done} of ${count} hosts done`, ...parts].join('; '));
};

/** What every host is at: one line redrawn on a terminal; elsewhere a line where a host begins and ends, and one for all now and then. */
export const createStages = (
  mode: 'auto' | 'plain' | 'json' | 'none',
  count: number,
  stream: ProgressStream,
  env: Readonly<Record<string, string | undefined>>,
): Stages => {
  if (mode === 'none') return { onStage: () => undefined, close: () => undefined };
  if (mode === 'json') {
    return {
      onStage: (host, stage) => stream.write(`${JSON.stringify({ event: 'host', host, stage })}\n`),
      close: () => undefined,
    };
  }
  const live = mode === 'auto' && stream.isTTY === true && env.TERM !== 'dumb';
  const stages = new Map<string, string>();
  let last = '';
  const draw = (): void => {
    const line = lineOf(stages, count);
    if (line === last) return;
    last = line;
    if (live) stream.write(`\r\u001b[K${line.slice(0, (stream.columns ?? 80) - 1)}`);
    else stream.write(`${line}\n`);
  };
  const timer = setInterval(draw, live ? redrawMs : heartbeatMs);
  timer.unref();
  return {
    onStage: (host, stage) => {
      const before = stages.get(host);
      stages.set(host, stage);
      if (!live && before !== stage && (stage === 'connecting' || stage === 'reading' || isFinal(stage)))
        stream.write(`${printable(host)}: ${printable(stage)}\n`);
    },
    close: () => {
      clearInterval(timer);
      if (live) stream.write('\r\u001b[K');
    },
  };
};
