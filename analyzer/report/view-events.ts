import type { Report } from '../../schemas/index.js';
import { count, instant } from './format.js';
import type { Names } from './names.js';

/** One kind of event of one member; elections stand alone, the rest is summed. */
export interface EventView {
  readonly first: string;
  /** Empty when it happened once. */
  readonly last: string;
  readonly member: string;
  readonly label: string;
  readonly count: string;
  readonly once: boolean;
}

type Tone = Report['timeline']['lanes'][number]['events'][number]['tone'];

const SHOWN = 120;
const ORDER: Record<Tone, number> = { election: 0, error: 1, warning: 2, info: 3 };

/** The timeline as rows in time; of more than fit, elections and errors are kept before warnings and notes. */
export const eventViews = (report: Report, names: Names): { readonly rows: EventView[]; readonly more: number } => {
  const groups = new Map<
    string,
    { first: string; last: string; member: string; label: string; count: number; tone: Tone }
  >();
  for (const lane of report.timeline.lanes) {
    for (const event of lane.events) {
      const key = JSON.stringify([lane.member, event.label, event.tone === 'election' ? event.at : '']);
      const group = groups.get(key);
      if (group === undefined) {
        const { at, label, tone } = event;
        groups.set(key, { first: at, last: at, member: names.of(lane.member).label, label, count: event.count, tone });
        continue;
      }
      if (event.at < group.first) group.first = event.at;
      if (event.at > group.last) group.last = event.at;
      group.count += event.count;
    }
  }
  const kept = [...groups.values()].sort((a, b) => ORDER[a.tone] - ORDER[b.tone] || b.count - a.count).slice(0, SHOWN);
  const rows = kept
    .sort((a, b) => a.first.localeCompare(b.first, 'en'))
    .map((group) => ({
      first: instant(group.first),
      last: group.last === group.first ? '' : instant(group.last),
      member: group.member,
      label: group.label,
      count: count(group.count),
      once: group.count === 1,
    }));
  return { rows, more: groups.size - kept.length };
};
