import type { ArtifactKind } from '../../../schemas/index.js';
import { type Layout, ofPod } from './layout.js';

const procKinds: Readonly<Record<string, ArtifactKind>> = {
  diskstats: 'diskstats',
  vmstat: 'vmstat',
  meminfo: 'meminfo',
  loadavg: 'loadavg',
  stat: 'cpu-stat',
};

/** `sosreport-<host>-<case>-<date>-<id>`: sos names its directory after the host. */
const hostOf = (root: string): string => /^sosreport-(.+?)(?:-\d+)?-20\d\d-\d\d-\d\d-[a-z]+$/.exec(root)?.[1] ?? root;

// sos: sos/report/plugins (etcd, kubernetes, logs, process, memory, block); files are copied under their own path.
export const sos: Layout = {
  tool: 'sos report',
  places: [
    {
      pattern:
        /(?:^|\/)var\/log\/pods\/[^/_]+_(?<pod>[^/_]+)_[^/]+\/(?<container>[^/]+)\/(?<log>\d+)\.log(?:\.[^/]*)?$/,
      meaning: ({ pod, container, log }) => ofPod(pod, container, log),
    },
    {
      pattern: /(?:^|\/)var\/log\/containers\/(?<pod>etcd-[^/_]+)_[^/_]+_(?<container>etcd)-[0-9a-f]+\.log$/,
      meaning: ({ pod, container }) => ofPod(pod, container, 'container'),
    },
    {
      pattern: /^(?<root>sosreport-[^/]+)\/proc\/(?<name>diskstats|vmstat|meminfo|loadavg|stat)$/,
      meaning: ({ root, name }) => {
        const kind = procKinds[name ?? ''];
        const host = hostOf(root ?? 'host');
        return kind === undefined ? undefined : { who: { label: host }, proc: { kind, host } };
      },
    },
    {
      pattern:
        /(?:^|\/)sos_commands\/(?:etcd|openshift|kubernetes|containers_common|crio|podman)\/(?<name>[^/]*etcdctl[^/]*)$/,
      meaning: ({ name }) => ({ who: { label: name ?? 'etcdctl' } }),
    },
    {
      pattern: /(?:^|\/)sos_commands\/[^/]+\/(?<name>journalctl[^/]*(?:etcd|k3s|rke2-server)[^/]*)$/,
      meaning: ({ name }) => ({ who: { label: name ?? 'journal' } }),
    },
  ],
};
