import rule from '../../../../analyzer/rules/integrity/hash-mismatch-benign.js';
import { ruleTest } from '../../../support/rule-tester.js';
import { hashes, hashGroup, versions } from './fakes.js';

ruleTest(rule, {
  pass: [
    { name: 'equal hashes', cluster: { hashes: hashes(hashGroup('100', '90', '7', '7', '7')) } },
    {
      name: 'look-alike: one version, different data',
      cluster: {
        hashes: hashes(hashGroup('100', '90', '7', '8', '7')),
        versions: versions('3.5.16', '3.5.16', '3.5.16'),
      },
    },
    {
      name: 'look-alike: mixed versions, nothing compacted',
      cluster: {
        hashes: hashes(hashGroup('100', '-1', '7', '8', '8')),
        versions: versions('3.5.15', '3.5.16', '3.5.16'),
      },
    },
    {
      name: 'hashed at different revisions',
      cluster: { hashes: hashes(hashGroup('100', '90', '7', null, null), hashGroup('101', '90', null, '8', null)) },
    },
  ],
  fail: [
    {
      name: 'differs between the kinds of servers only',
      cluster: {
        hashes: hashes(hashGroup('100', '90', '7', '8', '8')),
        versions: versions('3.5.15', '3.5.16', '3.5.30'),
      },
      message: 'version',
      severity: 'info',
      role: 'notice',
    },
    {
      name: 'different compact revisions at one revision',
      cluster: { hashes: hashes(hashGroup('100', '90', '7', '7', null), hashGroup('100', '80', null, null, '9')) },
      message: 'compact',
      severity: 'info',
      subjects: ['m1', 'm2', 'm3'],
    },
  ],
  inconclusive: [
    { name: 'one hash', cluster: { hashes: hashes(hashGroup('100', '90', '7', null, null)) } },
    { name: 'no hash', cluster: {} },
  ],
});
