import type { Report } from '../../schemas/index.js';
import type { Format } from './formats.js';
import { renderHtml } from './render-html.js';
import { renderMarkdown } from './render-markdown.js';

const renderers: Readonly<Record<Format, (report: Report) => string>> = {
  html: renderHtml,
  markdown: renderMarkdown,
  json: (report) => `${JSON.stringify(report, null, 2)}\n`,
};

/** The report as text in one of its forms. */
export const render = (report: Report, format: Format): string => renderers[format](report);
