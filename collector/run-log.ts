import { messageOf } from './errors.js';

/** The run log of one run, kept in memory until the bundle is written; redacted like every artifact when it is stored. */
export interface RunLog {
  readonly add: (level: 'info' | 'warn' | 'error', event: string, detail?: Readonly<Record<string, unknown>>) => void;
  /** One JSON object per line. */
  readonly text: () => string;
}

/** More lines than this say nothing new. */
const maxLines = 5000;

export const createRunLog = (now: () => number): RunLog => {
  const lines: string[] = [];
  let dropped = 0;
  return {
    add: (level, event, detail = {}) => {
      if (lines.length >= maxLines) {
        dropped += 1;
        return;
      }
      const plain = Object.entries(detail).map(([key, value]) => [
        key,
        value instanceof Error ? messageOf(value) : value,
      ]);
      lines.push(JSON.stringify({ at: new Date(now()).toISOString(), level, event, ...Object.fromEntries(plain) }));
    },
    text: () => {
      const end = dropped === 0 ? [] : [JSON.stringify({ level: 'warn', event: 'lines dropped', count: dropped })];
      return `${[...lines, ...end].join('\n')}\n`;
    },
  };
};
