import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { namesOf } from '../../../analyzer/report/names.js';
import { mergeSources } from '../../../analyzer/report/sources.js';
import type { ReportSource } from '../../../schemas/index.js';
import { healthyReport } from '../../support/sample-reports.js';

const report = healthyReport();
const ids = report.members.map((member) => member.id);
const [m1 = '', m2 = '', m3 = ''] = ids;
const HOST = 'host-0035969e';

/** Names of a report that mentions these places, as a finding of it would. */
const namesFor = (sources: readonly ReportSource[]) => {
  const gap = { what: 'x', state: 'denied' as const, reason: 'x' };
  const targets = [
    ...new Set(sources.flatMap((source) => (source.path ?? '').split('/').filter((part) => /^host-/.test(part)))),
  ];
  const gaps = targets.map((target) => ({ ...gap, target }));
  return namesOf({ ...report, coverage: { ...report.coverage, gaps } } as typeof report);
};

const merged = (sources: readonly ReportSource[]) => mergeSources(sources, namesFor(sources));

const lines = (sources: readonly ReportSource[]): string[] =>
  merged(sources).shown.map(({ label, pointer, pointerMore }) =>
    [label, pointer, pointerMore]
      .filter((part) => part !== '')
      .join(' ')
      .replaceAll('\u00a0', ' '),
  );

describe('mergeSources', () => {
  it('shows one artifact over the rounds as one, with the whole paths beside', () => {
    const sources = [2, 0].map((round) => ({ path: `members/${m3}/metrics-${round}.prom`, pointer: 'up' }));
    assert.deepEqual(lines(sources), ['m3/metrics-0…2 up']);
    const { shown, places, more, cut } = merged(sources);
    assert.equal(shown[0]?.full, `members/${m3}/metrics-{0,2}.prom · up`);
    assert.deepEqual(places, [{ path: `members/${m3}/metrics-{0,2}.prom`, pointers: 'up' }]);
    assert.equal(more, '');
    assert.equal(cut, false);
  });

  it('counts the further pointers into one artifact and keeps them in the list', () => {
    const sources = ['a_seconds', 'b_seconds', 'c_seconds'].flatMap((pointer) =>
      [0, 2].map((round) => ({ path: `members/${m1}/metrics-${round}.prom`, pointer })),
    );
    assert.deepEqual(lines(sources), ['m1/metrics-0…2 a_seconds +2']);
    assert.equal(merged(sources).cut, true);
    assert.deepEqual(
      merged(sources).places.map((place) => place.pointers),
      ['a_seconds, b_seconds, c_seconds'],
    );
  });

  it('puts files of a member or a host in one line, the host by the end of its token', () => {
    const sources = [
      ...['cgroup', 'process'].flatMap((kind) =>
        [0, 2].map((round) => ({ path: `members/${m3}/server/${kind}-${round}.json` })),
      ),
      ...[0, 2].map((round) => ({ path: `hosts/${HOST}/psi-${round}.json` })),
    ];
    assert.deepEqual(lines(sources), ['m3/server/cgroup, process-0…2', 'host 969e/psi-0…2']);
    assert.match(merged(sources).shown[1]?.full ?? '', /^hosts\/host-0035969e\/psi-/);
  });

  it('says the same artifact of several members once', () => {
    const sources = ids.map((id) => ({ path: `members/${id}/endpoint-status-2.json` }));
    assert.deepEqual(lines(sources), ['m1,m2,m3/endpoint-status-2']);
    const apart = [
      { path: `members/${m1}/metrics-0.prom`, pointer: 'up' },
      { path: `members/${m2}/metrics-0.prom`, pointer: 'down' },
    ];
    assert.deepEqual(lines(apart), ['m1/metrics-0 up', 'm2/metrics-0 down']);
  });

  it('merges the rounds of an entry of the inventory and names its member', () => {
    const sources = [0, 1, 2].map((round) => ({ path: 'manifest.json', pointer: `metrics@${m2}#${round}` }));
    assert.deepEqual(lines(sources), ['manifest metrics@m2#0…2']);
  });

  it('shows two lines at most and loses no place', () => {
    const sources = Array.from({ length: 7 }, (_, index) => ({ path: `vantage/x${index}/file-${index}.json` }));
    const { shown, more, moreFull, places, cut } = merged(sources);
    assert.ok(shown.length <= 2);
    assert.equal(more, `+${7 - shown.length} more`);
    assert.equal(moreFull.split('\n').length, 7 - shown.length);
    assert.deepEqual(
      places.map((place) => place.path),
      sources.map((source) => source.path),
    );
    assert.equal(cut, true);
  });

  it('never merges artifacts of two bundles or a file without a round', () => {
    const path = `members/${m1}/metrics-0.prom`;
    assert.equal(
      merged([
        { path, bundle: 'a' },
        { path, bundle: 'b' },
      ]).places.length,
      2,
    );
    assert.deepEqual(
      merged([{ path: 'a/log.json' }, { path: 'a/log-1.json' }]).places.map((place) => place.path),
      ['a/log.json', 'a/log-1.json'],
    );
  });

  it('gives nothing for nothing and survives a source without a path', () => {
    assert.deepEqual(merged([]), { shown: [], more: '', moreFull: '', places: [], cut: false });
    assert.equal(merged([{}]).shown[0]?.label, '');
  });
});

describe('host names', () => {
  it('stay whole when two of them end alike', () => {
    const sources = ['host-00000001', 'host-10000001', 'host-1000000a'].map((host) => ({
      path: `hosts/${host}/psi.json`,
    }));
    const names = namesFor(sources);
    assert.equal(names.of('host-00000001').label, 'host-00000001');
    assert.equal(names.of('host-1000000a').label, 'host\u00a0000a');
    assert.equal(names.of('host-1000000a').full, 'host-1000000a');
  });
});
