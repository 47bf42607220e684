import type { KernelEvents } from '../../facts/values/host.js';
import type { MemberLog } from '../../facts/values/member.js';
import { type Claim, defineRule, inconclusive, necessary, supporting } from '../../rule.js';
import { lastWordsOf } from '../evidence/files.js';
import { linesOf, timesOf } from '../evidence/log-lines.js';
import { startsOf } from '../evidence/starts.js';
import { spareOf } from '../evidence/voters.js';

type KernelEvent = KernelEvents['events'][number];

export default defineRule({
  id: 'oom-killed',
  title: 'etcd killed for lack of memory',
  category: 'resources',
  role: 'cause',
  scope: 'member',
  why: 'The kernel ends the process without a word in its log; with the same load and limit it will do so again, and on several members at once.',
  needs: [],
  wants: [
    'kernelEvents',
    'log',
    'reachability',
    'process',
    'processSched',
    'cgroup',
    'memory',
    'quorum',
    'storage',
    'crashes',
  ],
  explains: [
    'crash-loop',
    'memory-pressure-swap',
    'dead-member-in-list',
    'quorum-lost',
    'leader-flapping',
    'slow-follower-lag',
    'member-partitioned',
  ],
  messages: {
    dead: 'The kernel killed {subject} for lack of memory, and it has not come back.',
    restarted: '{subject} was killed for lack of memory in the sampling window and started again.',
    past: '{subject} was killed for lack of memory at {at} and runs again.',
  },
  basis: 'direct',
  remedy: [
    {
      text: 'See what limit was hit: that of the container or the memory of the host',
      tag: 'read-only',
      command: 'dmesg -T | grep -iE "oom|killed process"; cat /sys/fs/cgroup/<cgroup of etcd>/memory.max',
    },
    {
      text: 'Find the trigger: unpaged lists, watchers that do not read, a leak of the running version',
      tag: 'read-only',
    },
    { text: 'Raise the limit to the size of the database plus the peak of the heap, or remove it', tag: 'restarts' },
    { text: 'Start the member again with its own data', tag: 'restarts', command: 'systemctl start <unit of etcd>' },
    {
      text: 'On 3.5.0 to 3.5.2 compare the data of all members afterwards: a kill in the middle of an apply could make them differ',
      tag: 'read-only',
      command: 'etcdctl endpoint hashkv --cluster',
    },
  ],
  doNot: ['delete the data directory: a kill leaves it sound', 'remove the member while it only needs to be started'],
  owner: 'platform',
  alternatives: [
    { rule: 'liveness-probe-kill-loop', why: 'The log would show an orderly stop by a signal.' },
    { rule: 'crash-loop', why: 'The log would end in a panic or a fatal line.' },
    { rule: 'memory-pressure-swap', why: 'The process would still live.' },
  ],
  wouldDisprove: ['the log of the member ends with an orderly stop, a panic or a fatal line'],
  nextEvidence: [
    {
      what: 'the kernel log of the node at the time of the kill',
      command: 'journalctl -k --since "<time>" | grep -i oom',
    },
    {
      what: 'memory of the process before it ended, from monitoring',
      command: 'process_resident_memory_bytes, go_memstats_heap_inuse_bytes',
    },
  ],
  thresholds: ['oom-match-seconds'],
  evaluate: (ctx) => {
    const { want, host, limit, window } = ctx;
    const { log } = want;
    const own = linesOf(log, ['oom-kernel', 'go-oom']);
    const slack = limit('oom-match-seconds') * 1000;
    const dead = want.reachability?.answered === false && (want.processSched === undefined || want.processSched.zombie);
    // The host of a process that is gone is unknown: any observed host may have been its own.
    const [hostId, kernelEvents] = kernelOf(ctx.each('kernelEvents'), host?.id, dead);
    // What a runtime or systemd kept of the end, and the words of the Go runtime, which no slice of the log may hold.
    const words = lastWordsOf(want.crashes, ['go-oom', 'oom-kernel', 'systemd-oom-kill']);
    const kept = want.crashes?.outOfMemory === true || words !== undefined;
    if (kernelEvents === undefined && log === undefined && want.cgroup === undefined && !kept)
      return inconclusive('neither the kernel log, nor the log of the member, nor its cgroup was seen');
    const groups = groupsOf(kernelEvents?.events ?? []);
    const paths = want.cgroup?.levels.map(({ path }) => path) ?? [];
    const kills =
      kernelEvents?.events.filter(
        (event) =>
          event.kind === 'oom' &&
          event.etcd &&
          event.at !== null &&
          // Who asked for the memory is not always who is killed for it.
          !event.text.includes('invoked oom-killer') &&
          mayBeOwn(groups.get(pidOf(event)), paths),
      ) ?? [];
    const alone =
      hostId !== undefined && ctx.members.every((other) => other.id === ctx.subject.id || other.host !== hostId);
    const noticed = [...ctx.each('log')]
      .filter(([id]) => id !== ctx.subject.id)
      .flatMap(([, other]) => timesOf(other, ['stream-lost', 'peer-inactive']));
    const kill = killOf(kills, log, { dead, alone, slack, noticed, startedAt: want.process?.startedAt ?? null });
    const leaf = want.cgroup?.levels[0];
    const kernelLine = kernelEvents === undefined ? undefined : kill !== undefined;
    const inCgroup = leaf?.oomKillsInWindow ?? undefined;
    const said = own === undefined ? undefined : own.total > 0;
    const proof = kernelLine === true || said === true || (inCgroup ?? 0) > 0 || kept;
    if (!proof) {
      if (dead && kernelEvents === undefined) return inconclusive('the member is gone and the kernel log was not read');
      // Nothing in the log of a host where others live says nothing about a member that may have lived elsewhere.
      if (dead && host === undefined && !alone)
        return inconclusive('the member is gone, and the kernel log of its own host was not read');
      return [];
    }
    const at = kill?.at ?? own?.last ?? want.crashes?.outOfMemoryAt ?? words?.at ?? null;
    const recent = (at !== null && at >= window.from) || (inCgroup ?? 0) > 0;
    const lost = want.quorum !== undefined && (want.quorum.hasQuorum === false || spareOf(want.quorum) <= 0);
    const claim: Claim = {
      message: dead ? 'dead' : recent ? 'restarted' : 'past',
      data: dead || recent ? {} : { at: at === null ? 'an unknown time' : new Date(at).toISOString() },
      severity: dead && lost ? 'critical' : dead || recent ? 'high' : 'warning',
      when: dead || recent ? 'now' : 'past',
      urgent: dead && lost,
      evidence: [
        necessary(true, 'The kernel, the Go runtime or the container runtime names the lack of memory', {
          observed:
            kill?.text.slice(0, 200) ??
            (said === true
              ? `${own?.total ?? 0} lines in its log`
              : kept
                ? (words?.line ?? want.crashes?.exits.join('; ') ?? '')
                : `${inCgroup ?? 0} kills in its cgroup`),
          from: kill === undefined ? (said === true ? ['log'] : kept ? ['crashes'] : ['cgroup']) : ['kernelEvents'],
          ...(kill === undefined || hostId === undefined ? {} : { about: hostId }),
          sources: kill === undefined ? (own?.sources ?? []) : [],
        }),
        ...(log === undefined
          ? []
          : [
              // Who is killed says nothing any more: a last word is another end than this.
              (dead && said !== true && !kept ? necessary : supporting)(
                endedAbruptly(log, dead),
                'Its log ends without a stop, a panic or a fatal line',
                { from: ['log'] },
              ),
            ]),
        ...(kept && kill !== undefined
          ? [supporting(true, 'Its container or unit ended for lack of memory', { from: ['crashes'] as const })]
          : []),
        ...(leaf?.oomKills === undefined || leaf.oomKills === null
          ? []
          : [
              supporting(leaf.oomKills > 0 ? true : undefined, 'Its cgroup counts kills', {
                observed: `${leaf.oomKills}`,
                limit: '0',
                from: ['cgroup'],
              }),
            ]),
        ...(dead
          ? [supporting(true, 'The member does not answer, and no process of it was found', { from: ['reachability'] })]
          : []),
      ],
    };
    return [claim];
  },
});

