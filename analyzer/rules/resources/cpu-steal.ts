import { defineRule, necessary } from '../../rule.js';
import {
  responsiveness,
  responsivenessThresholds,
  responsivenessWants,
  starvedExplains,
} from '../evidence/responsiveness.js';

export default defineRule({
  id: 'cpu-steal',
  title: 'CPU time withheld by the hypervisor',
  category: 'resources',
  role: 'cause',
  scope: 'member',
  why: 'While the hypervisor runs other guests, this one stands still: heartbeats, syncs and answers are late, and nothing inside the guest shows why.',
  needs: ['cpu'],
  wants: responsivenessWants,
  explains: [
    ...starvedExplains,
    'cpu-starvation-host',
    'disk-slow-device',
    'disk-stall-intermittent',
    'peer-rtt-high',
    'peer-packet-loss',
  ],
  messages: {
    hurt: 'The hypervisor withholds {steal} % of the CPU time from the host of {subject}, and it is late.',
    unhurt:
      'The hypervisor withholds {steal} % of the CPU time from the host of {subject}; no harm shows in the window.',
  },
  basis: 'direct',
  remedy: [
    {
      text: 'Watch the steal counter, the 8th after "cpu", and compare it with the times of the trouble',
      tag: 'read-only',
      command: 'vmstat 5 12; grep "^cpu " /proc/stat',
    },
    {
      text: 'When the member leads, move leadership to one on a host without steal',
      tag: 'brief-interruption',
      command: 'etcdctl --endpoints=<leader> move-leader <id of another member>',
    },
    {
      text: 'Have CPU reserved for this virtual machine, or move it to a hypervisor with less on it; burstable instance types run out of credits',
      tag: 'read-only',
    },
  ],
  doNot: [
    'replace the disk because the log says "slow disk": the text is fixed',
    'look for a process inside the guest that uses the CPU: it is outside',
  ],
  owner: 'infrastructure',
  alternatives: [
    { rule: 'cpu-starvation-host', why: 'Processes of the guest itself would use the time; steal would be small.' },
    { rule: 'cpu-cgroup-throttling', why: 'The cgroup would count throttled periods.' },
    { rule: 'vm-pause-or-steal', why: 'The member would stand still for seconds at a time and answer nothing.' },
  ],
  wouldDisprove: ['the steal counter of the host does not grow while the member is late'],
  nextEvidence: [
    { what: 'load of the hypervisor and the CPU reservation of this machine, from who runs it' },
    { what: 'the steal counter over a minute', command: 'vmstat 5 12' },
  ],
  thresholds: [...responsivenessThresholds, 'steal-percent'],
  evaluate: ({ need: { cpu }, want, limit }) => {
    const steal = cpu.stealPercent;
    const harm = responsiveness(want, limit);
    const hurt = harm.hurt === true;
    return [
      {
        message: hurt ? 'hurt' : 'unhurt',
        data: { steal: Math.round(steal) },
        severity: !hurt ? 'info' : harm.grave ? 'high' : 'warning',
        role: hurt ? 'cause' : 'notice',
        evidence: [
          necessary(steal >= limit('steal-percent'), 'Steal time of the virtual machine', {
            observed: `${Math.round(steal * 10) / 10} %`,
            threshold: 'steal-percent',
            from: ['cpu'],
          }),
          ...harm.evidence,
        ],
      },
    ];
  },
});
