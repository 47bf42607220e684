import type { Rules } from './structure.js';
import { isKnownGroup, type Tokens } from './tokens.js';

/** Fields of what the API server and static pods tell. */
export const kubernetesRules: Readonly<Record<string, Rules>> = {
  'apiserver-metrics': { labels: 'kube-labels' },
  'kube-nodes': { 'nodes.name': 'name' },
  'kube-pods': { 'pods.name': 'name', node: 'name' },
  'kube-events': { name: 'name' },
  'kube-leases': { holder: 'name' },
  'static-pods': { path: 'path', flags: 'settings' },
};

/** Groups of Kubernetes without a dot. */
const shortGroups = new Set(['apps', 'batch', 'autoscaling', 'policy', 'extensions']);

/**
 * `resource.group`: the resources of Kubernetes stay, those that somebody else defined become tokens that share their group. Older releases
 * (1.24 and 1.26 were looked at) write a Go type, `*core.Pod`; those of others are all `*unstructured.Unstructured`. Counting reads have the
 * prefix of the keys, `/registry/pods/`.
 */
export const resourceName = (tokens: Tokens, text: string): string => {
  if (text.startsWith('/')) return tokens.key(text);
  const dot = text.indexOf('.');
  if (text.startsWith('*') || dot < 0) return text;
  const group = text.slice(dot + 1);
  return shortGroups.has(group) || isKnownGroup(group) ? text : tokens.name(text);
};

/** Labels that the collector keeps of metrics of an API server; addresses are found by their shape. */
export const kubernetesLabel = (tokens: Tokens, label: string, value: string): string =>
  label === 'resource' ? resourceName(tokens, value) : value;
