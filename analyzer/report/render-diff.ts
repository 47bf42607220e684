import type { Diff } from '../../schemas/index.js';
import { slowMs } from '../compare/limits.js';
import { cleanReport } from './clean.js';
import { instant, listed, milliseconds, shortId } from './format.js';
import type { PageFormat } from './formats.js';
import { markdownCode, markdownText } from './markdown-escape.js';
import type { Names } from './names.js';
import { histogramPanels } from './svg/histogram.js';
import { compileTemplate, styleSheet } from './templates.js';
import { trim } from './trim.js';
import { comparisonView, sideNames } from './view-comparison.js';

/** Longest list on the page; the whole stands in the JSON form. */
const MAX_ROWS = 300;
const MAX_PICTURES = 12;

const BASIS = { window: 'window', 'since-start': 'since the start', between: 'between the two' } as const;

/** Before and now of each latency that has moved, in one scale. */
const pictures = (diff: Diff) =>
  diff.changes
    .filter((change) => change.baseline !== undefined && change.current !== undefined)
    .slice(0, MAX_PICTURES)
    .map((change, index) => {
      const metric = change.id.split('/')[1] ?? '';
      const limitMs = (slowMs as Readonly<Record<string, { readonly value: number }>>)[metric]?.value ?? null;
      const sides = [
        ['baseline', change.baseline],
        ['now', change.current],
      ] as const;
      const title = `${change.title}, ${listed(change.subjects.map(({ name }) => name))}`;
      return {
        id: `shift-${index}`,
        title,
        limit: limitMs === null ? '' : milliseconds(limitMs),
        panels: histogramPanels(
          sides.flatMap(([member, distribution]) =>
            distribution === undefined
              ? []
              : [{ member, name: member, basis: BASIS[distribution.basis], buckets: distribution.buckets }],
          ),
          limitMs,
          title,
          `shift-${index}`,
          sideNames as Names,
        ),
      };
    });

const viewOf = (original: Diff) => {
  const diff = cleanReport(original);
  const comparison = comparisonView(diff);
  const clusters = [...new Set([...diff.baseline, diff.current].flatMap(({ clusterIds }) => clusterIds))];
  return {
    diff,
    view: {
      title: `${comparison.headline} – etcd evidence comparison`,
      comparison,
      scope: [clusters.length === 0 ? 'cluster unknown' : `cluster ${listed(clusters.slice(0, 3).map(shortId))}`],
      toolLine: `${diff.tool.name} ${diff.tool.version}, ${instant(diff.generatedAt)}`,
    },
  };
};

type View = ReturnType<typeof viewOf>['view'];

let html: ((view: object) => string) | undefined;
let markdown: ((view: object) => string) | undefined;

const renderHtml = (original: Diff): string => {
  const { diff, view } = viewOf(original);
  html ??= compileTemplate('diff.html.hbs', '.hbs', null);
  const { value } = trim<View>(view, MAX_ROWS);
  return html({ ...value, css: styleSheet(), pictures: pictures(diff) });
};

const renderMarkdown = (original: Diff): string => {
  markdown ??= compileTemplate('diff.md.hbs', '.md.hbs', { md: markdownText, code: markdownCode });
  const { value } = trim<View>(viewOf(original).view, MAX_ROWS);
  return `${markdown(value)
    .replace(/\n{3,}/g, '\n\n')
    .trim()}\n`;
};

const renderers: Readonly<Record<PageFormat, (diff: Diff) => string>> = {
  html: renderHtml,
  markdown: renderMarkdown,
  json: (diff) => `${JSON.stringify(diff, null, 2)}\n`,
};

/** A comparison as text in one of its forms. */
export const renderDiff = (diff: Diff, format: PageFormat): string => renderers[format](diff);
