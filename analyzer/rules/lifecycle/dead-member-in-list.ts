import type { ReportStep } from '../../../schemas/index.js';
import type { Crashes } from '../../facts/values/member.js';
import { type Claim, defineRule, type EvidenceInput, inconclusive, necessary, supporting } from '../../rule.js';
import { linesOf, valuesOf } from '../evidence/log-lines.js';
import { isListed, linkedByPeers, listens, spareOf } from '../evidence/voters.js';

/** Reasons of reads for which no TCP connection came up. */
const GONE = ['connection-refused', 'connection-timeout', 'no-route', 'name-not-resolved'] as const;

const hasAny = (reasons: Readonly<Record<string, number>> | undefined, wanted: readonly string[]): boolean =>
  reasons === undefined || wanted.some((reason) => (reasons[reason] ?? 0) > 0);

/** How its process ended, where its node was looked at. */
const endOf = (crashes: Crashes | undefined): readonly EvidenceInput[] => {
  const words = crashes?.lastMarker?.line;
  const told = [...(crashes?.exits ?? []), ...(words === undefined ? [] : [words])];
  return told.length === 0
    ? []
    : [supporting(true, 'How its process ended', { observed: told.join('; ').slice(0, 300), from: ['crashes'] })];
};

const remedy: readonly ReportStep[] = [
  {
    text: 'See why its process ended: last log lines, exit code, kernel log, disk space',
    tag: 'read-only',
    command: 'systemctl status etcd; journalctl -u etcd -n 100; dmesg | tail   # on its node',
  },
  { text: 'Start it again on its own data', tag: 'restarts', command: 'systemctl start etcd   # on its node' },
  {
    text: 'If node or data are gone for good and the others have a majority: remove it first, then add the replacement as a learner and promote it',
    tag: 'disruptive',
    command:
      'etcdctl member remove <id>; etcdctl member add <name> --learner --peer-urls=<url>   # once it caught up: etcdctl member promote <id>',
  },
];

