export { renderHtml } from './render-html.js';
export { MARKDOWN_MAX_BYTES, renderMarkdown } from './render-markdown.js';
export { renderSummaryLine } from './summary-line.js';
