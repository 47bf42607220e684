/** How the one etcd of a node is looked at, stopped and started on a platform. */
export interface NodeCommands {
  readonly status: string;
  /** Prints the log; filters of the journal (`-n`, `--since`) are left out. */
  readonly log: string;
  readonly stop: string;
  readonly start: string;
}

const staticPod = (manifest: string, pod: string, startHint: string): NodeCommands => ({
  status: 'sudo crictl ps -a --name etcd',
  log: `sudo cat /var/log/pods/${pod}*/etcd/*.log`,
  stop: `sudo mv ${manifest} /root/   # the kubelet stops it; crictl ps shows when it is gone`,
  start: `sudo mv /root/${manifest.slice(manifest.lastIndexOf('/') + 1)} ${manifest}   # ${startHint}`,
});

const unit = (name: string, hint = ''): NodeCommands => ({
  status: `systemctl status ${name}`,
  log: `journalctl -u ${name}`,
  stop: `systemctl stop ${name}${hint}`,
  start: `systemctl start ${name}`,
});

const KUBELET_STARTS = 'if it was moved out; else the kubelet starts it: systemctl status kubelet';
const kubeadm = staticPod('/etc/kubernetes/manifests/etcd.yaml', 'kube-system_etcd-', KUBELET_STARTS);

/** By the name of the platform's profile. A platform that is missing runs etcd as the unit `etcd`, or is not the reader's to touch. */
const PLATFORMS: Readonly<Record<string, NodeCommands>> = {
  kubeadm,
  vks: kubeadm,
  openshift: staticPod(
    '/etc/kubernetes/manifests/etcd-pod.yaml',
    'openshift-etcd_etcd-',
    'if it was moved out; the etcd operator keeps it in place: oc get etcd cluster -o yaml',
  ),
  rke2: staticPod(
    '/var/lib/rancher/rke2/agent/pod-manifests/etcd.yaml',
    'kube-system_etcd-',
    'if it was moved out; else: systemctl restart rke2-server',
  ),
  k3s: unit('k3s', '   # etcd is part of k3s: the API server of this node stops too'),
  k0s: unit('k0scontroller', '   # etcd is a child of k0s: the API server of this node stops too'),
  canonical: unit('snap.k8s.etcd'),
  // service.go of machined: etcd is none of the services that may be stopped or started over the API.
  talos: {
    status: 'talosctl -n <node> service etcd',
    log: 'talosctl -n <node> logs etcd',
    stop: 'talosctl -n <node> shutdown   # Talos stops etcd only with its node',
    start: 'talosctl -n <node> reboot   # Talos starts etcd with its node',
  },
  helm: {
    status: 'kubectl -n <namespace> get pod <etcd pod> -o wide',
    log: 'kubectl -n <namespace> logs <etcd pod> --previous',
    stop: 'kubectl -n <namespace> delete pod <etcd pod>   # its StatefulSet starts it again at once',
    start: 'kubectl -n <namespace> describe pod <etcd pod>   # its StatefulSet starts it; this says what holds it up',
  },
};

const ETCD = String.raw`(?:etcd(?![\w.-])|<unit of etcd>)`;
const UNIT_COMMANDS: readonly (readonly [RegExp, keyof NodeCommands])[] = [
  [new RegExp(`systemctl status ${ETCD}`), 'status'],
  [new RegExp(`systemctl (?:stop|disable --now) ${ETCD}`), 'stop'],
  [new RegExp(`systemctl start ${ETCD}`), 'start'],
  [new RegExp(`journalctl -u ${ETCD}(?: -n \\d+| --since (?:<[^>]*>|\\S+))*`), 'log'],
];
const STATIC_POD: Readonly<Record<keyof NodeCommands, string>> = {
  status: 'crictl ps -a --name etcd',
  log: 'its files in /var/log/pods',
  stop: 'move its manifest out of /etc/kubernetes/manifests',
  start: 'move its manifest back',
};
const UNIT_PLATFORMS = ['kubespray', 'microk8s'];

/**
 * A command that a rule gives for etcd as the systemd unit `etcd`, as it is on `platform`. Where the platform is not known, both ways
 * are named.
 */
export function commandOn(platform: string | undefined, command: string): string {
  if (platform !== undefined && UNIT_PLATFORMS.includes(platform)) return command;
  const found = UNIT_COMMANDS.filter(([pattern]) => pattern.test(command));
  if (found.length === 0) return command;
  const own = platform === undefined ? undefined : PLATFORMS[platform];
  if (own === undefined) {
    const hints = found.map(([, verb]) => STATIC_POD[verb]);
    return `${command}${command.includes('   # ') ? '; ' : '   # '}static pod: ${hints.join('; ')}`;
  }
  // A comment would swallow what follows it on the line: all comments go to the end.
  const [line = '', ...comments] = command.split('   # ');
  let done = line;
  for (const [pattern, verb] of found) {
    const [text = '', comment] = own[verb].split('   # ');
    done = done.replace(pattern, () => text);
    if (comment !== undefined) comments.push(comment);
  }
  return comments.length === 0 ? done : `${done}   # ${comments.join('; ')}`;
}
