import type { Layout } from './layout.js';

// talosctl support: siderolabs/go-talos-support support/collectors; one directory per node, named by its address.
export const talos: Layout = {
  tool: 'talosctl support',
  places: [
    {
      pattern: /(?:^|\/)(?<node>[^/]+)\/service-logs\/etcd\.log$/,
      meaning: ({ node }) => ({
        who: {
          label: node ?? 'etcd',
          ...(node !== undefined && /^[\d.]+$/.test(node)
            ? { address: `${node}:2379` }
            : node === undefined
              ? {}
              : { node }),
        },
        isServerLog: true,
      }),
    },
    {
      pattern: /(?:^|\/)kubernetesResources\/(?<name>nodes|systemPods)\.yaml$/,
      meaning: ({ name }) => ({ who: { label: name ?? 'resources' } }),
    },
  ],
};
