import { existsSync, readFileSync } from 'node:fs';
import type { Cluster, Member } from './cluster/cluster-types.js';

/** Flags and environment with which the owner of a cluster runs etcd-collect. */
export const accessOf = (
  cluster: Cluster,
): { readonly flags: readonly string[]; readonly env: Readonly<Record<string, string>> } => ({
  flags: [
    ...(cluster.tls === undefined
      ? []
      : ['--cacert', cluster.tls.ca.cert, '--cert', cluster.tls.client.cert, '--key', cluster.tls.client.key]),
    ...(cluster.auth === undefined ? [] : ['--user', cluster.auth.user]),
  ],
  env: cluster.auth === undefined ? {} : { ETCDCTL_PASSWORD: cluster.auth.password },
});

/** A member whose process is younger is one that does not stay up. */
const STEADY_SECONDS = 6;

/** Seconds that a process has lived, 0 when it has not or is gone. Clock ticks are 100 per second on every Linux of today. */
const ageOf = (pid: number): number => {
  try {
    const ticks = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ')[19];
    return Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]) - Number(ticks) / 100;
  } catch {
    return 0;
  }
};

/** Where a member that does not run keeps its data and its log: no process tells, so the user does. */
export const filesOf = (member: Member): readonly string[] =>
  member.running && ageOf(member.pid) > STEADY_SECONDS
    ? []
    : [
        ['--data-dir', member.dataDir],
        ['--log', member.logFile],
      ]
        .filter(([, path = '']) => existsSync(path))
        .flat();
