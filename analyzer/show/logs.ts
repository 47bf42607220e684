import { labelOf, membersOf, type View } from './view.js';

/** Before and after the time of `--around`. */
const AROUND_MS = 5 * 60 * 1000;

/** The latest line of each kind of warning and error. The log itself is in the bundle, at the place that stands beside it. */
export const logs: View = (input) => {
  const shown = new Map(membersOf(input).map((member) => [member.id, labelOf(member)]));
  const { around, grep } = input;
  const lines = input.report.logs.filter(
    ({ member, time, signature, text }) =>
      shown.has(member) &&
      (around === undefined || (time !== undefined && Math.abs(Date.parse(time) - around) <= AROUND_MS)) &&
      (grep === undefined || (signature ?? '').includes(grep) || text.includes(grep)),
  );
  return {
    titles: ['TIME', 'MEMBER', 'LEVEL', 'COUNT', 'SIGNATURE', 'PLACE', 'LINE'],
    rows: lines.map(({ time, member, level, count, signature, path, line, text }) => [
      time ?? '',
      shown.get(member) ?? member,
      level,
      String(count),
      signature ?? '',
      `${path}:${line}`,
      text,
    ]),
    json: lines,
    note: 'One line for each kind of message, the latest; COUNT says how many there are.',
  };
};
