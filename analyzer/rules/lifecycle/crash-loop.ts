import { defineRule, inconclusive, necessary, supporting } from '../../rule.js';
import { startsIn } from '../evidence/history.js';
import { startsOf } from '../evidence/starts.js';
import { spareOf } from '../evidence/voters.js';

const HOUR_MS = 3_600_000;

export default defineRule({
  id: 'crash-loop',
  title: 'etcd starts again and again',
  category: 'lifecycle',
  role: 'cause',
  scope: 'member',
  why: 'A member that dies and starts over is no reserve, causes elections when it leads, and its last words name the cause.',
  needs: [],
  wants: ['log', 'process', 'reachability', 'quorum', 'history'],
  explains: ['quorum-lost', 'leader-flapping', 'dead-member-in-list', 'slow-follower-lag', 'follower-snapshot-loop'],
  ownFate: true,
  messages: {
    now: '{subject} started {count} times within an hour without an orderly stop before.{words}',
    past: '{subject} started {count} times within an hour without an orderly stop, and has run since.{words}',
  },
  basis: 'direct',
  remedy: [
    {
      text: 'Read the last lines before each start, and follow the rule for what they name',
      tag: 'read-only',
      command: 'journalctl -u etcd --since -1h   # or: kubectl logs --previous',
    },
    {
      text: 'No last words at all: look for the OOM killer and for a killing supervisor',
      tag: 'read-only',
      command: 'dmesg -T | grep -i -E "killed process|oom"',
    },
    {
      text: 'Stop the automatic restarts when each start makes it worse (full disk, broken data)',
      tag: 'brief-interruption',
      command: 'systemctl stop etcd   # on this node only',
    },
  ],
  doNot: ['wipe its data dir before the cause is known', 'restart the other members too'],
  owner: 'operator',
  alternatives: [
    { rule: 'liveness-probe-kill-loop', why: 'Each run would end with a signal and an orderly stop.' },
    { rule: 'oom-killed', why: 'It is the reason when there are no last words and the kernel log names etcd.' },
  ],
  wouldDisprove: ['an orderly stop before each start', 'a process that has run for more than an hour'],
  nextEvidence: [
    { what: 'the whole log of two runs, and the kernel log', command: 'sudo etcd-collect --since 6h   # on its node' },
  ],
  thresholds: ['crash-restarts', 'crash-restarts-window', 'restart-recent-minutes'],
  evaluate: (ctx) => {
    const { log, process, reachability } = ctx.want;
    const uptime = process?.uptimeSeconds ?? undefined;
    if (log === undefined && process === undefined)
      return inconclusive('neither its log nor its metrics were observed');
    const starts = log === undefined ? undefined : startsOf(log).filter((start) => start.at >= ctx.window.to - HOUR_MS);
    const before = startsIn(ctx.want.history, ctx.subject.id, ctx.window.to - HOUR_MS, ctx.window.to);
    const crashes = (starts ?? []).filter((start) => start.orderly === false);
    const seen = process?.starts.length ?? 0;
    // Refused in the last round after it had been there in an earlier one: its last run has ended too.
    const gone =
      (reachability?.failedRounds.at(-1) ?? -1) > (reachability?.answeredRounds.at(-1) ?? Number.POSITIVE_INFINITY) &&
      (reachability?.reasons['connection-refused'] ?? 0) > 0;
    const ended = Math.max(0, seen - 1) + (gone ? 1 : 0);
    const count = Math.max(crashes.length, ended);
    const enough =
      count >= ctx.limit('crash-restarts') || ended >= ctx.limit('crash-restarts-window')
        ? true
        : starts === undefined && (uptime === undefined || uptime < 3600)
          ? undefined
          : false;
    const lastStart = Math.max(starts?.at(-1)?.at ?? 0, process?.startedAt ?? 0);
    const recent =
      reachability?.answered === false ||
      process?.restartedInWindow === true ||
      lastStart >= ctx.window.to - ctx.limit('restart-recent-minutes') * 60_000;
    const words = crashes.flatMap((start) => start.lastWords ?? []).at(-1);
    const quorum = ctx.want.quorum;
    const lost =
      quorum?.hasQuorum === false || (reachability?.answered === false && quorum !== undefined && spareOf(quorum) <= 0);
    return [
      {
        message: recent ? 'now' : 'past',
        data: {
          count,
          words: words === undefined ? ' The runs end without last words.' : ` Last words: ${words.slice(0, 200)}`,
        },
        severity: recent ? (lost ? 'critical' : 'high') : 'warning',
        urgent: recent && lost,
        when: recent ? 'now' : 'past',
        evidence: [
          necessary(enough, 'Starts within an hour without an orderly stop before them', {
            observed: `${crashes.length} in the log, ${ended} ends seen between rounds`,
            threshold: 'crash-restarts',
            sources: crashes.slice(-3).map((start) => start.source),
          }),
          ...(before.length === 0
            ? []
            : [
                supporting(true, 'The history has starts of the process in the last hour', {
                  observed: `${before.length}, the last at ${new Date(before.at(-1) ?? 0).toISOString()}`,
                  from: ['history'],
                }),
              ]),
          supporting(process?.restartedInWindow || undefined, 'The process was replaced during the collection', {
            from: ['process'],
          }),
          supporting(words !== undefined || undefined, 'Last words of a run', {
            observed: (words ?? '').slice(0, 300),
          }),
        ],
      },
    ];
  },
});
