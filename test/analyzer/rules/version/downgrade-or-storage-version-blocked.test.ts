import rule from '../../../../analyzer/rules/version/downgrade-or-storage-version-blocked.js';
import { log } from '../../../support/fake-facts.js';
import { ruleTest } from '../../../support/rule-tester.js';
import { reachability, stats, versions } from '../integrity/fakes.js';

const refused = {
  'downgrade-invalid': {
    before: 3,
    stats: [
      stats('downgrade-invalid', ['invalid downgrade'], {
        'current-server-version': '3.5.30',
        'determined-cluster-version': '3.6.0',
      }),
    ],
  },
};

ruleTest(rule, {
  pass: [
    {
      name: 'nothing logged',
      cluster: { versions: versions('3.6.14', '3.6.14') },
      member: { m1: { log: log(), reachability: reachability(true) } },
    },
    {
      name: 'look-alike: mixed versions that run',
      cluster: { versions: versions('3.5.30', '3.6.14') },
      member: { m1: { log: log(), reachability: reachability(true) } },
    },
    {
      name: 'messages of every fresh 3.6',
      member: {
        m1: {
          log: log({ 'schema-detect-failed': { before: 4 }, 'storage-version-differs': { before: 1 } }),
          reachability: reachability(true),
        },
      },
    },
  ],
  fail: [
    {
      name: 'the start is refused',
      cluster: { versions: versions('3.5.30', '3.6.14', '3.6.14') },
      member: { m1: { log: log(refused), reachability: reachability(false) } },
      message: 'down',
      severity: 'high',
      subjects: ['m1'],
      confidence: 'high',
    },
    {
      name: 'the old binary is back',
      member: { m1: { log: log(refused), reachability: reachability(true) } },
      message: 'past',
      when: 'past',
    },
  ],
  inconclusive: [
    { name: 'down without a log', members: [{ name: 'm1' }], member: { m1: { reachability: reachability(false) } } },
  ],
});
