import type { Report } from '../../schemas/index.js';
import { endpointStatusTable, memberListTable } from './etcdctl-tables.js';
import { fenced } from './fenced.js';
import { logText } from './log-text.js';
import { markdownCode, markdownText } from './markdown-escape.js';
import { compileTemplate } from './templates.js';
import { ticketCauses } from './ticket-view.js';
import { trim } from './trim.js';
import { type Prepared, prepare } from './view.js';

/** An issue on GitHub takes 65536 characters; the author adds some. */
export const ISSUE_MAX_BYTES = 60_000;

/** Bytes of log, rows per list and characters per text, tried in turn until the issue fits. Logs give way first. */
const LIMITS: readonly (readonly [number, number, number])[] = [
  [24_000, 40, 600],
  [12_000, 20, 300],
  [6_000, 10, 200],
  [2_000, 5, 120],
];

const versions = ({ members }: Pick<Report, 'members'>): string =>
  fenced(
    [
      '# server versions as the members answer',
      ...members.map(({ id, name, version }) => `${name === '' ? id : name}: ${version ?? 'no answer'}`),
      '# etcdctl was not used',
    ].join('\n'),
    'console',
  );

const configuration = ({ config }: Pick<Report, 'config'>, { names }: Prepared): string =>
  fenced(
    config
      .map(({ setting, values, differs }) =>
        differs
          ? values.map(({ member, value }) => `${setting}=${value}   # ${names.of(member).label}`).join('\n')
          : `${setting}=${values[0]?.value ?? ''}`,
      )
      .join('\n') || '# not observed',
  );

let compiled: ((view: object) => string) | undefined;

/**
 * The report as an issue for etcd's tracker: the fields of its bug form in their order, below `ISSUE_MAX_BYTES`. What is known is filled
 * in, what only a person knows is left open.
 */
export const renderUpstreamIssue = (original: Report): string => {
  const prepared = prepare(original);
  const { report, names, view } = prepared;
  compiled ??= compileTemplate('upstream-issue.md.hbs', '.md.hbs', { md: markdownText, code: markdownCode });
  const whole = {
    headline: view.headline,
    summary: view.summary,
    causes: ticketCauses(report, prepared),
    when: view.when.join(', '),
    checkedLine: view.checkedLine,
    coverageLine: view.coverageLine,
    toolLine: view.toolLine,
    redactionLine: view.redactionLine,
  };
  let text = '';
  for (const [logBytes, rows, chars] of LIMITS) {
    const logs = logText(report, names, logBytes);
    const { value, cut } = trim(whole, rows, chars);
    const { value: shortened, cut: cutReport } = trim({ config: report.config, members: report.members }, rows, chars);
    text = `${compiled({
      ...value,
      versions: versions(shortened),
      configuration: configuration(shortened, prepared),
      debugInformation: [
        fenced(`$ etcdctl member list -w table\n${memberListTable(shortened)}`, 'console'),
        fenced(
          `$ etcdctl --endpoints=<member list> endpoint status -w table\n${endpointStatusTable(shortened)}`,
          'console',
        ),
      ].join('\n\n'),
      logs: logs === '' ? 'No warning or error was found in the logs that were read.' : fenced(logs, 'shell'),
    })
      .replace(/\n{3,}/g, '\n\n')
      .trim()}\n${cut || cutReport ? '\n<!-- Shortened to fit; the whole stands in report.json. -->\n' : ''}`;
    if (Buffer.byteLength(text) <= ISSUE_MAX_BYTES) return text;
  }
  return Buffer.from(text)
    .subarray(0, ISSUE_MAX_BYTES)
    .toString('utf8')
    .replace(/\ufffd+$/, '');
};
