import rule from '../../../../analyzer/rules/storage/wal-snap-file-growth.js';
import { log } from '../../../support/fake-facts.js';
import { memberId, ruleTest } from '../../../support/rule-tester.js';
import { config, dataFiles, filesystem } from './facts.js';

const snapshotCount = (value: string) => ({
  ...config,
  members: { [memberId(1)]: { 'snapshot-count': { value, origin: 'flag' as const } } },
});

ruleTest(rule, {
  pass: [
    { name: 'five segments', member: { m1: { dataFiles: dataFiles() } } },
    { name: 'one received database', member: { m1: { dataFiles: dataFiles({ walFiles: 6, snapDbFiles: 1 }) } } },
  ],
  fail: [
    {
      name: 'segments pile up on a small volume',
      member: {
        m1: {
          dataFiles: dataFiles({ walFiles: 60, walBytes: '3840000000' }),
          log: log({ 'purge-failed-remove': { before: 9 } }),
        },
      },
      host: { h1: { filesystems: filesystem({ totalBytes: '10000000000' }) } },
      message: 'wal',
      severity: 'warning',
      role: 'risk',
      subjects: ['m1'],
    },
    {
      name: 'a large snapshot count explains them',
      cluster: { config: snapshotCount('100000') },
      member: { m1: { dataFiles: dataFiles({ walFiles: 12, walBytes: '768000000' }) } },
      message: 'wal',
      severity: 'info',
    },
    {
      name: 'received databases pile up',
      member: { m1: { dataFiles: dataFiles({ snapDbFiles: 7, snapDbBytes: '700000000' }) } },
      message: 'snap',
      severity: 'info',
    },
  ],
  inconclusive: [{ name: 'no listing', member: { m1: { log: log() } } }],
});
