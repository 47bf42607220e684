import type { State } from '../schemas/index.js';
import { byName } from './names.js';
import type { PlannedItem } from './plan.js';

/** What a run reports while it works; data for people and programs, never for the bundle. */
export type ProgressEvent =
  | { readonly event: 'discovered'; readonly members: readonly { readonly id: string; readonly name?: string }[] }
  | {
      readonly event: 'planned';
      readonly items: readonly Pick<PlannedItem, 'id' | 'target'>[];
      readonly rounds: number;
    }
  | {
      readonly event: 'item';
      readonly id: string;
      readonly target: PlannedItem['target'];
      readonly state: State;
      readonly durationMs?: number;
    }
  | { readonly event: 'round'; readonly round: number; readonly of: number }
  | { readonly event: 'writing' }
  | { readonly event: 'note'; readonly text: string };

export interface Progress {
  readonly emit: (event: ProgressEvent) => void;
  /** Clears the line; later events print nothing. */
  readonly close: () => void;
}

export interface ProgressStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly write: (text: string) => unknown;
}

/** A sign of life at least this often when not on a terminal, ms. */
const heartbeatMs = 5000;
const redrawMs = 100;

const good = new Set<State>(['ok', 'partial', 'empty', 'not-applicable', 'unsupported']);

interface Tally {
  readonly label: string;
  /** Members first, then the rest in the order of the plan. */
  readonly rank: number;
  planned: number;
  done: number;
  bad: number;
}

// Names come from the cluster: nothing that a terminal would act on may pass.
const printable = (text: string): string => text.replace(/[^\x20-\x7e]/g, '?');

const paint = (text: string, code: number, colour: boolean): string =>
  colour ? `\u001b[${code}m${text}\u001b[0m` : text;

const createTally = () => {
  const targets = new Map<string, Tally>();
  const names = new Map<string, string>();
  let stage = 'looking for members';
  const labelOf = (id: string, kind: string): string => {
    const name = names.get(id);
    if (kind === 'member') return name === undefined || name === '' ? id : name;
    return kind === 'endpoint' ? 'vantage' : kind;
  };
  return {
    take: (event: ProgressEvent): void => {
      if (event.event === 'discovered') for (const { id, name } of event.members) names.set(id, name ?? '');
      if (event.event === 'planned') {
        stage = 'reading';
        for (const { target } of event.items) {
          const key = target.kind === 'member' ? target.id : target.kind;
          const known = targets.get(key) ?? {
            label: labelOf(target.id, target.kind),
            rank: target.kind === 'member' ? 0 : targets.size + 1,
            planned: 0,
            done: 0,
            bad: 0,
          };
          known.planned += 1;
          targets.set(key, known);
        }
      }
      if (event.event === 'item') {
        const tally = targets.get(event.target.kind === 'member' ? event.target.id : event.target.kind);
        if (tally !== undefined) {
          tally.done += 1;
          if (!good.has(event.state)) tally.bad += 1;
        }
      }
      if (event.event === 'round') stage = `round ${event.round + 1} of ${event.of}`;
      if (event.event === 'writing') stage = 'writing the bundle';
    },
    line: (colour: boolean): string => {
      const rows = [...targets.values()].sort((a, b) => a.rank - b.rank || byName(a.label, b.label));
      const parts = rows.map(({ label, planned, done, bad }) => {
        const text = `${printable(label)} ${done}/${planned}`;
        return bad > 0 ? `${text} ${paint(`(${bad} missing)`, 33, colour)}` : text;
      });
      return [stage, ...parts].join('  ');
    },
  };
};

/** Progress on a stream: one line redrawn on a terminal, plain lines elsewhere, or one JSON object per line. */
export const createProgress = (
  mode: 'auto' | 'plain' | 'json' | 'none',
  stream: ProgressStream,
  env: Readonly<Record<string, string | undefined>>,
): Progress => {
  if (mode === 'none') return { emit: () => undefined, close: () => undefined };
  if (mode === 'json') {
    return {
      emit: (event) => {
        const out =
          event.event === 'planned' ? { event: event.event, planned: event.items.length, rounds: event.rounds } : event;
        stream.write(`${JSON.stringify(out)}\n`);
      },
      close: () => undefined,
    };
  }
  const live = mode === 'auto' && stream.isTTY === true && env.TERM !== 'dumb';
  const colour = live && (env.NO_COLOR ?? '') === '';
  const tally = createTally();
  let closed = false;
  let last = '';
  const clear = (): void => {
    if (live) stream.write('\r\u001b[K');
  };
  const draw = (): void => {
    const line = tally.line(false);
    if (line === last) return;
    last = line;
    if (!live) stream.write(`${line}\n`);
    else if (line.length < (stream.columns ?? 80)) stream.write(`\r\u001b[K${tally.line(colour)}`);
    else stream.write(`\r\u001b[K${line.slice(0, (stream.columns ?? 80) - 1)}`);
  };
  const timer = setInterval(draw, live ? redrawMs : heartbeatMs);
  timer.unref();
  return {
    emit: (event) => {
      if (closed) return;
      tally.take(event);
      if (event.event === 'note') {
        clear();
        stream.write(`${printable(event.text)}\n`);
        last = '';
      } else if (!live && event.event !== 'item') draw();
    },
    close: () => {
      if (closed) return;
      closed = true;
      clearInterval(timer);
      clear();
    },
  };
};
