import { type Layout, ofPod } from './layout.js';

// rancherlabs/support-tools collection/rancher/v2.x/logs-collector: one archive per node, `<host>-<date>.tar.gz`.
export const rancher: Layout = {
  tool: 'Rancher v2.x log collector',
  places: [
    {
      pattern: /(?:^|\/)(?:rke2|k3s|rke|kubeadm|pod)\/podlogs\/kube-system-(?<pod>etcd-[^/]+?)(?<previous>-previous)?$/,
      meaning: ({ pod, previous }) => ofPod(pod, 'etcd', previous === undefined ? 'current' : 'previous'),
    },
    {
      pattern: /(?:^|\/)(?:rke|k3s|rke2)\/containerlogs\/(?<container>etcd)$/,
      meaning: () => ({ who: { label: 'containerlogs-etcd' }, isServerLog: true }),
    },
    {
      pattern: /(?:^|\/)journald\/(?<unit>k3s|rke2-server)$/,
      meaning: ({ unit }) => ({ who: { label: unit ?? 'journald' } }),
    },
    {
      pattern: /(?:^|\/)etcd\/(?<name>memberlist|endpointstatus|endpointhealth|alarmlist|[^/]*metrics[^/]*)$/,
      meaning: ({ name }) => ({ who: { label: name ?? 'etcd' } }),
    },
  ],
};
