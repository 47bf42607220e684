import type { Report } from '../../schemas/index.js';
import type { Format } from './formats.js';
import { renderHtml } from './render-html.js';
import { renderJunit } from './render-junit.js';
import { renderMarkdown } from './render-markdown.js';
import { renderSarif } from './render-sarif.js';
import { renderUpstreamIssue } from './render-upstream-issue.js';
import { renderVendorTicket } from './render-vendor-ticket.js';
import { renderSummaryLine } from './summary-line.js';

const renderers: Readonly<Record<Format, (report: Report) => string>> = {
  html: renderHtml,
  markdown: renderMarkdown,
  json: (report) => `${JSON.stringify(report, null, 2)}\n`,
  summary: (report) => `${renderSummaryLine(report)}\n`,
  'upstream-issue': renderUpstreamIssue,
  'vendor-ticket': renderVendorTicket,
  junit: renderJunit,
  sarif: renderSarif,
};

/** The report as text in one of its forms. */
export const render = (report: Report, format: Format): string => renderers[format](report);
