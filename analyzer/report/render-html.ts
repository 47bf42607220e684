import type { Report } from '../../schemas/index.js';
import { histogramPanels } from './svg/histogram.js';
import { storageBars } from './svg/storage.js';
import { timelineSvg } from './svg/timeline.js';
import { compileTemplate, styleSheet } from './templates.js';
import { trim } from './trim.js';
import { limitText, prepare } from './view.js';

/** Longest list on the page; the whole stands in report.json. */
const MAX_ROWS = 300;

let compiled: ((view: object) => string) | undefined;

/** The report as one HTML file that loads nothing, runs nothing and escapes every value of the bundle. */
export const renderHtml = (original: Report): string => {
  const { report, names, limits, view } = prepare(original);
  compiled ??= compileTemplate('report.html.hbs', '.hbs', null);
  const bars = storageBars(report.charts.storage, names);
  const shown = trim(view, MAX_ROWS);
  return compiled({
    ...shown.value,
    cutAt: shown.cut ? MAX_ROWS : 0,
    css: styleSheet(),
    hasFindings: shown.value.groups.some((group) => group.findings.length > 0),
    timeline: timelineSvg(report.timeline, names) ?? '',
    fsync: {
      id: 'fsync',
      title: 'WAL fsync',
      limit: limitText(limits.walFsyncMs),
      panels: histogramPanels(report.charts.walFsync, limits.walFsyncMs, 'WAL fsync', 'fsync', names),
    },
    commit: {
      id: 'commit',
      title: 'Backend commit',
      limit: limitText(limits.backendCommitMs),
      panels: histogramPanels(report.charts.backendCommit, limits.backendCommitMs, 'Backend commit', 'commit', names),
    },
    storage: shown.value.storage.map((row, index) => ({
      ...row,
      hue: bars[index]?.hue ?? -1,
      svg: bars[index]?.svg ?? '',
    })),
  });
};
