import type { Report } from '../../schemas/index.js';
import { endpointStatusTable, memberListTable } from './etcdctl-tables.js';
import { fenced } from './fenced.js';
import { markdownCode, markdownText } from './markdown-escape.js';
import { compileTemplate } from './templates.js';
import { ticketCauses } from './ticket-view.js';
import { trim } from './trim.js';
import { prepare } from './view.js';

/** Rows per list: a ticket is read by a person who has many. */
const ROWS = 25;

/** In the words of ticket systems; the reader maps them to his own. */
const severities: Readonly<Record<Report['verdict']['kind'], string>> = {
  'intervene-now': 'Severity 1: the cluster is down, damaged, or one failure away from it',
  investigate: 'Severity 2: degraded',
  transient: 'Severity 3: it happened and is over',
  inconclusive: 'Severity 2 until more is known: the evidence does not carry a judgement yet',
  healthy: 'Severity 4: no fault found',
};

let compiled: ((view: object) => string) | undefined;

/** The report as a ticket for a vendor: what is wrong, on what evidence, and what is asked of whom. */
export const renderVendorTicket = (original: Report): string => {
  const prepared = prepare(original);
  const { report, view } = prepared;
  compiled ??= compileTemplate('vendor-ticket.md.hbs', '.md.hbs', { md: markdownText, code: markdownCode });
  const whole = {
    ...view,
    severity: severities[report.verdict.kind],
    causes: ticketCauses(report, prepared),
    collected: view.when.join(', ').replace(/^collected /, ''),
    wanted: view.access.filter(({ who }) => who !== ''),
  };
  const tables = [fenced(memberListTable(report)), fenced(endpointStatusTable(report))].join('\n\n');
  return `${compiled({ ...trim(whole, ROWS).value, tables })
    .replace(/\n{3,}/g, '\n\n')
    .trim()}\n`;
};
