import { attempt } from '../../local-files.js';
import { staticPodOf } from '../../kubernetes/static-pod.js';
import { defineProbe, ProbeError } from '../../probe.js';
import type { StaticPodsArtifact } from '../../../schemas/index.js';

const MAX_MANIFEST = 256 * 1024;
/** kubeadm's place and OpenShift's, K3s has none; RKE2 has one of its own. */
const directories = ['/etc/kubernetes/manifests', '/var/lib/rancher/rke2/agent/pod-manifests'] as const;
const files_ = [
  ['etcd', ['etcd.yaml', 'etcd-pod.yaml']],
  ['kube-apiserver', ['kube-apiserver.yaml', 'kube-apiserver-pod.yaml']],
] as const;

export default defineProbe({
  kind: 'static-pods',
  scope: 'host',
  title: 'Static pods of etcd and API server',
  reads:
    'of the manifests of etcd and kube-apiserver: allow-listed flags, probes of the kubelet, resources; nothing else',
  permission: 'root on the control-plane node',
  impact: 'read-only',
  cost: 'cheap',
  phase: 'once',
  source: () => `${directories.join(' or ')}: etcd and kube-apiserver`,
  run: async ({ files, signal }) => {
    const pods: StaticPodsArtifact['pods'] = [];
    const problems: ProbeError[] = [];
    for (const directory of directories) {
      for (const [component, names] of files_) {
        for (const name of names) {
          const path = `${directory}/${name}`;
          try {
            const text = await files.readText(path, { maxBytes: MAX_MANIFEST, signal });
            const pod = staticPodOf(component, path, text, await attempt(files.stat(path, { signal })));
            if (pod !== undefined) pods.push(pod);
          } catch (error) {
            if (!(error instanceof ProbeError)) throw error;
            if (error.reason !== 'file-missing') problems.push(error);
          }
        }
      }
    }
    const [problem] = problems;
    if (pods.length === 0) {
      if (problem !== undefined) throw problem;
      throw new ProbeError('not-applicable', 'not-this-platform', `no static pod of etcd in ${directories.join(', ')}`);
    }
    return {
      state: problem === undefined ? 'ok' : 'partial',
      ...(problem === undefined ? {} : { reason: problem.reason, message: problem.message }),
      source: pods.map(({ path }) => path).join(', '),
      parts: [{ content: { pods } }],
    };
  },
});
