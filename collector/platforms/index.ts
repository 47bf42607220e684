import { canonical } from './canonical.js';
import { helm } from './helm.js';
import { k0s } from './k0s.js';
import { k3s } from './k3s.js';
import { kubeadm } from './kubeadm.js';
import { kubespray } from './kubespray.js';
import { managed } from './managed.js';
import { microk8s } from './microk8s.js';
import { openshift } from './openshift.js';
import type { PlatformProfile } from './profile.js';
import { rke2 } from './rke2.js';
import { talos } from './talos.js';
import { vks } from './vks.js';

/** All profiles. With equal points the earlier one is taken. */
export const profiles: readonly PlatformProfile[] = [
  openshift,
  rke2,
  k3s,
  k0s,
  talos,
  kubeadm,
  vks,
  canonical,
  microk8s,
  kubespray,
  helm,
  managed,
];

export const profileNamed = (name: string): PlatformProfile | undefined =>
  profiles.find((profile) => profile.name === name);
