import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { namesOf } from '../../../analyzer/report/names.js';
import { el, escapeXml } from '../../../analyzer/report/svg/element.js';
import { type Histogram, histogramPanels } from '../../../analyzer/report/svg/histogram.js';
import { storageBars } from '../../../analyzer/report/svg/storage.js';
import { timelineSvg } from '../../../analyzer/report/svg/timeline.js';
import { healthyReport, throttledReport } from '../../support/sample-reports.js';

const numbers = (svg: string, selector: RegExp, attribute: string): number[] =>
  [...svg.matchAll(selector)].map(([tag]) => Number(new RegExp(`\\s${attribute}="([^"]*)"`).exec(tag)?.[1]));

const histogram = (member: string, counts: Record<string, number>): Histogram => ({
  member,
  name: member,
  basis: 'window',
  buckets: Object.entries(counts).map(([le, count]) => ({ leMs: le === 'inf' ? null : Number(le), count })),
});

const names = namesOf(healthyReport());

describe('histogramPanels', () => {
  it('draws all members on one scale: the same buckets, the same height for the same share', () => {
    const panels = histogramPanels(
      [histogram('a', { 1: 5, 2: 5, 4: 0, 8: 0 }), histogram('b', { 1: 0, 2: 0, 4: 300, 8: 300 })],
      null,
      'x',
      'x',
      names,
    );
    const [a, b] = panels.map((panel) => numbers(panel.svg, /<rect class="bar"[^>]*>/g, 'height'));
    assert.deepEqual(a, b);
    const axes = panels.map((panel) => [...panel.svg.matchAll(/class="axis"[^>]*>([^<]*)</g)].map((match) => match[1]));
    assert.deepEqual(axes[0], axes[1]);
    assert.deepEqual(axes[0], ['1', '2', '4', '8']);
  });

  it('draws the limit inside the bucket that holds it', () => {
    const [panel] = histogramPanels([histogram('a', { 4: 1, 8: 1, 16: 1, 32: 1 })], 10, 'x', 'x', names);
    const x = numbers(panel?.svg ?? '', /<line class="limit"[^>]*>/g, 'x1')[0] ?? 0;
    // Four buckets on 320 px: 10 ms is a quarter into the third.
    assert.ok(Math.abs(x - 180) < 0.1, String(x));
  });

  it('tells in words how much lies wholly beyond the limit', () => {
    const [panel] = histogramPanels([histogram('a', { 8: 50, 16: 25, 32: 25 })], 10, 'x', 'x', names);
    const words = (panel?.svg ?? '').replaceAll('\u00a0', ' ');
    assert.match(words, /<desc[^>]*>100 observations, most in &lt; 8 ms; 25 % in buckets beyond the limit of 10 ms\./);
  });

  it('survives a bucket without end, no observation and no bucket', () => {
    const panels = histogramPanels(
      [histogram('a', { 1: 1, inf: 2 }), histogram('b', { 1: 0 }), histogram('c', {})],
      10,
      'x',
      'x',
      names,
    );
    assert.match(panels[0]?.svg ?? '', />∞</);
    assert.match(panels[1]?.svg ?? '', /No observation/);
    for (const panel of panels) assert.doesNotMatch(panel.svg, /NaN|Infinity/);
  });

  it('keeps its number of bars whatever the bundle claims', () => {
    const many = Object.fromEntries(Array.from({ length: 5000 }, (_, index) => [String(index + 1), 1]));
    const [panel] = histogramPanels([histogram('a', many)], null, 'x', 'x', names);
    assert.ok(numbers(panel?.svg ?? '', /<rect class="bar"[^>]*>/g, 'x').length <= 40);
  });
});

