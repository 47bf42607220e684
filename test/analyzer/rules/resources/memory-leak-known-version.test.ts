import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FactValues } from '../../../../analyzer/fact.js';
import rule from '../../../../analyzer/rules/resources/memory-leak-known-version.js';
import { WINDOW } from '../../../support/fake-facts.js';
import { ruleTest, runScenario } from '../../../support/rule-tester.js';
import { history, line, series } from '../../../support/surroundings.js';
import { versions } from '../integrity/fakes.js';
import { cgroup, process } from './values.js';

const MiB = 1024 * 1024;
const HOURS = 6 * 60;
/** The heap between two collections: up and down by a third, without a trend. */
const saw = (level: number): number[] => line(HOURS, 0, 0).map((_, i) => level * (1 + (i % 5) / 15));
const steady = (n: number, name: string, level: number) => series(name, n, line(HOURS, level, level));

const member = (limit?: number): { readonly m1: Partial<FactValues['member']> } => ({
  m1: {
    process: process(),
    ...(limit === undefined
      ? {}
      : { cgroup: { ...cgroup(null), memory: { limitBytes: String(limit), usageBytes: null, share: null } } }),
  },
});
const load = [steady(1, 'keys', 5000), steady(1, 'watchers', 300), steady(1, 'open-fds', 90)];
const cluster = (version: string, ...all: ReturnType<typeof series>[]): Partial<FactValues['cluster']> => ({
  versions: versions(version, version, version),
  history: history(...load, ...all),
});
const leak = series('goroutines', 1, line(HOURS, 500, 9000));
const heap = series('heap-in-use', 1, line(HOURS, 100 * MiB, 700 * MiB));

ruleTest(rule, {
  pass: [
    {
      name: 'a heap that rises and falls',
      cluster: cluster('3.5.12', series('heap-in-use', 1, saw(200 * MiB)), steady(1, 'goroutines', 500)),
      member: member(),
    },
    {
      name: 'it grows with the keys',
      cluster: {
        versions: versions('3.5.12', '3.5.12', '3.5.12'),
        history: history(heap, series('keys', 1, line(HOURS, 1000, 9000))),
      },
      member: member(),
    },
    {
      name: 'a morning on which clients ask for more and more',
      cluster: cluster('3.5.12', heap, series('ranges', 1, line(HOURS, 20, 300))),
      member: member(),
    },
    {
      name: 'a new process that fills up',
      cluster: {
        versions: versions('3.5.33', '3.5.33', '3.5.33'),
        history: history(
          ...load,
          series('heap-in-use', 1, [...line(60, 40 * MiB, 300 * MiB), ...line(HOURS - 60, 300 * MiB, 300 * MiB)]),
        ),
      },
      member: member(),
    },
  ],
  fail: [
    {
      name: 'goroutines of a version with the leak',
      cluster: cluster('3.5.12', leak, steady(1, 'heap-in-use', 100 * MiB)),
      member: member(),
      message: 'known',
      role: 'risk',
      severity: 'warning',
      confidence: 'medium',
      subjects: ['m1'],
    },
    {
      name: 'a version without known leaks, and memory for some hours more',
      cluster: cluster('3.5.33', heap),
      member: member(1024 * MiB),
      message: 'unknown',
      role: 'cause',
      severity: 'high',
    },
    {
      name: 'the same with memory for weeks',
      cluster: cluster('3.5.33', heap),
      member: member(64 * 1024 * MiB),
      message: 'unknown',
      role: 'risk',
      severity: 'warning',
    },
  ],
  inconclusive: [
    { name: 'no version' },
    { name: 'one window', cluster: { versions: versions('3.5.12', '3.5.12', '3.5.12') }, member: member() },
    {
      name: 'it was started an hour ago',
      cluster: cluster(
        '3.5.12',
        leak,
        series('process-start', 1, line(HOURS, (WINDOW.to - 3_600_000) / 1000, (WINDOW.to - 3_600_000) / 1000)),
      ),
      member: member(),
    },
  ],
});

test('what is missing is named together with the leaks of the version', () => {
  const result = runScenario(rule, {
    name: 'one window',
    cluster: { versions: versions('3.5.12', '3.5.33', '3.5.33') },
    member: { m1: { process: process() } },
  });
  assert.match(result.outcome.reason ?? '', /--prometheus.*watch-goroutine-leak/);
});
