import type { Report } from '../../schemas/index.js';
import { cleanReport } from './clean.js';
import { listed, words } from './format.js';
import { namesOf } from './names.js';

const MAX_LINE = 400;

/**
 * One line for a chat or a terminal: verdict, headline, first cause with whom and how sure, members that answered.
 * Holds no line break and no control character.
 */
export const renderSummaryLine = (original: Report): string => {
  const report = cleanReport(original);
  const names = namesOf(report);
  const { verdict, cluster } = report;
  const cause = report.diagnosis.causes[0];
  const whom =
    cause === undefined ? '' : listed(cause.subjects.slice(0, 4).map((subject) => names.subject(subject).label));
  const facts = [
    cause === undefined
      ? ''
      : `cause ${cause.rule}${whom === '' ? '' : ` on ${whom}`}, confidence ${cause.confidence.level}`,
    cluster.voters + cluster.learners === 0
      ? ''
      : `${cluster.reachable} of ${cluster.voters + cluster.learners} members answered`,
    verdict.recovery.justified === true ? 'recovery is justified' : '',
  ].filter((fact) => fact !== '');
  const line =
    `${words(verdict.kind).toUpperCase()}: ${verdict.headline}${facts.length === 0 ? '' : ` (${facts.join('; ')})`}`.replace(
      /\s+/g,
      ' ',
    );
  return line.length > MAX_LINE ? `${line.slice(0, MAX_LINE - 1)}…` : line;
};