export default defineRule({
  id: 'dead-member-in-list',
  title: 'A listed member is gone or never started',
  category: 'lifecycle',
  role: 'cause',
  scope: 'member',
  why: 'A listed member counts for the quorum whether it runs or not: while it is gone the cluster survives one failure less.',
  needs: [],
  wants: ['reachability', 'membership', 'quorum', 'peerMatrix', 'log', 'crashes'],
  explains: ['reconfig-rejected', 'learner-stuck', 'leader-flapping', 'even-or-insufficient-members'],
  ownFate: true,
  messages: {
    down: '{subject} is registered, and nothing listens on its client address: the process is not running.{reserve}',
    silent: '{subject} is registered, cannot be reached from here, and no other member has a link to it.{reserve}',
    unlisted: 'Nothing listens at {address}, and no member answered that could say whether it belongs to the cluster.',
    unstarted: '{subject} was added to the cluster and has never started.{reserve}',
  },
  basis: 'direct',
  remedy,
  doNot: [
    'add the replacement before the dead member is removed: the quorum grows, and one more failure stops the cluster',
    'restart or upgrade another member before the dead one is back',
    'remove the dead member while the quorum is lost: a removal needs the quorum, and its data may be the newest',
  ],
  owner: 'operator',
  alternatives: [
    { rule: 'vm-pause-or-steal', why: 'Its address would accept connections and not answer.' },
    { rule: 'member-partitioned', why: 'The process would run, cut off from the others.' },
    { rule: 'crash-loop', why: 'It would come and go: its log would show several starts.' },
  ],
  wouldDisprove: [
    'a running etcd process of this member on its node',
    'an answer of the member on its listed client URL',
  ],
  nextEvidence: [
    { what: 'process, log and kernel log on the node of this member', command: 'sudo etcd-collect   # on its node' },
  ],
  thresholds: [],
  evaluate: (ctx) => {
    const id = ctx.subject.id;
    const { reachability, membership, quorum } = ctx.want;
    if (reachability === undefined && membership === undefined)
      return inconclusive('neither its answers nor a member list were observed');
    const learner = membership?.learners.includes(id) ?? ctx.member?.isLearner === true;
    const unstarted = membership?.unstarted.includes(id) === true;
    // A learner that never joined is the story of learner-stuck.
    if (unstarted && learner) return [];
    const kind = reachability?.kind;
    // A connection that opens and breaks off counts as refused too; it takes a process to break it off.
    if (kind === 'refused' && !hasAny(reachability?.reasons, GONE)) return [];
    const refused = kind === 'refused';
    const silent = kind === 'unreachable';
    const never = unstarted && reachability?.answered !== true;
    if (!never && kind !== undefined && !refused && !silent) return [];
    // Something listens there and takes connections: whatever keeps the answer back, the process is not gone.
    if (listens(ctx.want.peerMatrix, id)) return [];
    const linked = linkedByPeers(ctx.want.peerMatrix, id);
    const spare = quorum === undefined || membership === undefined ? undefined : spareOf(quorum);
    // Several addresses and nothing behind any of them: not a mistyped one, the whole cluster is down.
    const all = [...ctx.each('reachability').values()];
    const allRefuse = membership === undefined && all.length > 1 && all.every((each) => each.kind === 'refused');
    const last = allRefuse || (!learner && spare !== undefined && spare <= 0);
    const reserve =
      learner || spare === undefined || quorum === undefined
        ? ''
        : spare > 0
          ? ` ${spare} more may fail.`
          : quorum.hasQuorum === false || spare < 0
            ? ' The quorum is lost.'
            : ' No other voter may fail now.';
    const reports = [...ctx.each('log')].flatMap(([from, log]) => {
      if (
        from === id ||
        !['prober-unhealthy', 'peer-url-unreachable'].some((s) =>
          [...valuesOf(log, s, 'remote-peer-id').keys(), ...valuesOf(log, s, 'remote-member-id').keys()].includes(id),
        )
      )
        return [];
      return linesOf(log, ['prober-unhealthy', 'peer-url-unreachable']) ?? [];
    });
    const reported = reports.reduce((sum, lines) => sum + lines.inWindow, 0);
    const claim: Claim = {
      message: never ? 'unstarted' : refused && membership === undefined ? 'unlisted' : silent ? 'silent' : 'down',
      data: { reserve, address: ctx.member?.endpoints.join(', ') ?? id },
      severity: last
        ? never && quorum?.hasQuorum !== false
          ? 'high'
          : 'critical'
        : learner || never
          ? 'warning'
          : 'high',
      urgent: last && (!never || quorum?.hasQuorum === false),
      // Membership changes need a majority; without one the step would only invite harm.
      ...(quorum?.hasQuorum === true ? {} : { remedy: remedy.filter((step) => step.tag !== 'disruptive') }),
      basis: silent && !never ? 'inferred' : 'direct',
      evidence: [
        ...(never
          ? [necessary(true, 'The member list has it without name and client URLs', { from: ['membership'] as const })]
          : [
              necessary(
                kind === undefined ? undefined : reachability?.answered !== true,
                refused
                  ? 'Its client address refuses connections in every round'
                  : 'Its client address does not answer in any round',
                {
                  observed: Object.entries(reachability?.reasons ?? {})
                    .map(([reason, count]) => `${reason} (${count})`)
                    .join(', '),
                  from: ['reachability'] as const,
                },
              ),
              necessary(isListed(membership, id), 'The member list has it', { from: ['membership'] as const }),
            ]),
        (never ? supporting : necessary)(
          linked === undefined ? undefined : !linked,
          'No other member has an active link to it',
          { observed: linked === true ? 'linked' : 'no active link', from: ['peerMatrix'] },
        ),
        ...endOf(ctx.want.crashes),
        supporting(
          ctx.each('log').size === 0 ? undefined : reported > 0,
          'The others report that they cannot reach it',
          {
            observed: `${reported} lines in the window`,
            sources: reports.flatMap((lines) => lines.sources).slice(0, 2),
          },
        ),
      ],
    };
    return [claim];
  },
});
