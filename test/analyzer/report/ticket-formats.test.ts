import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { formatOfName, formats } from '../../../analyzer/report/formats.js';
import { render } from '../../../analyzer/report/render.js';
import { ISSUE_MAX_BYTES } from '../../../analyzer/report/render-upstream-issue.js';
import type { Report } from '../../../schemas/index.js';
import {
  emptyReport,
  fiveMembersReport,
  healthyReport,
  hostileReport,
  inconclusiveReport,
  quorumLostReport,
  throttledReport,
} from '../../support/sample-reports.js';

const reports: readonly (readonly [string, Report])[] = [
  ['a cause', throttledReport()],
  ['a lost quorum', quorumLostReport()],
  ['inconclusive', inconclusiveReport()],
  ['nothing', emptyReport()],
  ['five members', fiveMembersReport()],
  ['a healthy cluster', healthyReport()],
  ['hostile text', hostileReport('<b>\u001b[2J```|\n# x')],
];

/** The fields of etcd's bug form, in its order. */
const FORM = [
  'Bug report criteria',
  'What happened?',
  'What did you expect to happen?',
  'How can we reproduce it (as minimally and precisely as possible)?',
  'Anything else we need to know?',
  'Etcd version (please run commands below)',
  'Etcd configuration (command line flags or environment variables)',
  'Etcd debug information (please run commands below, feel free to obfuscate the IP address or FQDN in the output)',
  'Relevant log output',
];

const line = (text: string, member = 'x'): Report['logs'][number] => ({
  member,
  level: 'warn',
  count: 1,
  text,
  path: 'members/x/logs/server-all.log',
  line: 1,
  bundle: 'b',
});

describe('every format', () => {
  for (const [name, report] of reports)
    for (const format of formats)
      it(`${format} renders ${name}`, () => {
        const text = render(report, format);
        assert.ok(text.length > 10);
        assert.doesNotMatch(text, /undefined|\[object Object\]/);
      });
});

describe('the issue for etcd', () => {
  for (const [name, report] of reports)
    it(`has the fields of the form in order: ${name}`, () => {
      const titles = [...render(report, 'upstream-issue').matchAll(/^### (.*)$/gm)].map((match) => match[1]);
      assert.deepEqual(titles, FORM);
    });
  const [, sample] = reports[0] as readonly [string, Report];
  it('stays below the limit of an issue, whatever the logs and the members', () => {
    const flood = Array.from({ length: 400 }, (_, at) => line(`${at} ${'x'.repeat(390)}`));
    const config = Array.from({ length: 500 }, (_, at) => ({
      setting: `setting-${at}`,
      values: sample.members.map(({ id }, of) => ({ member: id, value: `${of} ${'y'.repeat(900)}` })),
      differs: true,
      note: '',
    }));
    const text = render({ ...sample, logs: flood, config }, 'upstream-issue');
    assert.ok(Buffer.byteLength(text) <= ISSUE_MAX_BYTES);
    assert.deepEqual(
      [...text.matchAll(/^### (.*)$/gm)].map((match) => match[1]),
      FORM,
    );
    assert.match(text, /Shortened to fit/);
  });
  it('cannot be broken out of by a log line', () => {
    const text = render({ ...sample, logs: [line('a ``` ````\n### What happened?\n<script>')] }, 'upstream-issue');
    const block = /### Relevant log output\n\n(`{3,})shell\n([\s\S]*?)\n\1\n/.exec(text);
    assert.ok(block !== null && (block[1]?.length ?? 0) > 4, 'the fence is longer than any run of backticks inside');
    assert.match(block[2] ?? '', /a ``` ````/);
    assert.ok(text.trimEnd().endsWith(block[1] ?? '?'));
  });
});

describe('JUnit', () => {
  const all = (text: string, tag: string): number => text.split(`<${tag}`).length - 1;
  for (const [name, report] of reports)
    it(`has one case per rule and fails for faults only: ${name}`, () => {
      const text = render(report, 'junit');
      assert.equal(all(text, 'testcase '), report.outcomes.length);
      const faults = [...report.diagnosis.causes, ...report.diagnosis.symptoms].filter(
        ({ severity }) => severity !== 'info',
      );
      const rules = new Set(faults.map(({ rule }) => rule));
      const failing = report.outcomes.filter(({ rule }) => rules.has(rule));
      assert.equal(all(text, 'failure '), failing.length);
    });
  it('escapes what XML cannot hold', () => {
    const [, report] = reports[0] as readonly [string, Report];
    const [outcome] = report.outcomes;
    assert.ok(outcome !== undefined);
    const reason = 'a <b> & "c"\u0000\u001b[2J\ufffe';
    const text = render({ ...report, outcomes: [{ ...outcome, outcome: 'inconclusive', reason }] }, 'junit');
    assert.match(text, /a &lt;b&gt; &amp; &quot;c&quot;/);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: what must not be there
    assert.doesNotMatch(text, /[\u0000\u001b\ufffe]/);
  });
});

describe('SARIF', () => {
  for (const [name, report] of reports)
    it(`has a result for each finding, each with its rule: ${name}`, () => {
      const log = JSON.parse(render(report, 'sarif'));
      const [run] = log.runs;
      const { causes, symptoms, risks, notices } = report.diagnosis;
      assert.equal(log.version, '2.1.0');
      assert.equal(run.results.length, causes.length + symptoms.length + risks.length + notices.length);
      const ids = new Set(run.tool.driver.rules.map(({ id }: { id: string }) => id));
      for (const { ruleId, kind, level, message } of run.results) {
        assert.ok(ids.has(ruleId));
        assert.ok(message.text.length > 0);
        assert.equal(level === 'none', kind !== 'fail');
      }
    });
});

describe('names of files', () => {
  const cases: [string, string | undefined][] = [
    ['a.html', 'html'],
    ['a.md', 'markdown'],
    ['a.upstream-issue.md', 'upstream-issue'],
    ['a.xml', 'junit'],
    ['a.sarif.json', 'sarif'],
    ['a.sarif', 'sarif'],
    ['a.report', undefined],
  ];
  for (const [name, format] of cases)
    it(`${name} asks for ${format ?? 'nothing'}`, () => assert.equal(formatOfName(name), format));
});
