import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { renderHtml } from '../../../analyzer/report/index.js';
import { validate } from '../../../schemas/index.js';
import {
  emptyReport,
  fiveMembersReport,
  healthyReport,
  hostileReport,
  inconclusiveReport,
  quorumLostReport,
  throttledReport,
} from '../../support/sample-reports.js';
import { attributesOf, bodyOf, firstImbalance, tagsOf } from './page.js';

const samples = {
  throttled: throttledReport(),
  healthy: healthyReport(),
  'quorum lost': quorumLostReport(),
  inconclusive: inconclusiveReport(),
  empty: emptyReport(),
  'five members': fiveMembersReport(),
};

const payloads = [
  '</style></title><script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  "' onmouseover='alert(1)",
  '` onfocus=alert(1) autofocus=`',
  'javascript:alert(1)',
  '<!-- ]]> <svg/onload=alert(1)>',
  '{{constructor}} {{{css}}} {{> page}}',
  '__proto__',
];

/** Asserts that the texts stand in the page in this order. */
const inOrder = (html: string, texts: readonly string[]): void => {
  let from = 0;
  for (const text of texts) {
    const at = html.indexOf(text, from);
    assert.notEqual(at, -1, `not found after what precedes it: ${text}`);
    from = at + text.length;
  }
};

const position = (html: string, text: string): number => {
  const at = html.indexOf(text);
  assert.notEqual(at, -1, `the page lacks: ${text}`);
  return at;
};

