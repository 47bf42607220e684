import { contradicting, defineRule, inconclusive, necessary, supporting } from '../../rule.js';
import { fromOutside } from '../evidence/cpu-from-outside.js';
import { deviceOf, deviceText } from '../evidence/device.js';
import { tailOf } from '../evidence/latency.js';
import { walSync } from '../evidence/wal-sync.js';
import { peerWait } from '../evidence/peer-cpu.js';
import { connectsBetween } from '../evidence/ways.js';
import { percent, responsiveness, responsivenessThresholds, starvedExplains } from '../evidence/responsiveness.js';
import { fastElsewhere } from '../evidence/storage-stack.js';

export default defineRule({
  id: 'cpu-starvation-host',
  title: 'CPU starvation on the member host',
  category: 'resources',
  role: 'cause',
  scope: 'member',
  why: 'etcd must run within milliseconds to send heartbeats and answer them; on a host without free CPU everything is late at once.',
  needs: ['walFsync'],
  wants: [
    'heartbeatFailures',
    'leaderChanges',
    'slowOperations',
    'proposals',
    'processSched',
    'peerMatrix',
    'backendCommit',
    'diskActivity',
    'hostPressure',
    'cgroup',
    'process',
    'cpu',
    'writers',
    'fsyncProbe',
  ],
  explains: [...starvedExplains, 'disk-slow-device', 'disk-stall-intermittent'],
  messages: {
    crowded: '{subject} waits for a CPU {wait} of the time; CPU pressure on its host is {pressure}.',
    alone: '{subject} waits for a CPU {wait} of the time, {ratio} times as long as the other members on its host.',
    unseen:
      'Both the syncs of {subject} and its answers to probes of its peers are late now and then, the median sync is fast: CPU time is withheld from it, by other processes or by a quota.',
  },
  basis: 'inferred',
  remedy: [
    { text: 'Find what runs on the host', tag: 'read-only', command: 'top -b -n 1 | head -30; cat /proc/pressure/cpu' },
    {
      text: 'When the starved member leads, move leadership away',
      tag: 'brief-interruption',
      command: 'etcdctl --endpoints=<leader> move-leader <id of a member on a quiet host>',
    },
    {
      text: 'Give etcd more weight against its neighbours',
      tag: 'brief-interruption',
      command:
        'echo 1000 | sudo tee /sys/fs/cgroup/<cgroup of etcd>/cpu.weight; sudo renice -n -10 -p <pid of etcd>   # until it starts again',
    },
    { text: 'Move the neighbours away, or etcd to a node of its own, one member at a time', tag: 'restarts' },
  ],
  doNot: [
    'replace the disk because the log says "slow disk": the text is fixed',
    'only raise the timeouts: clients stay slow',
  ],
  owner: 'infrastructure',
  alternatives: [
    { rule: 'cpu-cgroup-throttling', why: 'The cgroup would count throttled periods.' },
    { rule: 'disk-slow-device', why: 'Most syncs would be slow while the process hardly waits for a CPU.' },
    { rule: 'cpu-steal', why: 'The hypervisor would take the time, and the kernel would count it as steal.' },
    { rule: 'peer-rtt-high', why: 'TCP connects, which the kernel answers alone, would be slow as well.' },
    { rule: 'large-range-reads', why: 'etcd itself would burn the CPU on large answers.' },
  ],
  wouldDisprove: ['run-queue waiting of the process near zero in a window with late heartbeats'],
  nextEvidence: [
    { what: 'CPU use of all processes on the host in the same window', command: 'pidstat -u 10 3' },
    {
      what: 'what etcd itself does with its CPU time',
      command: 'etcd --enable-pprof; go tool pprof <client url>/debug/pprof/profile',
    },
  ],
  thresholds: [
    ...responsivenessThresholds,
    'cpu-pressure-percent',
    'cpu-pressure-high-percent',
    'run-queue-wait-share',
    'run-queue-wait-heavy',
    'run-queue-peer-ratio',
    'throttled-share',
    'probe-late-ms',
    'probe-far-ms',
    'probe-peer-ratio',
    'sync-median-ms',
    'wait-of-sync-ratio',
    'crowded-sync-ms',
    'fsync-slow-ms',
  ],
  evaluate: (ctx) => {
    const { each, member, members, limit, need } = ctx;
    const want = { ...ctx.want, walFsync: need.walFsync };
    const { processSched } = want;
    if (processSched === undefined) return fromOutside(ctx.subject.id, want, each('walFsync'), limit);
    const wait = processSched.runQueueWaitShare;
    if (wait === null) return inconclusive('the kernel gave no run-queue times in two rounds');
    const pressure = want.hostPressure?.cpu?.some.windowPercent ?? undefined;
    const throttled = want.cgroup === undefined ? undefined : (want.cgroup.worst?.throttledShare ?? 0);
    const { ratio, peers } = peerWait(member, members, each('processSched'));
    const alone = ratio !== null && ratio >= limit('run-queue-peer-ratio');
    const harm = responsiveness(want, limit);
    const late = (want.heartbeatFailures?.delta ?? 0) >= limit('late-heartbeats');
    const tail = tailOf(want.walFsync, limit('crowded-sync-ms'), limit('starved-tail-share'));
    const links = want.peerMatrix?.members.find((each) => each.member === ctx.subject.id);
    // Probes are late on a starved host as well; connects, which the kernels answer, tell the distance.
    const connects = [...connectsBetween(want.peerMatrix?.tcp ?? [], members)].flatMap(([pair, ms]) =>
      pair.includes(ctx.subject.id) ? [ms] : [],
    );
    const distance =
      connects.length > 0 ? Math.min(...connects) : Math.max(links?.toOthersMs ?? 0, links?.fromOthersMs ?? 0);
    const away = distance > limit('probe-far-ms');
    // etcd counts reads as slow applies, and over a long way every read waits for its round trip.
    const applies = !away && harm.evidence.some((item) => item.threshold === 'slow-applies-share');
    // A crowded host in good health shows one of these now and then; a new leader may be a transfer or a timer set too short.
    const signs = [late, tail.slow === true, applies].filter((sign) => sign).length;
    const proven = alone || signs > 1 || (signs === 1 && wait >= limit('run-queue-wait-heavy'));
    const hurt = harm.hurt;
    const syncs = walSync(want.walFsync, limit('starved-sync-ms'), limit('starved-tail-share'));
    const window = want.walFsync.window;
    const syncing = ((window?.perSecond ?? 0) * (window?.meanMs ?? 0)) / 1000;
    const device = deviceOf(want.diskActivity, ctx.subject.id);
    const awaitMs = Math.max(device?.writeAwaitMs ?? 0, device?.flushAwaitMs ?? 0);
    // Waiting lengthens the tail of syncs; it moves the median only when it is far longer than the syncs themselves.
    const diskMoved =
      (syncs.shifted && wait < limit('wait-of-sync-ratio') * syncing) ||
      (awaitMs > limit('starved-sync-ms') && !harm.grave);
    const used = want.process?.cpuCores ?? processSched.cpuCores ?? 0;
    const cores = want.cpu?.logicalCpus;
    const hogs = want.writers?.processes
      .filter((process) => process.member === null && process.cpuCores >= limit('run-queue-wait-share'))
      .sort((a, b) => b.cpuCores - a.cpuCores)
      .slice(0, 3);
    const steal = want.cpu?.stealPercent;
    return [
      {
        message: alone ? 'alone' : 'crowded',
        data: {
          wait: percent(wait),
          ratio: ratio === null ? '' : String(Math.round(ratio)),
          pressure: pressure === undefined ? 'unknown' : `${Math.round(pressure)} %`,
        },
        severity: !proven ? 'info' : late || (window?.meanMs ?? 0) >= limit('starved-sync-ms') ? 'high' : 'warning',
        role: proven ? 'cause' : 'notice',
        evidence: [
          necessary(wait >= limit('run-queue-wait-share'), 'The process is ready to run and waits for a CPU', {
            observed: `${percent(wait)} of the time, all threads together`,
            threshold: 'run-queue-wait-share',
            from: ['processSched'],
          }),
          necessary(
            pressure === undefined
              ? undefined
              : pressure >= (alone ? limit('cpu-pressure-percent') : limit('cpu-pressure-high-percent')),
            alone ? 'Tasks of the host wait for a CPU' : 'Tasks of the host wait for a CPU most of the time',
            {
              observed: pressure === undefined ? 'not observed' : `${Math.round(pressure)} %`,
              threshold: alone ? 'cpu-pressure-percent' : 'cpu-pressure-high-percent',
              from: ['hostPressure'],
            },
          ),
          necessary(
            throttled === undefined ? undefined : throttled <= limit('throttled-share'),
            'It is no CPU quota that holds it back',
            {
              observed: throttled === undefined ? 'not observed' : `throttled in ${percent(throttled)} of periods`,
              threshold: 'throttled-share',
              from: ['cgroup'],
            },
          ),
          necessary(!diskMoved, 'It is not the disk that makes it late', {
            observed: `syncs: ${syncs.observed}${device === undefined ? '' : `; ${deviceText(device)}`}`,
            threshold: 'wait-of-sync-ratio',
            from: ['walFsync', 'diskActivity'],
          }),
          necessary(hurt, 'The member is late in the window', {
            observed: harm.evidence.length === 0 ? 'nothing is late' : `${harm.evidence.length} signs`,
            from: ['heartbeatFailures', 'slowOperations', 'walFsync'],
          }),
          ...harm.evidence,
          ...fastElsewhere(want.fsyncProbe, limit('fsync-slow-ms')),
          ...(tail.slow === true && !harm.evidence.some((item) => item.threshold === 'starved-sync-ms')
            ? [
                supporting(true, 'WAL syncs have a tail', {
                  observed: tail.observed,
                  threshold: 'crowded-sync-ms',
                  from: ['walFsync'],
                }),
              ]
            : []),
          ...(peers === 0 || ratio === null
            ? []
            : [
                supporting(alone ? true : undefined, 'It waits longer than the other members on its host', {
                  observed: `${Math.round(ratio * 10) / 10} times`,
                  threshold: 'run-queue-peer-ratio',
                  from: ['processSched'],
                }),
              ]),
          ...(hogs === undefined || hogs.length === 0
            ? []
            : [
                supporting(true, 'Other processes use the CPUs', {
                  observed: hogs
                    .map((hog) => `${hog.command} (${Math.round(hog.cpuCores * 10) / 10} cores)`)
                    .join(', '),
                  from: ['writers'],
                }),
              ]),
          ...(cores !== undefined && used > cores / 2
            ? [
                contradicting(true, 'etcd itself uses most of the CPUs', {
                  observed: `${Math.round(used * 10) / 10} of ${cores} cores`,
                  from: ['process', 'cpu'],
                  answer: 'then its requests are what to look at, see the findings about client load',
                }),
              ]
            : []),
          ...(steal !== undefined && steal > limit('cpu-pressure-percent')
            ? [
                contradicting(true, 'The hypervisor takes CPU time away', {
                  observed: `${Math.round(steal)} % steal`,
                  from: ['cpu'],
                }),
              ]
            : []),
        ],
      },
    ];
  },
});
