import type { Cluster } from './cluster/cluster-types.js';

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
