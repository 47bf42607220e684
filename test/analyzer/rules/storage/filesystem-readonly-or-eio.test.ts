import type { KernelEvents } from '../../../../analyzer/facts/values/host.js';
import rule from '../../../../analyzer/rules/storage/filesystem-readonly-or-eio.js';
import { log } from '../../../support/fake-facts.js';
import { crashes } from '../../../support/fake-copies.js';
import { ruleTest } from '../../../support/rule-tester.js';
import { disk, filesystem, minutesAgo, reachable } from './facts.js';

const kernel = (text: string, at: number | null = minutesAgo(5)): KernelEvents => ({
  events: [{ kind: 'io-error', at, line: 1, text, etcd: false, device: null }],
  counts: { 'io-error': 1 },
  truncated: false,
});

ruleTest(rule, {
  pass: [
    {
      name: 'sound',
      member: { m1: { log: log(), reachability: reachable(true) } },
      host: { h1: { filesystems: filesystem(), diskActivity: disk() } },
    },
    {
      name: 'another device has errors',
      member: { m1: { log: log() } },
      host: {
        h1: { filesystems: filesystem(), diskActivity: disk(), kernelEvents: kernel('I/O error, dev fd0, sector 0') },
      },
    },
    {
      name: 'full is not broken',
      member: { m1: { log: log({ enospc: { before: 1 } }), reachability: reachable(false) } },
    },
    {
      name: 'an error of days ago',
      member: { m1: { log: log() } },
      host: { h1: { diskActivity: disk(), kernelEvents: kernel('I/O error, dev sda, sector 8', minutesAgo(9000)) } },
    },
  ],
  fail: [
    {
      name: 'no log: its last words name it, and it is gone',
      members: [{ name: 'm1' }],
      member: {
        m1: {
          reachability: reachable(false),
          crashes: crashes({ line: 'sync: input/output error', says: ['eio'] }),
        },
      },
      message: 'failed',
      severity: 'critical',
    },
    {
      name: 'mounted read-only',
      host: { h1: { filesystems: filesystem({ readOnly: true, options: ['ro'] }) } },
      message: 'readonly',
      severity: 'critical',
      subjects: ['m1'],
    },
    {
      name: 'died of an I/O error',
      member: { m1: { log: log({ eio: { before: 1 } }), reachability: reachable(false) } },
      message: 'failed',
      severity: 'critical',
      when: 'now',
    },
    {
      name: 'the kernel names its device',
      member: { m1: { log: log() } },
      host: { h1: { diskActivity: disk(), kernelEvents: kernel('I/O error, dev sda, sector 8') } },
      message: 'errors',
      severity: 'high',
    },
    {
      name: 'before its last start',
      member: { m1: { log: log({ erofs: { before: 1 } }), reachability: reachable(true) } },
      message: 'past',
      when: 'past',
    },
  ],
  inconclusive: [{ name: 'nothing read', member: { m1: { reachability: reachable(false) } } }],
});
