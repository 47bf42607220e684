import rule from '../../../../analyzer/rules/network/proxy-or-lb-interference.js';
import { log, WINDOW } from '../../../support/fake-facts.js';
import { memberId, ruleTest } from '../../../support/rule-tester.js';
import { said } from './links.js';

/** Lines `ago` seconds before the end of the window. */
const at = (ago: readonly number[], texts: Readonly<Record<string, readonly string[]>> = {}) => {
  const made = said(0, texts, ago.length);
  return { ...made, stats: made.stats.map((stats) => ({ ...stats, recent: ago.map((s) => WINDOW.to - s * 1000) })) };
};
const regular = [1210, 910, 610, 310, 10];

ruleTest(rule, {
  pass: [
    { name: 'nothing lost', member: { m1: { log: log() } } },
    { name: 'irregular losses', member: { m1: { log: log({ 'stream-lost': at([1200, 1100, 400, 350, 20]) }) } } },
    {
      name: 'a rolling restart: two losses, seconds apart',
      member: { m1: { log: log({ 'stream-lost': at([90, 88, 70, 69]) }) } },
    },
    {
      name: 'handshakes refused for their certificates',
      member: {
        m1: { log: log({ 'tls-rejected-client': at(regular, { error: ['remote error: tls: bad certificate'] }) }) },
      },
    },
  ],
  fail: [
    {
      name: 'peer streams every 300 s',
      member: { m1: { log: log({ 'stream-lost': at(regular), 'conn-reset': at([10]) }) } },
      message: 'peers',
      severity: 'warning',
      role: 'cause',
      when: 'now',
      subjects: ['m1'],
    },
    {
      name: 'all streams of one member: it is told of that one',
      member: {
        m1: { log: log({ 'stream-lost': at(regular, { 'remote-peer-id': [memberId(2)] }) }) },
        m2: { log: log({ 'stream-lost': at(regular, { 'remote-peer-id': [memberId(1), memberId(3)] }) }) },
        m3: { log: log({ 'stream-lost': at(regular, { 'remote-peer-id': [memberId(2)] }) }) },
      },
      message: 'peers',
      subjects: ['m2'],
    },
    {
      name: 'all streams of one member whose log is missing: the others tell it',
      member: {
        m1: { log: log({ 'stream-lost': at(regular, { 'remote-peer-id': [memberId(2)] }) }) },
        m3: { log: log({ 'stream-lost': at(regular, { 'remote-peer-id': [memberId(2)] }) }) },
      },
      message: 'peers',
      subjects: ['m1', 'm3'],
    },
    {
      name: 'it stopped',
      member: { m1: { log: log({ 'stream-lost': at(regular.map((s) => s + 3000)) }) } },
      message: 'peers',
      severity: 'info',
      role: 'notice',
      when: 'past',
    },
    {
      name: 'watches every 300 s',
      member: { m1: { log: log({ 'watch-recv-failed': at(regular) }) } },
      message: 'clients',
      severity: 'warning',
      role: 'risk',
    },
    {
      name: 'health checks on a TLS port',
      member: { m1: { log: log({ 'tls-rejected-client': at([130, 100, 70, 40, 10], { error: ['EOF'] }) }) } },
      message: 'noise',
      severity: 'info',
      role: 'notice',
    },
  ],
  inconclusive: [{ name: 'no log' }],
});
