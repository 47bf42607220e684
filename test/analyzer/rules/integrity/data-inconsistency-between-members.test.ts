import rule from '../../../../analyzer/rules/integrity/data-inconsistency-between-members.js';
import { log } from '../../../support/fake-facts.js';
import { ruleTest } from '../../../support/rule-tester.js';
import { alarms, hashes, hashGroup, reachability, status, versions } from './fakes.js';

const equal = hashes(hashGroup('100', '-1', '7', '7', '7'));
const found = { 'compact-hash-failed': { before: 2 } };

ruleTest(rule, {
  pass: [
    { name: 'equal hashes', cluster: { hashes: equal, alarms: alarms() } },
    {
      name: 'equal hashes without a majority compared',
      cluster: { hashes: hashes(hashGroup('100', '-1', '7', '7', null)), alarms: alarms() },
    },
    {
      name: 'look-alike: versions that hash a compacted store differently',
      cluster: {
        hashes: hashes(hashGroup('100', '90', '7', '8', '8')),
        versions: versions('3.5.15', '3.5.16', '3.5.30'),
        alarms: alarms(),
      },
    },
    {
      name: 'look-alike: different compact revisions, and revisions at rest agree',
      cluster: {
        hashes: hashes(hashGroup('100', '90', '7', null, null), hashGroup('100', '80', null, '9', null)),
        alarms: alarms(),
      },
      member: { m1: { status: status(['50', '9'], ['50', '9']) }, m2: { status: status(['50', '9'], ['50', '9']) } },
    },
    {
      name: 'look-alike: a lagging follower',
      cluster: { hashes: equal, alarms: alarms() },
      member: { m1: { status: status(['50', '9'], ['60', '19']) }, m2: { status: status(['40', '5'], ['50', '10']) } },
    },
    {
      name: 'a busy cluster: applied index and revision are read one after the other',
      cluster: { hashes: equal, alarms: alarms() },
      member: {
        m1: { status: status(['50', '12'], ['60', '20']) },
        m2: { status: status(['50', '10'], ['60', '21']) },
      },
    },
    { name: 'a NOSPACE alarm', cluster: { hashes: equal, alarms: alarms('NOSPACE') } },
  ],
  fail: [
    {
      name: 'one member differs from two',
      cluster: {
        hashes: hashes(hashGroup('100', '-1', '7', '8', '7')),
        alarms: alarms(),
        versions: versions('3.5.16', '3.5.16', '3.5.16'),
      },
      message: 'odd',
      severity: 'critical',
      role: 'cause',
      confidence: 'high',
      subjects: ['m2'],
    },
    {
      name: 'versions are mixed, but nothing was compacted',
      cluster: {
        hashes: hashes(hashGroup('100', '-1', '8', '7', '7')),
        versions: versions('3.5.15', '3.5.16', '3.5.16'),
      },
      message: 'odd',
      subjects: ['m1'],
    },
    {
      name: 'versions are mixed, and members of one kind differ',
      cluster: {
        hashes: hashes(hashGroup('100', '90', '8', '7', '6')),
        versions: versions('3.5.15', '3.5.16', '3.5.16'),
      },
      message: 'undecided',
      subjects: ['m1', 'm2', 'm3'],
    },
    {
      name: 'two of three compared',
      cluster: { hashes: hashes(hashGroup('100', '-1', '7', '8', null)) },
      message: 'undecided',
      subjects: ['m1', 'm2'],
    },
    {
      name: 'alarm alone, hashes not read: no member is named by 3.5',
      cluster: { alarms: alarms('CORRUPT') },
      message: 'alarm',
      severity: 'critical',
      subjects: ['cluster'],
    },
    { name: 'alarm after a repair', cluster: { alarms: alarms('CORRUPT'), hashes: equal }, message: 'stale' },
    {
      name: 'no hashes, but equal applied index and different revision at rest',
      cluster: { alarms: alarms() },
      member: {
        m1: { status: status(['50', '9'], ['50', '9']) },
        m2: { status: status(['50', '9'], ['50', '9']) },
        m3: { status: status(['50', '8'], ['50', '8']) },
      },
      message: 'revision',
      subjects: ['m3'],
    },
    {
      name: 'a member refuses to start',
      cluster: { hashes: hashes(hashGroup('100', '-1', '7', '7', null)), alarms: alarms() },
      member: { m3: { log: log({ 'found-inconsistency': { before: 1 } }), reachability: reachability(false) } },
      message: 'refused',
      subjects: ['m3'],
    },
    {
      name: 'only the log tells',
      cluster: { alarms: alarms() },
      member: { m1: { log: log({ 'compact-hash-failed': { inWindow: 2 } }) } },
      message: 'logged',
      when: 'now',
      severity: 'high',
    },
    {
      name: 'it was repaired',
      cluster: { alarms: alarms(), hashes: equal },
      member: { m1: { log: log(found) } },
      message: 'past',
      when: 'past',
      severity: 'warning',
    },
  ],
  inconclusive: [
    {
      name: 'hashes could not be compared',
      cluster: { hashes: hashes(hashGroup('100', '90', '7', null, null)), alarms: alarms() },
    },
    { name: 'no alarm proves nothing', cluster: { alarms: alarms() } },
  ],
  notApplicable: [{ name: 'one member', members: [{ name: 'm1' }], cluster: { alarms: alarms() } }],
});
