import { type Layout, ofPod } from './layout.js';

// Replicated Troubleshoot: pkg/constants (CLUSTER_RESOURCES_*), pkg/collect/cluster_resources.go and logs.go.
export const troubleshoot: Layout = {
  tool: 'Troubleshoot support bundle',
  places: [
    {
      pattern:
        /(?:^|\/)cluster-resources\/pods\/logs\/[^/]+\/(?<pod>etcd-[^/]+)\/(?<container>[^/]+?)(?<previous>-previous)?\.log$/,
      meaning: ({ pod, container, previous }) => ofPod(pod, container, previous === undefined ? 'current' : 'previous'),
    },
    {
      pattern: /(?:^|\/)cluster-resources\/(?:pods|events)\/(?:kube-system|[^/]*etcd[^/]*)\.(?:json|yaml)$/,
      meaning: (_, path) => ({ who: { label: path.split('/').slice(-2).join('-') } }),
    },
    { pattern: /(?:^|\/)cluster-resources\/nodes\.(?:json|yaml)$/, meaning: () => ({ who: { label: 'nodes' } }) },
  ],
};