describe('timelineSvg', () => {
  const { timeline } = throttledReport();
  const own = namesOf(throttledReport());

  it('shades the window, draws elections and shows a gap as a gap', () => {
    const svg = timelineSvg(timeline, own) ?? '';
    assert.equal(numbers(svg, /<rect class="window"[^>]*>/g, 'x').length, 1);
    assert.equal(numbers(svg, /<line class="election"[^>]*>/g, 'x1').length, 2);
    assert.equal(numbers(svg, /<rect class="gap"[^>]*>/g, 'x').length, 1);
    assert.match(svg, /m2 became leader at term 8/);
    assert.match(svg, />no log</);
  });

  it('puts an event where its time stands', () => {
    const lane = {
      member: 'x',
      name: 'x',
      gaps: [],
      events: [{ at: '2026-11-22T09:30:00Z', kind: 'k', label: 'half', count: 1, tone: 'warning' as const }],
    };
    const svg =
      timelineSvg(
        { from: '2026-11-22T09:00:00Z', to: '2026-11-22T10:00:00Z', window: { from: '', to: '' }, lanes: [lane] },
        own,
      ) ?? '';
    const [start] = numbers(svg, /<line class="base"[^>]*>/g, 'x1');
    const [end] = numbers(svg, /<line class="base"[^>]*>/g, 'x2');
    const [x] = numbers(svg, /<rect class="mark warning"[^>]*>/g, 'x');
    assert.ok(start !== undefined && end !== undefined && x !== undefined);
    assert.ok(Math.abs(x - (start + end) / 2) < 5, `${x} between ${start} and ${end}`);
  });

  it('leaves out what lies outside of the range or has no readable time', () => {
    const events = ['2020-01-01T00:00:00Z', 'never', '2026-11-22T09:45:00Z'].map((at) => ({
      at,
      kind: 'k',
      label: 'l',
      count: 1,
      tone: 'info' as const,
    }));
    const svg = timelineSvg({ ...timeline, lanes: [{ member: 'x', name: 'x', events, gaps: [] }] }, own) ?? '';
    assert.equal(numbers(svg, /<rect class="mark [^>]*>/g, 'x').length, 1);
    assert.doesNotMatch(svg, /NaN/);
  });

  it('draws nothing when there is nothing to draw', () => {
    assert.equal(timelineSvg({ ...timeline, lanes: [] }, own), null);
    assert.equal(timelineSvg({ ...timeline, from: 'x' }, own), null);
    assert.equal(timelineSvg({ ...timeline, from: timeline.to }, own), null);
  });

  it('merges events that share a place', () => {
    const events = Array.from({ length: 20_000 }, () => ({
      at: '2026-11-22T09:45:00Z',
      kind: 'k',
      label: 'late',
      count: 1,
      tone: 'warning' as const,
    }));
    const svg = timelineSvg({ ...timeline, lanes: [{ member: 'x', name: 'x', events, gaps: [] }] }, own) ?? '';
    assert.equal(numbers(svg, /<rect class="mark [^>]*>/g, 'x').length, 1);
    assert.match(svg, /late \(20\u202f000 times\)/);
  });
});

describe('storageBars', () => {
  it('draws file and part in use on the scale of the largest quota', () => {
    const [half] = storageBars(
      [{ member: 'a', name: 'a', sizeBytes: '50', inUseBytes: '25', quotaBytes: '100' }],
      names,
    );
    assert.deepEqual(numbers(half?.svg ?? '', /<rect class="(?:track|file|bar)"[^>]*>/g, 'width'), [200, 100, 50]);
  });
  it('survives sizes that are no numbers and a quota of nothing', () => {
    const [bar] = storageBars([{ member: 'a', name: 'a', sizeBytes: 'x', inUseBytes: '-1', quotaBytes: '0' }], names);
    assert.doesNotMatch(bar?.svg ?? '', /NaN|Infinity|width="-/);
  });
});

describe('el', () => {
  it('escapes attributes, and text by escapeXml', () => {
    assert.equal(
      el('text', { class: '"><script>' }, escapeXml('<b>&')),
      '<text class="&quot;&gt;&lt;script&gt;">&lt;b&gt;&amp;</text>',
    );
    assert.equal(el('rect', { x: Number.NaN, y: 1.26 }), '<rect x="0" y="1.3"/>');
  });
});
