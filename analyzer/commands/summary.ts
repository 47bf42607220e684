import { styleText } from 'node:util';
import type { Report } from '../../schemas/index.js';
import { forTerminal } from '../bundle/errors.js';

const colours = {
  'intervene-now': 'red',
  investigate: 'yellow',
  transient: 'yellow',
  healthy: 'green',
  inconclusive: 'magenta',
} as const;

/** Verdict and ranked causes in one line. */
export const summaryLine = (report: Report, colour: boolean): string => {
  const { verdict, diagnosis } = report;
  const kind = colour ? styleText(colours[verdict.kind], verdict.kind, { validateStream: false }) : verdict.kind;
  const causes = diagnosis.causes.slice(0, 3).map(({ rule, subjects, confidence }) => {
    const where = subjects
      .map((subject) => subject.name)
      .filter(Boolean)
      .slice(0, 3)
      .join(', ');
    return `${rule}${where === '' ? '' : ` on ${where}`} (${confidence.level} confidence)`;
  });
  const tail = causes.length === 0 ? '' : ` [${causes.join('; ')}]`;
  return `${kind}: ${forTerminal(verdict.headline)}${forTerminal(tail)}`;
};
