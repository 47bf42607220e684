import type { Report } from '../../schemas/index.js';
import type { Facts } from '../fact.js';
import { logSignatures } from '../knowledge/log-signatures.js';
import type { LogSample, LogSummary } from '../logs/types.js';

type Line = Report['logs'][number];

/** Lines kept of one member; a report is read, the log itself is in the bundle. */
const MAX_PER_MEMBER = 25;

const LOUD = new Set(['warn', 'error', 'panic', 'fatal']);

/** What weighs most comes first when there is not room for all. */
const weightOf = (level: string): number => (level === 'fatal' || level === 'panic' ? 2 : level === 'error' ? 1 : 0);

interface Candidate {
  readonly sample: LogSample;
  readonly level: string;
  readonly count: number;
  readonly signature?: string;
}

/** Crash loops end with the same words each time: the latest stands for all. */
const lastWords = (fatal: LogSummary['fatal']): readonly Candidate[] => {
  const kinds = new Map<string, Candidate>();
  for (const { level, ...sample } of fatal) {
    const kind = sample.text.replace(/\d+/g, '#');
    kinds.set(kind, { sample, level, count: (kinds.get(kind)?.count ?? 0) + 1 });
  }
  return [...kinds.values()];
};

const candidates = (summary: LogSummary, levels: ReadonlyMap<string, string>): readonly Candidate[] => [
  ...lastWords(summary.fatal),
  ...[...summary.signatures.values()].flatMap(({ id, count, samples }) => {
    const level = levels.get(id) ?? 'unknown';
    const sample = samples.at(-1);
    return sample === undefined || !LOUD.has(level) ? [] : [{ sample, level, count, signature: id }];
  }),
  ...summary.unknown.flatMap(({ level, count, sample }) => (LOUD.has(level) ? [{ sample, level, count }] : [])),
];

/** The latest line of each kind of warning or error in the logs of each member, as they were written. */
export const logLines = (facts: Facts): Report['logs'] => {
  const levels = new Map(logSignatures().map(({ id, level }) => [id, level]));
  return facts.case.members.flatMap((member) => {
    const log = facts.member(member.id, 'log');
    if (!log.ok) return [];
    // Slices overlap: a line is told by what it says and when.
    const lines = new Map<string, Line>();
    for (const { path, bundleId, summary } of log.value.summaries)
      for (const { sample, level, count, signature } of candidates(summary, levels)) {
        const key = `${sample.time ?? ''} ${sample.text}`;
        if (lines.has(key)) continue;
        lines.set(key, {
          member: member.id,
          ...(sample.time === undefined ? {} : { time: new Date(sample.time).toISOString() }),
          level,
          ...(signature === undefined ? {} : { signature }),
          count,
          text: sample.text,
          path,
          line: sample.line,
          bundle: bundleId,
        });
      }
    return [...lines.values()]
      .sort((a, b) => weightOf(b.level) - weightOf(a.level) || (b.time ?? '').localeCompare(a.time ?? '', 'en'))
      .slice(0, MAX_PER_MEMBER)
      .sort((a, b) => (a.time ?? '').localeCompare(b.time ?? '', 'en') || a.line - b.line);
  });
};
