import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MARKDOWN_MAX_BYTES, renderMarkdown, renderSummaryLine } from '../../../analyzer/report/index.js';
import { markdownCode, markdownText } from '../../../analyzer/report/markdown-escape.js';
import {
  emptyReport,
  fiveMembersReport,
  healthyReport,
  hostileReport,
  inconclusiveReport,
  quorumLostReport,
  throttledReport,
} from '../../support/sample-reports.js';
import { cellsOf } from './page.js';

const payloads = [
  'a | b || c',
  '`` ` ```',
  '<img src=x onerror=alert(1)>',
  '# heading\n## another\n\n- item',
  '[x](javascript:alert(1))',
  '*b* _i_ ~s~',
  '\\| \\',
  '</details>',
];

/** Tables as lists of rows; a table ends at the first line without a leading bar. */
const tablesOf = (text: string): string[][] =>
  text
    .split(/\n(?!\|)/)
    .map((block) => block.split('\n').filter((line) => line.startsWith('|')))
    .filter((rows) => rows.length > 0);

const headings = (text: string): string[] => text.split('\n').filter((line) => line.startsWith('#'));

describe('renderMarkdown', () => {
  it('says at the top how to read tokens, where there are some', () => {
    const masked = quorumLostReport();
    const top = (text: string): string => text.slice(0, text.indexOf('\n## '));
    assert.match(top(renderMarkdown(masked)), /are tokens\..*etcd-collect reveal/);
    const plain = {
      ...masked,
      provenance: {
        ...masked.provenance,
        bundles: masked.provenance.bundles.map((bundle) => ({ ...bundle, redaction: 'secrets-only' as const })),
      },
    };
    assert.doesNotMatch(renderMarkdown(plain), /are tokens\./);
  });

  const samples = {
    throttled: throttledReport(),
    healthy: healthyReport(),
    quorum: quorumLostReport(),
    inconclusive: inconclusiveReport(),
    empty: emptyReport(),
    five: fiveMembersReport(),
  };
  for (const [name, report] of Object.entries(samples)) {
    it(`renders ${name} with whole tables and without HTML escapes where none belong`, () => {
      const text = renderMarkdown(report);
      for (const rows of tablesOf(text)) {
        const width = cellsOf(rows[0] ?? '');
        for (const row of rows) assert.equal(cellsOf(row), width, row);
      }
      assert.doesNotMatch(text, /&quot;|&#x27;|&#39;|undefined|\[object Object\]|NaN/);
      assert.doesNotMatch(text, /\n{3,}/);
    });
  }

  for (const payload of payloads) {
    it(`is not broken by ${JSON.stringify(payload)}`, () => {
      const text = renderMarkdown(hostileReport(payload));
      const harmless = renderMarkdown(hostileReport('x'));
      assert.equal(headings(text).length, headings(harmless).length);
      assert.deepEqual(
        tablesOf(text).map((rows) => rows.map(cellsOf)),
        tablesOf(harmless).map((rows) => rows.map(cellsOf)),
      );
      const outsideCode = text.replace(/(`+)(?!`).*?[^`]\1(?!`)/g, '');
      assert.deepEqual(
        [...outsideCode.matchAll(/<[a-z/!][^>]*>/gi)].map(([tag]) => tag).filter((tag) => !/^<\/?code>$/.test(tag)),
        ['<details>', '<summary>', '</summary>', '</details>'],
      );
    });
  }

  it('stays under its limit whatever the report holds, and says that it was shortened', () => {
    const report = hostileReport('<|`*_'.repeat(250));
    const many = Array.from({ length: 400 }, () => report.coverage.gaps).flat();
    const text = renderMarkdown({ ...report, coverage: { ...report.coverage, gaps: many } });
    assert.ok(Buffer.byteLength(text) <= MARKDOWN_MAX_BYTES, `${Buffer.byteLength(text)} bytes`);
    assert.match(text, /report\.json/);
  });

  it('keeps 64-bit numbers in one word', () => {
    const text = renderMarkdown(fiveMembersReport());
    assert.match(text, /\| 18446744073709551615 \|/);
    assert.match(text, /revision 9223372036854775807/);
  });

  it('follows the order of the page', () => {
    const found = headings(renderMarkdown(throttledReport())).map((line) => line.replace(/^#+ /, ''));
    assert.deepEqual(found.slice(0, 8), [
      'Member m1 starves for CPU; its disk is healthy',
      'Cause 1: CPU quota throttles the etcd process',
      'What to do, in this order',
      'Cause 2: Timers leave no slack for this host',
      'Symptoms no cause explains',
      'Risks',
      'Notices',
      'The cluster at a glance',
    ]);
  });

  it('says first what is missing when it cannot judge', () => {
    const found = headings(renderMarkdown(inconclusiveReport()));
    assert.equal(found[1], '## What is missing, and how to get it');
  });
});

describe('Markdown escapes', () => {
  it('leaves plain text readable', () => {
    assert.equal(markdownText('etcd 3.5.30 at 10.0.0.1, 97\u00a0%'), 'etcd 3.5.30 at 10.0.0.1, 97 %');
    assert.equal(markdownText('184\u202f220'), '184220');
  });
  it('takes the meaning from markup, mentions and links', () => {
    assert.equal(markdownText('a|b'), 'a\\|b');
    assert.equal(markdownText('<b>&'), '&lt;b&gt;&amp;');
    assert.equal(markdownText('1. x'), '1\\. x');
    assert.doesNotMatch(markdownText('see https://a.example or @someone or www.b.example'), /https:|@someone|www\.b/);
  });
  it('fences code longer than the backticks in it', () => {
    assert.equal(markdownCode('etcdctl status'), '`etcdctl status`');
    assert.equal(markdownCode('a `` b'), '``` a `` b ```');
    assert.equal(markdownCode('a | b\nc'), '`a \\| b c`');
    assert.equal(markdownCode(''), '');
    assert.equal(markdownCode('grep "a\\|<b>"'), '<code>grep "a\\\\\\|&lt;b&gt;"</code>');
  });
});

describe('renderSummaryLine', () => {
  it('names verdict, cause, subject and confidence', () => {
    const line = renderSummaryLine(throttledReport());
    assert.match(line, /^INVESTIGATE: Member m1 starves/);
    assert.match(line, /cause cpu-cgroup-throttling on m1, confidence high; 3 of 3 members answered/);
  });
  it('is one bounded line without control characters', () => {
    const line = renderSummaryLine(hostileReport(`a\nb\r\u001b[31m\u2028${'c'.repeat(3000)}`));
    assert.doesNotMatch(line, /\p{Cc}|\p{Zl}/u);
    assert.ok(line.length <= 400);
  });
});
