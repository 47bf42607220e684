import rule from '../../../../analyzer/rules/quota/quota-misconfigured.js';
import { memberId, ruleTest } from '../../../support/rule-tester.js';
import { config, filesystem } from '../storage/facts.js';
import { GiB, MiB, onAll, storage } from './facts.js';

ruleTest(rule, {
  pass: [
    { name: 'the default on all', member: onAll(storage()) },
    { name: 'small, but alike', member: onAll(storage({ quota: 16 * MiB })) },
    {
      name: 'a default beside a known value proves nothing',
      member: {
        m1: { storage: storage({ quotaOrigin: 'default' }) },
        m2: { storage: storage({ quota: 4 * GiB }) },
        m3: { storage: storage({ quota: 4 * GiB }) },
      },
    },
  ],
  fail: [
    {
      name: 'one differs',
      member: { ...onAll(storage({ quota: 4 * GiB })), m3: { storage: storage() } },
      message: 'differs',
      severity: 'warning',
      role: 'risk',
    },
    {
      name: 'one differs and is close',
      member: { ...onAll(storage({ quota: 4 * GiB })), m3: { storage: storage({ quota: 16 * MiB, size: 14 * MiB }) } },
      message: 'differs',
      severity: 'high',
    },
    {
      name: 'switched off',
      cluster: {
        config: { ...config, members: { [memberId(2)]: { 'quota-backend-bytes': { value: '-1', origin: 'flag' } } } },
      },
      member: onAll(storage({ quotaOrigin: 'default' })),
      message: 'disabled',
      subjects: ['m2'],
    },
    { name: 'above 8 GiB', member: onAll(storage({ quota: 16 * GiB })), message: 'large', severity: 'info' },
    {
      name: 'outgrown',
      member: onAll(storage({ size: 1.7 * GiB, inUse: 1.6 * GiB })),
      message: 'small',
      severity: 'warning',
    },
    {
      name: 'larger than the disk',
      member: onAll(storage({ quota: 8 * GiB })),
      host: { h1: { filesystems: filesystem({ totalBytes: '4000000000' }) } },
      message: 'disk',
      subjects: ['m1'],
    },
  ],
  inconclusive: [{ name: 'no quota known', member: {} }],
});
