import { kubeadm } from './kubeadm.js';
import type { PlatformProfile } from './profile.js';

/** vSphere Kubernetes Service (Tanzu): guest clusters and the Supervisor; kubeadm's paths on nodes that vSphere guards. */
export const vks: PlatformProfile = {
  ...kubeadm,
  name: 'vks',
  title: 'vSphere Kubernetes Service (Tanzu guest cluster, Supervisor)',
  runsAs: 'static pod etcd-<node> in kube-system, on virtual machines of vSphere',
  signs: [
    ...kubeadm.signs,
    { kind: 'path', path: '/home/vmware-system-user', points: 4 },
    { kind: 'path', path: '/etc/vmware/wcp', points: 4 },
    { kind: 'path', path: '/usr/lib/vmware-wcp', points: 3 },
  ],
  suppliers: {
    host: {
      who: 'whoever may read the SSH secret of the cluster in its namespace of the Supervisor (user vmware-system-user, then sudo); for a Supervisor node whoever has root on vCenter',
      command: 'ssh vmware-system-user@NODE sudo etcd-collect -o -',
    },
    certificate: {
      who: 'root on the control-plane node',
      command: 'ssh vmware-system-user@NODE sudo etcd-collect -o -',
    },
    log: kubeadm.suppliers.log,
  },
  offLimits: [
    {
      what: 'disk of the virtual machine below the guest: datastore latency, snapshots, contention',
      kinds: [],
      why: 'the guest sees its virtual disk alone',
      who: 'the vSphere administrator',
      command:
        'performance charts of the VM in vCenter (Virtual disk and CPU ready), or the vm-support bundle of the ESXi host',
    },
  ],
};