const pidOf = ({ text }: KernelEvent): string =>
  /Killed process (\d+)|\bpid=(\d+)/.exec(text)?.slice(1).find(Boolean) ?? '';

/** Control group of each killed process, by pid, from the kernel's line about the choice of a victim. */
const groupsOf = (events: readonly KernelEvent[]): ReadonlyMap<string, string> =>
  new Map(
    events.flatMap((event): readonly (readonly [string, string])[] => {
      const group = /task_memcg=([^,\s]+)/.exec(event.text)?.[1];
      return group === undefined ? [] : [[pidOf(event), group]];
    }),
  );

/** A container gets a new control group with each start, beside the old one; one elsewhere is another etcd's. */
const mayBeOwn = (group: string | undefined, own: readonly string[]): boolean => {
  const [leaf, parent] = own;
  // Seen from within a cgroup namespace, paths are not those of the kernel log.
  if (group === undefined || leaf === undefined || leaf === '/' || leaf.includes('..')) return true;
  const pod = parent !== undefined && parent.split('/').length > 2 ? parent : leaf;
  return group === leaf || group.startsWith(`${pod}/`) || leaf.startsWith(`${group}/`);
};

/** The kernel's message about this member: by time, since it names a pid that nothing else records. */
const killOf = (
  kills: readonly KernelEvent[],
  log: MemberLog | undefined,
  about: {
    readonly dead: boolean;
    readonly alone: boolean;
    readonly slack: number;
    readonly noticed: readonly number[];
    readonly startedAt: number | null;
  },
): KernelEvent | undefined => {
  const near = (event: KernelEvent, end: number, until: number): boolean =>
    event.at !== null && event.at >= end - about.slack && event.at <= until;
  const unorderly = log === undefined ? [] : startsOf(log).filter((start) => start.orderly === false);
  return kills.findLast((event) => {
    // Peers notice the end of a process within a moment; its own log may have been quiet for long.
    const felt = about.noticed.some((time) => event.at !== null && Math.abs(time - event.at) <= about.slack / 3);
    if (about.dead && (log === undefined || log.to === null)) return about.alone || felt;
    if (about.dead) return near(event, log?.to ?? 0, Number.POSITIVE_INFINITY) && (about.alone || felt);
    if (unorderly.some((start) => near(event, start.at - about.slack, start.at))) return true;
    return about.alone && about.startedAt !== null && near(event, about.startedAt - about.slack, about.startedAt);
  });
};

/** Neither a signal nor a fatal line after the last start; undefined when nothing was looked for because the member lives. */
const endedAbruptly = (log: MemberLog, dead: boolean): boolean | undefined => {
  if (!dead) return startsOf(log).some((start) => start.orderly === false) ? true : undefined;
  const start = startsOf(log).at(-1)?.at ?? Number.NEGATIVE_INFINITY;
  const stopped = (linesOf(log, ['signal-shutdown'])?.last ?? Number.NEGATIVE_INFINITY) > start;
  const fatal = log.summaries.some(({ summary }) => summary.fatal.some((line) => (line.time ?? 0) > start));
  return !stopped && !fatal;
};

/** Kernel messages of the member's host; for a dead member without a known host those of the only host, or of one that names a killed etcd. */
const kernelOf = (
  all: ReadonlyMap<string, KernelEvents>,
  host: string | undefined,
  dead: boolean,
): readonly [string | undefined, KernelEvents | undefined] => {
  if (host !== undefined || !dead) return [host, host === undefined ? undefined : all.get(host)];
  const named =
    [...all].find(([, { events }]) => events.some((event) => event.kind === 'oom' && event.etcd)) ?? [...all][0];
  return named ?? [undefined, undefined];
};
