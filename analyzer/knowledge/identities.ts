/** As whom a command is run: what it needs, by its first word; `sudo` and the like stand for root. */
const needs: Readonly<Record<string, string>> = {
  etcdctl: 'a client certificate or user of etcd',
  kubectl: 'cluster admin',
  oc: 'cluster admin',
  talosctl: 'a talosconfig with the role os:admin',
  'kube-apiserver': 'root on the control-plane node',
};

/** Programs that anybody who is logged in to the node can run. */
const unprivileged = new Set([
  'ls',
  'df',
  'ss',
  'ps',
  'top',
  'uptime',
  'getent',
  'tracepath',
  'ping',
  'nc',
  'curl',
  'date',
  'iostat',
  'pidstat',
  'vmstat',
  'sar',
  'lsblk',
  'timedatectl',
]);

/** Programs that need root on the node, or act on what belongs to root there. */
const privileged = new Set([
  'sudo',
  'cp',
  'crictl',
  'systemctl',
  'journalctl',
  'etcdutl',
  'etcd-collect',
  'openssl',
  'grep',
  'kill',
  'rm',
  'nft',
  'ip',
  'dmesg',
  'chronyc',
  'swapoff',
  'prlimit',
]);

/** The identity that a command of a remedy needs, in words; undefined for what is no command to run somewhere. */
export const identityFor = (command: string): string | undefined => {
  const word = /^[\w./-]+/.exec(command.trim())?.[0] ?? '';
  if (Object.hasOwn(needs, word)) return needs[word];
  if (privileged.has(word)) return 'root on the member’s node';
  if (unprivileged.has(word)) return 'a login on the member’s node';
  return undefined;
};
