import type { DiskActivity, Filesystems, KernelEvents } from '../../facts/values/host.js';
import { type Claim, defineRule, inconclusive, necessary, supporting } from '../../rule.js';
import { lastWordsOf } from '../evidence/files.js';
import { storageStack } from '../evidence/storage-stack.js';

const GROUPS = ['eio', 'erofs', 'sigbus'] as const;
const KINDS = ['io-error', 'readonly-remount', 'filesystem-error'] as const;

/** Kernel events that name the device (or what lies below it) under the member's data. */
const eventsOn = (
  events: KernelEvents,
  activity: DiskActivity | undefined,
  filesystems: Filesystems | undefined,
  member: string,
): KernelEvents['events'] => {
  const names = new Set([
    ...(activity?.etcdDevices ?? [])
      .filter((device) => device.holds.some((held) => held.member === member))
      .flatMap((device) => [device.name, ...device.below]),
    ...(filesystems?.filesystems ?? [])
      .filter((fs) => fs.member === member)
      .map((fs) => fs.source.replace(/^\/dev\//, '')),
  ]);
  return events.events.filter(
    (event) =>
      KINDS.some((kind) => kind === event.kind) &&
      [...names].some((name) => name !== '' && new RegExp(`\\b${name.replace(/[^\w]/g, '\\$&')}\\b`).test(event.text)),
  );
};

export default defineRule({
  id: 'filesystem-readonly-or-eio',
  title: 'I/O errors or a read-only file system under the data',
  category: 'storage',
  role: 'cause',
  scope: 'member',
  why: 'A device that loses writes ends the member and may damage its files; restarting it on the same device invites corruption.',
  needs: [],
  wants: ['filesystems', 'log', 'reachability', 'kernelEvents', 'diskActivity', 'process', 'crashes', 'blockDevices'],
  explains: [
    'crash-loop',
    'bbolt-corruption',
    'wal-corrupt-crc',
    'wal-torn-tail',
    'dead-member-in-list',
    'quorum-lost',
    'liveness-probe-kill-loop',
  ],
  messages: {
    readonly: 'The {what} file system of {subject} ({mount}) is mounted read-only.',
    failed: '{subject} reported an I/O error or a read-only file system and does not answer.',
    errors: 'I/O errors are on record under {subject}, which still answers.',
    past: '{subject} reported an I/O error before its last start and answers now.',
  },
  basis: 'direct',
  urgent: true,
  remedy: [
    {
      text: 'Read the kernel’s account of the device',
      tag: 'read-only',
      command: 'sudo dmesg -T | grep -iE "i/o error|remount|medium|nvme|ata"',
    },
    {
      text: 'Check that the other members are healthy before touching this one',
      tag: 'read-only',
      command: 'etcdctl endpoint health --cluster',
    },
    {
      text: 'When it leads, move leadership away',
      tag: 'brief-interruption',
      command: 'etcdctl --endpoints=<leader> move-leader <id of a healthy member>',
    },
    {
      text: 'Stop the member and keep a copy of what can still be read',
      tag: 'restarts',
      command: 'systemctl stop etcd',
    },
    {
      text: 'Replace the device; remove the member and add it again with an empty data dir',
      tag: 'destructive',
      command: 'etcdctl member remove <id>; etcdctl member add <name> --peer-urls=<url>',
    },
  ],
  doNot: [
    'run fsck -y and start the member again unseen',
    'remount read-write and go on',
    'copy its data dir to another member',
  ],
  owner: 'infrastructure',
  alternatives: [
    { rule: 'disk-full-enospc', why: 'The error would be about space.' },
    { rule: 'bbolt-corruption', why: 'The structure of the file would be broken on a device without errors.' },
  ],
  wouldDisprove: [
    'a file system mounted rw, a kernel log without errors of this device, and errors in etcd’s log that stem from another path',
  ],
  nextEvidence: [
    { what: 'the kernel log and SMART data of the device', command: 'sudo dmesg -T; sudo smartctl -a /dev/<device>' },
  ],
  thresholds: [],
  evaluate: (ctx) => {
    const id = ctx.subject.id;
    const { log, reachability, kernelEvents } = ctx.want;
    const mine = ctx.want.filesystems?.filesystems.filter((fs) => fs.member === id) ?? [];
    const words = lastWordsOf(ctx.want.crashes, GROUPS);
    if (mine.length === 0 && log === undefined && kernelEvents === undefined && words === undefined)
      return inconclusive('neither file systems nor the log of the member nor the kernel log were read');
    const counts = GROUPS.map((group) => log?.count(group) ?? null).filter((count) => count !== null);
    const lines = log === undefined ? undefined : counts.reduce((sum, count) => sum + count.total, 0);
    const last = counts.reduce((latest, count) => Math.max(latest, count.last ?? 0), 0);
    const events =
      kernelEvents === undefined ? undefined : eventsOn(kernelEvents, ctx.want.diskActivity, ctx.want.filesystems, id);
    const answers = reachability?.answered ?? undefined;
    const started = ctx.want.process?.startedAt ?? null;
    const logged = { observed: `${lines ?? 0} lines`, limit: '0', from: ['log'] } as const;
    const kernel = supporting(
      events === undefined ? undefined : events.length > 0,
      'The kernel logged errors of the device or file system',
      {
        observed: events?.[0]?.text ?? 'none',
        from: ['kernelEvents'],
      },
    );
    const offline = storageStack(ctx.want.blockDevices, id)?.offline ?? [];
    const device =
      offline.length === 0
        ? []
        : [
            supporting(true, 'The driver says that a device under the data does not answer', {
              observed: offline.join(', '),
              from: ['blockDevices'],
            }),
          ];
    const claims: Claim[] = mine
      .filter((fs) => fs.readOnly)
      .map((fs) => ({
        message: 'readonly',
        data: { what: fs.role, mount: fs.mountPoint },
        severity: 'critical',
        evidence: [
          necessary(true, `Mount options of the ${fs.role} file system`, {
            observed: fs.options.slice(0, 6).join(','),
            limit: 'rw',
            from: ['filesystems'],
          }),
          ...(lines === undefined ? [] : [supporting(lines > 0, 'The member’s log names I/O errors', logged)]),
          kernel,
          ...device,
        ],
      }));
    if (claims.length > 0) return claims;
    if ((lines ?? 0) > 0) {
      const over = answers === true && (started === null ? last < ctx.window.from : started > last);
      return [
        {
          message: answers === true ? (over ? 'past' : 'errors') : 'failed',
          severity: answers === true ? (over ? 'warning' : 'high') : 'critical',
          when: over ? 'past' : 'now',
          evidence: [necessary(true, 'The member’s log names I/O errors', logged), kernel, ...device],
        },
      ];
    }
    // The last words of a member that answers are those of an earlier process.
    if (words !== undefined && answers !== true)
      return [
        {
          message: 'failed',
          severity: 'critical',
          evidence: [
            necessary(true, 'Its last words name I/O errors', { observed: words.line, from: ['crashes'] }),
            necessary(answers === undefined ? undefined : true, 'The member does not answer', {
              from: ['reachability'],
            }),
            kernel,
          ],
        },
      ];
    const fresh = events?.filter((event) => event.at !== null && event.at > ctx.window.from - 3_600_000) ?? [];
    return [
      {
        message: 'errors',
        severity: 'high',
        evidence: [
          necessary(
            events === undefined ? (lines === undefined ? undefined : false) : fresh.length > 0,
            'The kernel logged errors of the device in the last hour',
            {
              observed: fresh[0]?.text ?? 'none',
              from: ['kernelEvents'],
            },
          ),
          ...device,
        ],
      },
    ];
  },
});
