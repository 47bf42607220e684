import { defineRule, necessary, supporting } from '../../rule.js';
import { linesOf, timesOf } from '../evidence/log-lines.js';
import { startsOf } from '../evidence/starts.js';

const HOUR_MS = 3_600_000;

export default defineRule({
  id: 'liveness-probe-kill-loop',
  title: 'A supervisor kills a slow but living member',
  category: 'lifecycle',
  role: 'cause',
  scope: 'member',
  why: 'A liveness probe that fails on alarms, missing leaders or slow disks turns a degraded cluster into one that restarts all the time.',
  needs: ['log'],
  wants: ['health', 'reachability', 'quorum', 'controlPlane', 'staticPods'],
  explains: ['quorum-lost', 'leader-flapping', 'dead-member-in-list'],
  messages: {
    now: '{subject} was stopped by a signal {count} times within an hour and started again, with failing health checks before.',
    past: '{subject} was stopped by a signal {count} times within an hour, with failing health checks before; it has run since.',
  },
  basis: 'inferred',
  remedy: [
    {
      text: 'Compare the times of the stops with the events of the supervisor',
      tag: 'read-only',
      command: 'kubectl describe pod <etcd pod>   # or: journalctl -u kubelet',
    },
    {
      text: 'Probe /livez (3.4.29, 3.5.11 and later), or /health?serializable=true&exclude=NOSPACE before that, with a timeout of several seconds',
      tag: 'restarts',
    },
    { text: 'Add a start-up probe that is long enough for a large database', tag: 'restarts' },
  ],
  doNot: ['remove the probe for good', 'let liveness depend on a leader, on alarms or on linearizable reads'],
  owner: 'platform',
  alternatives: [
    { rule: 'crash-loop', why: 'The runs would end with a panic or a fatal line.' },
    { rule: 'oom-killed', why: 'The kernel would have killed it, without an orderly stop.' },
  ],
  wouldDisprove: ['an operator who restarted it at these times', 'no failed probe in the events of the supervisor'],
  nextEvidence: [
    {
      what: 'the definition of the probe and the events of the supervisor',
      command: 'kubectl get pod <etcd pod> -o yaml',
    },
  ],
  thresholds: ['stop-restarts', 'restart-recent-minutes'],
  evaluate: (ctx) => {
    const { log } = ctx.need;
    const from = ctx.window.to - HOUR_MS;
    const stops = timesOf(log, ['signal-shutdown']).filter((at) => at >= from);
    const starts = startsOf(log).filter((start) => start.at >= from);
    const followed = stops.filter((at) => starts.some((start) => start.at >= at && start.at <= at + 120_000)).length;
    const failing = linesOf(log, [
      'health-error',
      'health-alarm',
      'health-no-leader',
      'health-range',
      'health-check-error',
    ]);
    const lastStop = stops.at(-1) ?? 0;
    const failedBefore =
      failing !== undefined && failing.before > 0 && failing.first !== null && failing.first <= lastStop;
    const recent =
      ctx.want.reachability?.answered === false ||
      lastStop >= ctx.window.to - ctx.limit('restart-recent-minutes') * 60_000;
    const slow = linesOf(log, ['db-flocked-or-slow']);
    const unhealthy = (ctx.want.controlPlane?.warnings ?? []).filter(
      ({ component, reason }) => component === 'etcd' && reason === 'Unhealthy',
    );
    const probe = ctx.want.staticPods?.pods
      .filter(({ component, host }) => component === 'etcd' && host === ctx.member?.host)
      .flatMap(({ probes }) => probes)
      .find(({ kind }) => kind === 'liveness');
    return [
      {
        message: recent ? 'now' : 'past',
        data: { count: stops.length },
        severity: recent ? 'high' : 'warning',
        when: recent ? 'now' : 'past',
        evidence: [
          necessary(
            stops.length >= ctx.limit('stop-restarts') && followed >= stops.length - 1,
            'Stops by a signal within an hour, each followed by a start',
            {
              observed: `${stops.length} stops, ${starts.length} starts`,
              threshold: 'stop-restarts',
              from: ['log'],
            },
          ),
          necessary(failedBefore, 'Health checks failed before a stop', {
            observed: `${failing?.before ?? 0} lines`,
            limit: '0',
            sources: failing?.sources ?? [],
          }),
          supporting((slow?.total ?? 0) > 0 || undefined, 'The database takes long to open', {
            sources: slow?.sources ?? [],
          }),
          ...(unhealthy.length === 0
            ? []
            : [
                supporting(true, 'The kubelet reports failed probes of etcd', {
                  observed: `${unhealthy.reduce((sum, { count }) => sum + count, 0)} times`,
                  from: ['controlPlane'],
                }),
              ]),
          ...(probe === undefined
            ? []
            : [
                supporting(undefined, 'The liveness probe', {
                  observed: `${probe.asks ?? 'unknown'}, timeout ${probe.timeoutSeconds ?? 1} s, ${probe.failureThreshold ?? 3} failures in a row`,
                  from: ['staticPods'],
                }),
              ]),
        ],
      },
    ];
  },
});
