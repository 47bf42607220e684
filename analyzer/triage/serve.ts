import { Readable } from 'node:stream';
import { parentPort, workerData } from 'node:worker_threads';
import { analyze } from '../analyze.js';
import { extentOf } from '../bundle/group.js';
import { readBundle } from '../bundle/index.js';
import type { OnLog } from '../bundle/intake.js';
import type { LoadedBundle } from '../bundle/loaded.js';
import { buildCase } from '../bundle/merge.js';
import { exitCodeOf } from '../commands/exit-code.js';
import { summarizeLog } from '../logs/index.js';
import { failureOf } from '../messages.js';
import type { Analysed, Answer, Task, ThreadSetup } from './protocol.js';

/** The first pass needs no log. */
const withoutLogs: OnLog = async ({ path }, stream) => {
  for await (const _ of stream);
  return summarizeLog(Readable.from([]), { source: path });
};

const analyse = async (files: readonly string[], setup: ThreadSetup): Promise<Analysed> => {
  const bundles: LoadedBundle[] = [];
  for (const path of files) bundles.push(await readBundle({ path }, setup));
  const input = buildCase(bundles);
  const report = analyze(input, { now: new Date(setup.now) });
  const [first] = report.diagnosis.causes;
  return {
    kind: 'analysed',
    row: {
      clusterIds: [...input.clusterIds],
      from: new Date(input.collection.from).toISOString(),
      to: new Date(input.collection.to).toISOString(),
      verdict: report.verdict.kind,
      headline: report.verdict.headline,
      cause:
        first === undefined
          ? null
          : {
              rule: first.rule,
              subjects: first.subjects.map(({ name, id }) => name ?? id),
              confidence: first.confidence.level,
              score: first.confidence.score,
            },
      causes: report.diagnosis.causes.length,
      members: {
        total: input.members.length,
        answered: input.members.filter(({ reachable }) => reachable === true).length,
      },
      problems: [...bundles.flatMap(({ problems }) => problems), ...input.conflicts],
      error: null,
      exitCode: exitCodeOf(report, setup.failOn),
    },
  };
};

const answer = async (task: Task, setup: ThreadSetup): Promise<Answer> => {
  const file = task.kind === 'scan' ? task.file : (task.files[0] ?? '');
  try {
    if (task.kind === 'analyse') return await analyse(task.files, setup);
    return { kind: 'scanned', extent: extentOf(await readBundle({ path: file }, { ...setup, onLog: withoutLogs })) };
  } catch (error) {
    const { text, exitCode } = failureOf(error, file);
    return { kind: 'failed', error: text.split('\n')[exitCode === 1 ? 1 : 0] ?? text, exitCode };
  }
};

/** Runs as a worker thread: one task in, one answer out. */
export const serve = (): void => {
  const port = parentPort;
  if (port === null) throw new Error('serve runs in a worker thread only');
  const setup = workerData as ThreadSetup;
  port.on('message', (task: Task) => {
    void answer(task, setup).then((result) => port.postMessage(result));
  });
};
