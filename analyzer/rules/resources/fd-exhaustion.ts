import { type Claim, defineRule, inconclusive, necessary, supporting } from '../../rule.js';
import { lastWordsOf } from '../evidence/files.js';
import { linesOf } from '../evidence/log-lines.js';
import { percent } from '../evidence/responsiveness.js';
import { spareOf } from '../evidence/voters.js';

const words = ['emfile', 'fd-limit-low'] as const;

export default defineRule({
  id: 'fd-exhaustion',
  title: 'File descriptors nearly or fully used',
  category: 'resources',
  role: 'cause',
  scope: 'member',
  why: 'Without descriptors etcd takes no connection, and dies when it cannot open the next WAL or snapshot file.',
  needs: [],
  wants: ['process', 'processSched', 'log', 'reachability', 'quorum', 'crashes'],
  explains: ['crash-loop', 'dead-member-in-list', 'slow-follower-lag', 'member-partitioned'],
  messages: {
    nearly: '{subject} uses {open} of {limit} file descriptors ({share}).',
    failing: '{subject} runs out of file descriptors: its log says so in the window.',
    died: '{subject} does not answer, and its log ran out of file descriptors before.',
    past: '{subject} ran out of file descriptors before the window; it now uses {share}.',
  },
  basis: 'direct',
  remedy: [
    {
      text: 'See who holds the connections',
      tag: 'read-only',
      command: "ss -tn sport = :2379 | awk '{print $5}' | cut -d: -f1 | sort | uniq -c | sort -rn | head",
    },
    { text: 'Stop or fix the client that leaks connections', tag: 'brief-interruption' },
    {
      text: 'Raise the limit of the running process',
      tag: 'brief-interruption',
      command: 'prlimit --pid <pid of etcd> --nofile=65536:65536',
    },
    {
      text: 'Make the limit permanent (LimitNOFILE of the unit, or of the container runtime), one member at a time',
      tag: 'restarts',
    },
  ],
  doNot: [
    'restart all members at once: all clients reconnect to whoever comes up first',
    'delete WAL or snapshot files to free descriptors',
  ],
  owner: 'operator',
  alternatives: [
    { rule: 'hot-single-client', why: 'One remote address would hold most of the connections: it is then the reason.' },
    { rule: 'member-partitioned', why: 'Existing connections would break too.' },
  ],
  wouldDisprove: ['process_open_fds far below process_max_fds while connections are refused'],
  nextEvidence: [
    {
      what: 'descriptors by kind',
      command: 'ls -l /proc/<pid of etcd>/fd | awk \'{print $NF}\' | sed "s/[0-9]*//g" | sort | uniq -c',
    },
  ],
  thresholds: ['fd-share', 'fd-critical-share'],
  evaluate: ({ want, limit }) => {
    const { process, log } = want;
    const lines = linesOf(log, words);
    const share = process?.fdShare ?? undefined;
    const silent = want.reachability === undefined ? undefined : want.reachability.answered === false;
    const last = lastWordsOf(want.crashes, words);
    if (share === undefined && lines === undefined && last === undefined)
      return inconclusive('neither the descriptors of the process nor its log were seen');
    const open = process?.openFds?.last ?? 0;
    const now = share === undefined ? undefined : share >= limit('fd-share');
    const lost = want.quorum !== undefined && (want.quorum.hasQuorum === false || spareOf(want.quorum) <= 0);
    const claims: Claim[] = [];
    const warned = linesOf(log, ['fd-80']);
    const said = (count: number): ReturnType<typeof supporting> =>
      supporting(count > 0 ? true : undefined, 'The log names exhausted descriptors', {
        observed: `${count} lines`,
        limit: '0',
        from: ['log'],
        sources: lines?.sources ?? [],
      });
    const critical = (share ?? 0) >= limit('fd-critical-share') || (lines?.inWindow ?? 0) > 0;
    if (now === true)
      claims.push({
        message: 'nearly',
        data: { open, limit: process?.maxFds ?? 0, share: percent(share ?? 0) },
        severity: critical ? 'critical' : 'warning',
        urgent: critical,
        evidence: [
          necessary(true, 'Open descriptors against the limit of the process', {
            observed: `${open} of ${process?.maxFds ?? 0} (${percent(share ?? 0)})`,
            threshold: 'fd-share',
            from: ['process'],
          }),
          said(lines?.inWindow ?? 0),
          supporting((warned?.total ?? 0) > 0 ? true : undefined, 'etcd warned about it itself', { from: ['log'] }),
        ],
      });
    else if (silent === true && ((lines?.total ?? 0) > 0 || last !== undefined))
      claims.push({
        message: 'died',
        severity: lost ? 'critical' : 'high',
        urgent: lost,
        evidence: [
          (lines?.total ?? 0) > 0 || last === undefined
            ? necessary(true, 'The log names exhausted descriptors', {
                observed: `${lines?.total ?? 0} lines`,
                limit: '0',
                from: ['log'],
                sources: lines?.sources ?? [],
              })
            : necessary(true, 'Its last words name exhausted descriptors', {
                observed: last.line,
                from: ['crashes'],
              }),
          necessary(true, 'The member does not answer', { from: ['reachability'] }),
        ],
      });
    else if ((lines?.inWindow ?? 0) > 0)
      claims.push({
        message: 'failing',
        severity: 'high',
        evidence: [
          necessary(true, 'The log names exhausted descriptors in the window', {
            observed: `${lines?.inWindow ?? 0} lines`,
            limit: '0',
            from: ['log'],
            sources: lines?.sources ?? [],
          }),
        ],
      });
    else if ((lines?.before ?? 0) > 0)
      claims.push({
        message: 'past',
        data: { share: share === undefined ? 'an unknown share' : percent(share) },
        severity: 'warning',
        when: 'past',
        evidence: [
          necessary(true, 'The log names exhausted descriptors before the window', {
            observed: `${lines?.before ?? 0} lines`,
            limit: '0',
            from: ['log'],
            sources: lines?.sources ?? [],
          }),
        ],
      });
    return claims;
  },
});
