import { type Layout, ofPod } from './layout.js';

// oc adm must-gather: openshift/must-gather collection-scripts/gather_etcd (etcd_info/), pod logs by `oc adm inspect`.
export const mustGather: Layout = {
  tool: 'OpenShift must-gather',
  places: [
    {
      pattern:
        /(?:^|\/)namespaces\/openshift-etcd\/pods\/(?<pod>etcd-[^/]+)\/(?<container>[^/]+)\/[^/]+\/logs\/(?<log>current|previous|previous\.insecure)(?:\.log)?(?:\.gz)?$/,
      meaning: ({ pod, container, log }) => ofPod(pod, container, log),
    },
    {
      pattern: /(?:^|\/)etcd_info\/(?<name>[^/]+)$/,
      meaning: ({ name }) => ({ who: { label: name ?? 'etcd_info' } }),
    },
  ],
};
