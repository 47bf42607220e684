import rule from '../../../../analyzer/rules/storage/storage-network-or-unsuitable-fs.js';
import { latency, log } from '../../../support/fake-facts.js';
import { ruleTest } from '../../../support/rule-tester.js';
import { filesystem } from './facts.js';

ruleTest(rule, {
  pass: [
    { name: 'ext4', host: { h1: { filesystems: filesystem() } } },
    {
      name: 'xfs with slow syncs',
      member: { m1: { walFsync: latency({ 128: 500 }) } },
      host: { h1: { filesystems: filesystem({ fsType: 'xfs' }) } },
    },
  ],
  fail: [
    {
      name: 'NFS with slow syncs',
      member: { m1: { walFsync: latency({ 128: 500 }), log: log() } },
      host: { h1: { filesystems: filesystem({ fsType: 'nfs4' }) } },
      message: 'slow',
      severity: 'high',
      role: 'cause',
      subjects: ['m1'],
    },
    {
      name: 'NFS, quick so far',
      member: { m1: { walFsync: latency({ 2: 500 }) } },
      host: { h1: { filesystems: filesystem({ fsType: 'nfs4' }) } },
      message: 'remote',
      role: 'risk',
    },
    {
      name: 'memory',
      host: { h1: { filesystems: filesystem({ fsType: 'tmpfs' }) } },
      message: 'volatile',
      role: 'risk',
    },
    {
      name: 'copy on write',
      host: { h1: { filesystems: filesystem({ fsType: 'btrfs' }) } },
      message: 'care',
      severity: 'info',
    },
    {
      name: 'no barriers',
      host: { h1: { filesystems: filesystem({ options: ['rw', 'nobarrier'] }) } },
      message: 'options',
      role: 'risk',
    },
  ],
  inconclusive: [{ name: 'no host facts', member: { m1: { walFsync: latency({ 128: 500 }) } } }],
});