describe('renderHtml', () => {
  for (const [name, report] of Object.entries(samples)) {
    it(`renders ${name} as one page that loads and runs nothing`, () => {
      assert.deepEqual(validate('report', report).ok, true);
      const html = renderHtml(report);
      assert.match(
        html,
        /<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:;/,
      );
      assert.equal(firstImbalance(html), null);
      const tags = tagsOf(html);
      for (const tag of ['script', 'link', 'iframe', 'img', 'object', 'form', 'base'])
        assert.ok(!tags.includes(tag), tag);
      const attributes = attributesOf(html);
      for (const attribute of attributes) assert.doesNotMatch(attribute, /^(on|src|style$|xlink)/i);
      assert.doesNotMatch(html.slice(0, html.indexOf('</style>')), /url\(|@import|expression\(/i);
      assert.equal(tags.filter((tag) => tag === 'h1').length, 1);
      assert.doesNotMatch(bodyOf(html), /undefined|\[object Object\]|NaN|>null</);
    });

    it(`gives ${name} names for tables, drawings and unique ids`, () => {
      const html = renderHtml(report);
      const tables = tagsOf(html).filter((tag) => tag === 'table').length;
      assert.equal(tagsOf(html).filter((tag) => tag === 'caption').length, tables);
      for (const [tag] of html.matchAll(/<th(?=[\s>])[^>]*>/g)) assert.match(tag, /scope="(col|row)"/);
      for (const [tag] of html.matchAll(/<svg[^>]*>/g)) assert.match(tag, /aria-labelledby=|aria-hidden="true"/);
      const ids = [...html.matchAll(/\sid="([^"]*)"/g)].map((match) => match[1]);
      assert.deepEqual(ids.length, new Set(ids).size);
      for (const match of html.matchAll(/aria-labelledby="([^"]*)"/g)) {
        for (const id of (match[1] ?? '').split(' ')) assert.ok(ids.includes(id), `no element has the id ${id}`);
      }
      for (const match of html.matchAll(/href="#([^"]*)"/g))
        assert.ok(ids.includes(match[1]), `no target for #${match[1]}`);
    });
  }

  for (const payload of payloads) {
    it(`builds the same page from ${payload} as from a harmless text`, () => {
      const harmless = hostileReport('x'.repeat(payload.length));
      const hostile = hostileReport(payload);
      const html = renderHtml(hostile);
      assert.deepEqual(tagsOf(html), tagsOf(renderHtml(harmless)));
      assert.deepEqual(attributesOf(html), attributesOf(renderHtml(harmless)));
      for (const match of html.matchAll(/href="([^"]*)"/g)) assert.match(match[1] ?? '', /^(#|https:\/\/)/);
    });
  }

  it('shows what would hide or reorder text', () => {
    const html = renderHtml(hostileReport('a\u202eb\u0007c\u200bd\ud800e'));
    assert.match(html, /a\ufffdb\ufffdc\ufffdd\ufffde/);
    assert.doesNotMatch(html, /(?!\n)[\p{Cc}\p{Cf}]/u);
  });

  it('answers the five questions before anything else', () => {
    const html = bodyOf(renderHtml(throttledReport())).replaceAll('\u00a0', ' ');
    inOrder(html, [
      'recovery is not justified',
      'Member m1 starves for CPU',
      'CPU quota throttles the etcd process',
      'Throttled periods of the cgroup',
      'WAL fsync p99 looks like a slow disk',
      'but the device was 3 % busy',
      'Would disprove it:',
      'What to do, in this order',
      'brief interruption',
      'Do not',
      'Who must act',
      'Timers leave no slack',
      'Few file descriptors left',
      'The cluster at a glance',
      'Timeline',
      'WAL fsync <small>',
      'Backend commit <small>',
      'Between members',
      'Database against quota',
      'Configuration in force',
      'Versions',
      'Coverage <small>',
      'Every rule',
      'Criteria of the verdict',
      'Thresholds and their sources',
      'Access from this vantage',
      'Redaction',
      'Provenance',
    ]);
  });

  it('says a message once when the summary holds it, and shows one that differs', () => {
    const report = throttledReport();
    const [cause] = report.diagnosis.causes;
    assert.ok(cause);
    const message = 'A sentence of the cause alone takes 12 ms.';
    const diagnosis = { ...report.diagnosis, causes: [{ ...cause, message }] };
    const times = (summary: string): number =>
      bodyOf(renderHtml({ ...report, diagnosis, verdict: { ...report.verdict, summary } }))
        .replaceAll('\u00a0', ' ')
        .split(message).length - 1;
    assert.equal(times(`${message} Quorum holds.`), 1);
    assert.equal(times('Something else. Quorum holds.'), 1);
    const html = bodyOf(renderHtml({ ...report, diagnosis }));
    assert.match(html, /<p class="message">A sentence of the cause/);
  });

  it('shows at once what the cause explains, and folds why others rank lower', () => {
    const report = throttledReport();
    const [cause] = report.diagnosis.causes;
    assert.ok(cause?.explains[0] && cause.alternatives[0]);
    const html = bodyOf(renderHtml(report));
    inOrder(html, ['explains: <b>', cause.explains[0].title, '<table class="evidence']);
    const title = position(html, `<summary>${cause.alternatives[0].title}</summary>`);
    assert.equal(html.slice(title - '<details>'.length, title), '<details>');
  });

  it('puts a long observed value under its text and a number in its column', () => {
    const report = throttledReport();
    const [cause] = report.diagnosis.causes;
    const [piece] = cause?.evidence ?? [];
    assert.ok(cause && piece);
    const row = (observed: string): string => {
      const causes = [{ ...cause, evidence: [{ ...piece, text: 'piece to look at', observed }] }];
      const html = renderHtml({ ...report, diagnosis: { ...report.diagnosis, causes } }).replaceAll('\u00a0', ' ');
      const at = position(html, 'piece to look at');
      return html.slice(html.lastIndexOf('<tr>', at), html.indexOf('</tr>', at));
    };
    const long = row('waited for a CPU 7 % of the time, in these operations 100 % of it');
    assert.match(long, /colspan="2"/);
    assert.match(
      long,
      /<span class="answer">observed: waited for a CPU 7 % of the time, in these operations 100 % of it</,
    );
    assert.doesNotMatch(long, /data-label="Observed"/);
    assert.match(row('121 ms (mean of 82)'), /data-label="Observed">121 ms <span class="aside">mean of 82</);
  });

  it('marks evidence against the cause and says it in words', () => {
    const html = renderHtml(throttledReport());
    const row = html.slice(html.lastIndexOf('<tr>', position(html, 'WAL fsync p99 looks like a slow disk')));
    assert.match(
      row.slice(0, 400),
      /<td class="sign bad"><span aria-hidden="true">−<\/span><span class="sr">against<\/span>/,
    );
    assert.match(row.slice(0, 900), /64–128\u00a0ms|64–128 ms/);
  });

  it('keeps what was expected and not seen apart from what was seen', () => {
    const html = renderHtml(throttledReport());
    assert.ok(position(html, 'CPU steal of the virtual machine') > position(html, 'Further evidence'));
    assert.match(html, /expected, not seen/);
    assert.match(html, /not enough was seen to tell/);
  });

  it('is calm when nothing is wrong: says what was checked and folds the measurements', () => {
    const html = bodyOf(renderHtml(healthyReport()));
    assert.ok(position(html, 'What was checked') < position(html, 'Nothing has to be done.'));
    assert.match(html, /<details class="measurements">/);
    assert.doesNotMatch(html, /class="tag bad"/);
    assert.doesNotMatch(html, /recovery is not justified/);
  });

  it('says first what is missing and how to get it when it cannot judge', () => {
    const html = bodyOf(renderHtml(inconclusiveReport()));
    assert.ok(position(html, 'What is missing, and how to get it') < position(html, 'sudo etcd-collect --local'));
    assert.ok(position(html, 'sudo etcd-collect --local') < position(html, 'No cause is established'));
    assert.doesNotMatch(html, /No risk was found/);
  });

  it('collapses empty sections to a sentence', () => {
    const html = bodyOf(renderHtml(emptyReport()));
    for (const text of [
      'No member gave this histogram.',
      'No round trip between members was measured.',
      'No member gave the size of its database.',
    ]) {
      position(html, text);
    }
    assert.doesNotMatch(html, /<tbody><\/tbody>|<ul><\/ul>|<ol[^>]*><\/ol>/);
  });

  it('keeps 64-bit numbers whole', () => {
    const html = renderHtml(fiveMembersReport()).replaceAll('\u202f', '');
    position(html, '18446744073709551615');
    position(html, '9223372036854775807');
    position(html, 'ffffffffffffff05');
  });

  it('marks the setting in which members differ', () => {
    const html = renderHtml(throttledReport());
    const rows = html.split('<tr').filter((row) => row.includes('<code>election-timeout</code>'));
    assert.equal(rows.length, 1);
    assert.match(rows[0] ?? '', /^ class="differs"/);
    assert.match(html, /<tr><th scope="row"><code>heartbeat-interval<\/code>/);
  });

  it('holds its size when the bundle does not', () => {
    const report = throttledReport();
    const gap = report.coverage.gaps[0];
    const lane = report.timeline.lanes[0];
    const event = lane?.events[0];
    assert.ok(gap && lane && event);
    const start = Date.parse(report.timeline.from);
    const events = Array.from({ length: 30_000 }, (_, index) => ({
      ...event,
      at: new Date(start + index * 50).toISOString(),
      label: `event ${index}`,
    }));
    const html = renderHtml({
      ...report,
      coverage: { ...report.coverage, gaps: Array.from({ length: 5000 }, () => gap) },
      timeline: { ...report.timeline, lanes: [{ ...lane, events }] },
    });
    assert.ok(html.length < 600_000, `${html.length} characters`);
    assert.match(html, /Lists on this page end after 300 rows/);
  });

  it('gives the same page twice and leaves the report alone', () => {
    const report = throttledReport();
    const before = structuredClone(report);
    assert.equal(renderHtml(report), renderHtml(report));
    assert.deepEqual(report, before);
  });
});
