import type { Report } from '../../../schemas/index.js';
import { count, instant, seconds, timeOfDay } from '../format.js';
import type { Names } from '../names.js';
import { drawing, el, escapeXml, fit, textWidth } from './element.js';

type Timeline = Report['timeline'];
type Lane = Timeline['lanes'][number];
type Tone = Lane['events'][number]['tone'];

const WIDTH = 1000;
/** Room for lane names, held between these. */
const LEFT_MIN = 48;
const LEFT_MAX = 190;
const RIGHT = 990;
const TOP = 50;
const LANE = 34;
const FONT = 12;
const MAX_LANES = 24;
/** Marks nearer than this are drawn as one. */
const SLOT = 3;

const STEPS_S = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400];
const RANK: Record<Tone, number> = { info: 0, warning: 1, error: 2, election: 3 };

interface Scale {
  /** Left end of the axis, px. */
  readonly left: number;
  readonly from: number;
  readonly to: number;
  /** Pixel of an instant; null outside of the range or unreadable. */
  at(text: string): number | null;
  /** Pixel of an instant, held to the drawing. */
  clamp(text: string): number | null;
}

const scaleOf = (timeline: Timeline, names: Names): Scale | null => {
  const from = Date.parse(timeline.from);
  const to = Date.parse(timeline.to);
  if (Number.isNaN(from) || Number.isNaN(to) || to <= from) return null;
  const widest = Math.max(
    0,
    ...timeline.lanes.slice(0, MAX_LANES).map((lane) => textWidth(names.of(lane.member).label, FONT)),
  );
  const left = Math.min(LEFT_MAX, Math.max(LEFT_MIN, widest + 16));
  const x = (ms: number): number => left + ((ms - from) / (to - from)) * (RIGHT - left);
  const clamp = (text: string): number | null => {
    const ms = Date.parse(text);
    return Number.isNaN(ms) ? null : x(Math.min(to, Math.max(from, ms)));
  };
  const at = (text: string): number | null => {
    const ms = Date.parse(text);
    return Number.isNaN(ms) || ms < from || ms > to ? null : x(ms);
  };
  return { left, from, to, at, clamp };
};

interface Mark {
  readonly x: number;
  readonly tone: Tone;
  readonly count: number;
  readonly text: string;
}

/** Events of a lane merged into slots; the gravest tone wins, texts are told once each. */
const marksOf = (lane: Lane, scale: Scale): Mark[] => {
  const slots = new Map<number, { tone: Tone; count: number; texts: Map<string, number>; at: string }>();
  for (const event of lane.events) {
    const x = scale.at(event.at);
    if (x === null) continue;
    const key = Math.round(x / SLOT);
    const slot = slots.get(key) ?? { tone: 'info' as Tone, count: 0, texts: new Map<string, number>(), at: event.at };
    if (RANK[event.tone] > RANK[slot.tone]) slot.tone = event.tone;
    slot.count += Math.max(1, event.count);
    if (slot.texts.size < 6 || slot.texts.has(event.label))
      slot.texts.set(event.label, (slot.texts.get(event.label) ?? 0) + Math.max(1, event.count));
    slots.set(key, slot);
  }
  return [...slots].map(([key, slot]) => ({
    x: key * SLOT,
    tone: slot.tone,
    count: slot.count,
    text: `${instant(slot.at)}: ${[...slot.texts].map(([label, n]) => (n > 1 ? `${label} (${count(n)} times)` : label)).join('; ')}`,
  }));
};

const axis = (scale: Scale, bottom: number): string => {
  const span = (scale.to - scale.from) / 1000;
  const step = (STEPS_S.find((candidate) => span / candidate <= 8) ?? Math.ceil(span / 8 / 86_400) * 86_400) * 1000;
  const long = span > 86_400;
  const ticks: string[] = [];
  for (let ms = Math.ceil(scale.from / step) * step; ms <= scale.to; ms += step) {
    const x = scale.left + ((ms - scale.from) / (scale.to - scale.from)) * (RIGHT - scale.left);
    const label = long
      ? `${new Date(ms).toISOString().slice(5, 10)} ${timeOfDay(ms, false)}`
      : timeOfDay(ms, step < 60_000);
    const anchor = x > RIGHT - 30 ? 'end' : 'middle';
    ticks.push(
      el('line', { class: 'tick', x1: x, x2: x, y1: bottom, y2: bottom + 4 }),
      el('text', { class: 'axis', x, y: bottom + 18, 'text-anchor': anchor, 'font-size': FONT }, escapeXml(label)),
    );
  }
  return ticks.join('');
};

