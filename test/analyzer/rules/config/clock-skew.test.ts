import type { ClockOffsets } from '../../../../analyzer/facts/values/cluster.js';
import rule from '../../../../analyzer/rules/config/clock-skew.js';
import { log } from '../../../support/fake-facts.js';
import { memberId, ruleTest } from '../../../support/rule-tester.js';
import { timeSync } from '../../../support/surroundings.js';
import { everyone, said } from '../network/links.js';

const clocks = (offsets: Readonly<Record<number, number>>, logged: ClockOffsets['logged'] = []): ClockOffsets => ({
  endpoints: Object.entries(offsets).map(([n, ms]) => ({
    endpoint: `10.0.0.${n}:2379`,
    member: memberId(Number(n)),
    minMs: ms - 150,
    maxMs: ms + 150,
    vantage: 'v',
  })),
  provenSpreadMs: null,
  logged,
});
const complaint = (n: number, count: number, inWindow: number, seconds: number): ClockOffsets['logged'][number] => ({
  member: memberId(n),
  count,
  inWindow,
  worstSeconds: seconds,
  last: null,
});
const blames = (n: number) => ({ log: log({ 'prober-clock-drift': said(4, { 'remote-peer-id': [memberId(n)] }) }) });

ruleTest(rule, {
  pass: [
    { name: 'within the error of the measurement', cluster: { clockOffsets: clocks({ 1: 0, 2: 120, 3: -200 }) } },
    {
      name: 'a host whose synchronisation nobody could tell',
      cluster: { clockOffsets: clocks({ 1: 0, 2: 0, 3: 0 }) },
      host: { h1: { timeSync: timeSync(null) } },
    },
    { name: 'only the collector’s clock is off', cluster: { clockOffsets: clocks({ 1: 9000, 2: 9100, 3: 8950 }) } },
    {
      name: 'one line after a pause',
      cluster: { clockOffsets: clocks({ 1: 0, 2: 0, 3: 0 }, [complaint(1, 1, 1, 8)]) },
      member: everyone({ log: log() }),
    },
  ],
  fail: [
    {
      name: 'one clock a minute ahead',
      cluster: { clockOffsets: clocks({ 1: 0, 2: 60_000, 3: 0 }) },
      message: 'now',
      severity: 'warning',
      role: 'cause',
      confidence: 'high',
      subjects: ['m2'],
    },
    {
      name: 'and certificates not valid yet',
      cluster: { clockOffsets: clocks({ 1: 0, 2: -90_000, 3: 0 }, [complaint(1, 9, 4, 90)]) },
      member: { m2: { log: log({ 'x509-expired': said(5, { rel: ['before'] }) }) } },
      message: 'now',
      severity: 'high',
      subjects: ['m2'],
    },
    {
      name: 'with two clocks nobody knows which is right',
      cluster: { clockOffsets: clocks({ 1: 0, 2: 60_000 }) },
      message: 'now',
      subjects: ['m1', 'm2'],
    },
    {
      name: 'equal clocks, one of which nothing keeps in step',
      cluster: { clockOffsets: clocks({ 1: 0, 2: 0, 3: 0 }) },
      host: { h1: { timeSync: timeSync(true) }, h2: { timeSync: timeSync(false) } },
      message: 'unsynchronised',
      severity: 'info',
      role: 'notice',
      subjects: ['m2'],
    },
    {
      name: 'two seconds',
      cluster: { clockOffsets: clocks({ 1: 0, 2: 2000, 3: 0 }) },
      message: 'slight',
      severity: 'info',
      role: 'notice',
      subjects: ['m2'],
    },
    {
      name: 'by the logs alone',
      cluster: { clockOffsets: clocks({}, [complaint(1, 9, 4, 30), complaint(2, 9, 4, 30)]) },
      member: { m1: blames(3), m2: blames(3) },
      message: 'now',
      severity: 'warning',
      subjects: ['m3'],
    },
    {
      name: 'repaired before the window',
      cluster: { clockOffsets: clocks({ 1: 0, 2: 0, 3: 0 }, [complaint(1, 40, 0, 30)]) },
      member: { m1: blames(3) },
      message: 'past',
      severity: 'info',
      when: 'past',
    },
  ],
  inconclusive: [
    { name: 'one clock, no log', cluster: { clockOffsets: clocks({ 1: 0 }) } },
    { name: 'nothing at all' },
  ],
  notApplicable: [{ name: 'a single member', members: [{ name: 'm1' }], cluster: { clockOffsets: clocks({ 1: 0 }) } }],
});
