import { join } from 'node:path';
import { defineFault } from '../../fault.js';
import { type Program, startProgram } from '../../cluster/member-process.js';
import { isRoot } from '../../../support/tools.js';
import { FaultUnsupported, fault } from '../types.js';
import { starvedConsequences } from './starved.js';

/**
 * Spinning processes on all cores that the scheduler prefers to etcd: no cgroup limits it, it just gets no turn. Members with
 * hosts have the processes spread over these, where a collector can see them; the cores are the same ones for all.
 */
export default defineFault({
  name: 'cpu-host',
  title: 'other processes of higher priority use all cores',
  params: {
    workers: { default: 8, about: 'spinning processes, on all hosts together', strength: true },
    nice: { default: -10, about: 'their nice value, -20 (most greedy) to 19' },
  },
  on: 'cluster',
  truth: {
    causes: ['cpu-starvation-host'],
    verdict: ['investigate'],
    also: starvedConsequences,
    subject: 'any',
  },
  apply: async (cluster, _members, { workers, nice }) => {
    if (nice < 0 && !isRoot()) throw new FaultUnsupported('cpu-host', 'a priority above normal needs root');
    const burners: Program[] = [];
    for (let at = 0; at < workers; at += 1) {
      const host = cluster.hosts?.[at % cluster.hosts.length];
      // The lab's name on the command line is how the lab knows the process as its own.
      const spin = ['nice', '-n', String(nice), 'sh', '-c', 'while :; do :; done', cluster.lab.dir];
      const command = host === undefined ? spin : host.inside(['setpriv', '--pdeathsig', 'KILL', '--', ...spin]);
      burners.push(startProgram(cluster.lab, command, { logFile: join(cluster.lab.dir, 'burners.log') }));
    }
    return fault(async () => {
      for (const burner of burners) if (burner.running()) process.kill(burner.pid, 'SIGKILL');
      await Promise.all(burners.map((burner) => burner.exited));
    });
  },
});