const elections = (
  timeline: Timeline,
  scale: Scale,
  bottom: number,
  names: Names,
): { readonly markup: string; readonly n: number } => {
  const seen = timeline.lanes
    .flatMap((lane) => {
      const { label: name } = names.of(lane.member);
      return lane.events
        .filter((event) => event.tone === 'election')
        .map((event) => ({
          x: scale.at(event.at),
          label: event.label.includes(name) ? event.label : `${name}: ${event.label}`,
        }));
    })
    .filter((event): event is { x: number; label: string } => event.x !== null)
    .sort((a, b) => a.x - b.x);
  // Of those that fall together the last one tells how it ended.
  const kept = seen.filter((event, index) => (seen[index + 1]?.x ?? Number.POSITIVE_INFINITY) - event.x > 4);
  // Two rows of labels; one that finds no room in either is told by its line and the table only.
  const free = [0, 0];
  const drawn = kept.map(({ x, label }) => {
    const text = fit(label, 190, FONT);
    const width = textWidth(text, FONT) + 10;
    const start = x + 4 + width > RIGHT ? x - 4 - width : x + 4;
    const row = free.findIndex((end) => start > end);
    if (row >= 0) free[row] = start + width;
    const line = el('line', { class: 'election', x1: x, x2: x, y1: row === 1 ? 30 : 14, y2: bottom });
    return row < 0
      ? line
      : line +
          el('text', { class: 'election-text', x: start, y: row === 0 ? 24 : 40, 'font-size': FONT }, escapeXml(text));
  });
  return { markup: drawn.join(''), n: kept.length };
};

const laneMarkup = (lane: Lane, y: number, scale: Scale, names: Names): string => {
  const name = names.of(lane.member);
  const gaps = lane.gaps.map((gap) => {
    const a = scale.clamp(gap.from);
    const b = scale.clamp(gap.to);
    if (a === null || b === null || b <= a) return '';
    const label =
      b - a > 44
        ? el(
            'text',
            { class: 'axis', x: (a + b) / 2, y: y + 4, 'text-anchor': 'middle', 'font-size': FONT - 1 },
            'no log',
          )
        : '';
    return el('rect', { class: 'gap', x: a, y: y - 9, width: b - a, height: 18, rx: 2 }) + label;
  });
  const marks = marksOf(lane, scale)
    .filter((mark) => mark.tone !== 'election' || mark.count > 1)
    .map((mark) => {
      const height = Math.min(22, 6 + 4 * Math.log2(mark.count));
      return el(
        'rect',
        { class: `mark ${mark.tone}`, x: mark.x - 1.2, y: y - height, width: 2.4, height },
        el('title', {}, escapeXml(mark.text)),
      );
    });
  return el(
    'g',
    { class: `hue${name.hue}` },
    el(
      'text',
      { class: 'lane', x: 0, y: y + 4, 'font-size': FONT },
      el('title', {}, escapeXml(name.full)),
      escapeXml(fit(name.label, scale.left - 10, FONT)),
    ),
    el('line', { class: 'base', x1: scale.left, x2: RIGHT, y1: y, y2: y }),
    ...gaps,
    ...marks,
  );
};

/** The logs of all members on one clock, the sampling window shaded; null when there is nothing to draw. */
export const timelineSvg = (timeline: Timeline, names: Names): string | null => {
  const scale = scaleOf(timeline, names);
  const lanes = timeline.lanes.slice(0, MAX_LANES);
  if (scale === null || lanes.length === 0 || lanes.every((lane) => lane.events.length + lane.gaps.length === 0))
    return null;
  const bottom = TOP + LANE * lanes.length;
  const a = scale.clamp(timeline.window.from);
  const b = scale.clamp(timeline.window.to);
  const windowS = (Date.parse(timeline.window.to) - Date.parse(timeline.window.from)) / 1000;
  const hasWindow = a !== null && b !== null && windowS > 0;
  const label = `window ${seconds(windowS)}`;
  const width = hasWindow ? Math.max(3, b - a) : 0;
  const start = hasWindow ? Math.min(a, RIGHT - width) : 0;
  const shade = hasWindow
    ? el('rect', { class: 'window', x: start, y: 0, width, height: bottom }) +
      el(
        'text',
        { class: 'window-text', x: Math.min(start + width, RIGHT), y: 11, 'text-anchor': 'end', 'font-size': FONT },
        escapeXml(label),
      )
    : '';
  const votes = elections(timeline, scale, bottom, names);
  const events = lanes.reduce((sum, lane) => sum + lane.events.reduce((own, event) => own + event.count, 0), 0);
  return drawing(
    'timeline',
    { width: WIDTH, height: bottom + 26 },
    {
      title: 'Timeline of the logs',
      description: `${instant(timeline.from)} to ${instant(timeline.to)}: ${count(events)} noted log lines in ${lanes.length} lanes, ${votes.n} elections. The table below lists them.`,
    },
    shade,
    ...lanes.map((lane, index) => laneMarkup(lane, TOP + LANE * index + LANE / 2 + 8, scale, names)),
    votes.markup,
    axis(scale, bottom),
  );
};
