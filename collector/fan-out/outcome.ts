import { randomBytes } from 'node:crypto';
import { rename, rm, writeFile } from 'node:fs/promises';
import { basename, relative } from 'node:path';
import { columns, printable } from '../cli/tables.js';
import type { HostResult } from './fan-out.js';
import { stateProse } from './states.js';

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

/** One row per host, what to do about the states that are not ok, and the last words of hosts without a bundle; for stderr. */
export const outcomeTable = (results: readonly HostResult[]): string => {
  const rows = results.map(({ host, state, exitCode, elapsedMs, bundle, detail }) => [
    `  ${host}`,
    state === 'partial' || state === 'remote-exit' ? `${state} (exit ${exitCode ?? '?'})` : state,
    seconds(elapsedMs),
    bundle === undefined
      ? `${stateProse[state].happened}${detail === undefined ? '' : `: ${detail}`}`.slice(0, 160)
      : basename(bundle),
  ]);
  const states = [...new Set(results.map(({ state }) => state))];
  const help = states.flatMap((state) => {
    const { happened, next } = stateProse[state];
    return next === undefined ? [] : [`  ${state}: ${happened}. Next: ${next}.`];
  });
  const words = results.flatMap(({ host, state, lines = [] }) =>
    state === 'remote-exit' || state === 'not-a-bundle' ? lines.slice(-5).map((line) => `  ${host}: ${line}`) : [],
  );
  return [
    columns(rows),
    ...(help.length === 0 ? [] : ['', ...help]),
    ...(words.length === 0 ? [] : ['', 'Their last words:', ...words.map(printable)]),
  ].join('\n');
};

export interface OutcomeFile {
  readonly via: 'ssh' | 'kubectl';
  readonly startedAt: string;
  readonly finishedAt: string;
  readonly exitCode: number;
  readonly hosts: readonly HostResult[];
}

/** Writes fan-out.json, whole or not at all; paths in it are relative to `directory`. It has real names: mode 0600. Throws what the file system throws. */
export const writeOutcome = async (path: string, directory: string, outcome: OutcomeFile): Promise<void> => {
  const hosts = outcome.hosts.map((host) => ({
    ...host,
    ...(host.bundle === undefined ? {} : { bundle: relative(directory, host.bundle) }),
    ...(host.map === undefined ? {} : { map: relative(directory, host.map) }),
  }));
  const temp = `${path}.${randomBytes(4).toString('hex')}.partial`;
  try {
    const text = JSON.stringify({ magic: 'etcd-evidence-fan-out', version: 1, ...outcome, hosts }, null, 1);
    await writeFile(temp, `${text}\n`, { flag: 'wx', mode: 0o600, flush: true });
    await rename(temp, path);
  } catch (error) {
    await rm(temp, { force: true }).catch(() => undefined);
    throw error;
  }
};
