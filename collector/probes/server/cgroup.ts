import { readCgroups } from '../../cgroups.js';
import { checkSameProcess, localOf, needsProcess } from '../../local-files.js';
import { parseStat } from '../../ports/process.js';
import { defineProbe, ProbeError } from '../../probe.js';

export default defineProbe({
  kind: 'cgroup',
  scope: 'member',
  title: 'Cgroup limits, throttling and pressure of the local etcd process',
  reads: 'CPU, memory and I/O limits, throttling counters and pressure of every cgroup level above the process',
  permission: 'none on the host; the host cgroup namespace and /sys/fs/cgroup when run in a container',
  impact: 'read-only',
  cost: 'cheap',
  phase: 'round',
  appliesTo: needsProcess,
  source: ({ local }) => `/proc/${local?.pid ?? '<pid>'}/cgroup and /sys/fs/cgroup`,
  run: async ({ target, files }) => {
    const local = localOf(target);
    const path = `/proc/${local.pid}/cgroup`;
    const [stat, text, mountInfo] = files.readPseudo([`/proc/${local.pid}/stat`, path, '/proc/self/mountinfo']);
    checkSameProcess(local, parseStat(stat ?? '')?.startTicks);
    if (text === undefined || text === '') {
      throw new ProbeError('unsupported', 'not-this-platform', 'this kernel shows no cgroups');
    }
    const { artifact, hidden } = readCgroups(files, text, mountInfo ?? '');
    if (artifact.levels.length === 0) {
      throw new ProbeError('denied', 'file-access', `the cgroups of process ${local.pid} are not visible from here`, {
        permission: 'the host cgroup namespace and its /sys/fs/cgroup',
      });
    }
    return {
      state: hidden.length === 0 ? 'ok' : 'partial',
      ...(hidden.length === 0
        ? {}
        : { reason: 'file-access' as const, message: `not visible from here: ${hidden.join(', ')}` }),
      source: `${path} and its directories in /sys/fs/cgroup`,
      parts: [{ content: artifact }],
    };
  },
});
