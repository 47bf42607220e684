import rule from '../../../../analyzer/rules/storage/disk-full-enospc.js';
import { log } from '../../../support/fake-facts.js';
import { crashes } from '../../../support/fake-copies.js';
import { ruleTest } from '../../../support/rule-tester.js';
import { filesystem, reachable } from './facts.js';

ruleTest(rule, {
  pass: [
    {
      name: 'it answers: its last words are those of an earlier process',
      member: {
        m1: {
          log: log(),
          reachability: reachable(true),
          crashes: crashes({ line: 'write: no space left on device', says: ['enospc'] }),
        },
      },
    },
    {
      name: 'room enough',
      member: { m1: { log: log(), reachability: reachable(true) } },
      host: { h1: { filesystems: filesystem() } },
    },
    {
      name: 'a large volume at 90 %',
      member: { m1: { log: log() } },
      host: { h1: { filesystems: filesystem({ usedShare: 0.9, availableBytes: '400000000000' }) } },
    },
    {
      name: 'a file system without a number of inodes',
      host: { h1: { filesystems: filesystem({ inodesTotal: '0', inodesFree: '0' }) } },
    },
    {
      name: 'dead for another reason',
      member: { m1: { log: log({ 'wal-unreadable': { before: 1 } }), reachability: reachable(false) } },
    },
  ],
  fail: [
    {
      name: 'no log: its last words name it, and it is gone',
      members: [{ name: 'm1' }],
      member: {
        m1: {
          reachability: reachable(false),
          crashes: crashes({ line: 'write: no space left on device', says: ['enospc'] }),
        },
      },
      message: 'died',
    },
    {
      name: 'no block left',
      member: { m1: { log: log({ enospc: { before: 1 } }), reachability: reachable(false) } },
      host: { h1: { filesystems: filesystem({ availableBytes: '0', usedShare: 1 }) } },
      message: 'full',
      severity: 'critical',
      role: 'cause',
      subjects: ['m1'],
    },
    {
      name: 'no room for the next segment',
      host: { h1: { filesystems: filesystem({ availableBytes: '40000000', usedShare: 0.99 }) } },
      message: 'full',
      severity: 'high',
    },
    {
      name: 'no inode left',
      host: { h1: { filesystems: filesystem({ inodesFree: '0' }) } },
      message: 'full',
      severity: 'critical',
    },
    {
      name: 'died of it, read from the log alone',
      member: { m1: { log: log({ enospc: { before: 2 } }), reachability: reachable(false) } },
      message: 'died',
      severity: 'critical',
      when: 'now',
    },
    {
      name: 'over',
      member: { m1: { log: log({ enospc: { before: 2 } }), reachability: reachable(true) } },
      message: 'noted',
      when: 'past',
      severity: 'warning',
    },
    {
      name: 'filling up',
      host: { h1: { filesystems: filesystem({ availableBytes: '900000000', usedShare: 0.95 }) } },
      message: 'filling',
      role: 'risk',
    },
    {
      name: 'a small volume with room for less than a segment',
      host: {
        h1: { filesystems: filesystem({ totalBytes: '178000000', availableBytes: '50000000', usedShare: 0.72 }) },
      },
      message: 'filling',
      role: 'risk',
    },
  ],
  inconclusive: [{ name: 'neither host nor log', member: { m1: { reachability: reachable(false) } } }],
});
