import { artifactKinds } from '../../../schemas/index.js';
import { reasonCodes } from '../../messages.js';

/** Words that name nobody: kept wherever they stand, since a bundle without them could not be read. */

const set = (words: string): ReadonlySet<string> => new Set(words.trim().split(/\s+/));

/** Names of members, hosts and certificates that come with etcd and Kubernetes. */
const commonNames = set(`
  localhost localdomain default etcd etcd-cluster etcd-cluster-1 etcd-server etcd-peer etcd-ca etcd-client etcdserver kube-etcd kube-etcd-peer kube-etcd-healthcheck-client
  kube-apiserver kube-apiserver-etcd-client cloud-controller-manager kubernetes kubernetes-ca kubernetes-admin kubernetes-front-proxy-ca front-proxy-client apiserver
  apiserver-etcd-client kube-controller-manager kube-scheduler kubelet k3s k0s rke2 server client peer ca root admin member members node nodes
  leader follower learner candidate master worker cluster host hostname local remote none null true false unknown example test svc system
  raft wal snap snapshot snapshots backend lease alarm auth user users role roles key keys value watch range put delete txn compact compaction
  defrag quota health metrics listen listener proxy gateway grpc http https tcp udp unix info warn warning error fatal debug panic kernel
  systemd journal docker containerd crio pod pods name names path data log logs config etc var lib tmp run home
  core ubuntu capv vmware-system-user kube-system kube-public kube-node-lease stdout stderr version index term revision size time timeout message request response status state stream count bytes
`);

/** Words of the bundle itself: a bundle in which one of them is masked does not fit its schemas. */
export const bundleWords: ReadonlySet<string> = new Set<string>([
  ...artifactKinds,
  ...reasonCodes,
  ...set(`
    etcd-evidence etcd-collect etcd-analyze standard secrets-only ok partial empty failed timeout denied unreachable unsupported not-applicable
    skipped-by-user skipped-by-budget withheld finished budget signal no-space seed process member-list flag vantage collection endpoint
    cheap moderate costly public internal sensitive read-only adds-load application text json plain jsonl linux x64 arm64 utc
  `),
]);

/** Domains whose hosts say nothing about the place: documentation, source code and cluster-internal zones. */
const publicDomains = [
  'etcd.io',
  'github.com',
  'golang.org',
  'go.dev',
  'k8s.io',
  'kubernetes.io',
  'grpc.io',
  'prometheus.io',
  'opentelemetry.io',
  'gopkg.in',
  'uber.org',
  'etcd.com',
];

/** Kept at the end of a name. */
const commonSuffixes = ['svc.cluster.local', 'cluster.local', 'svc', 'localdomain'];

/** Segments of paths that packages and installers create. */
const pathWords = set(`
  var lib etc etcd kubernetes pki member wal snap data datadir tmp home root opt srv mnt media usr local bin sbin share run log logs pods
  containers config conf cfg ssl cert certs tls ca crt pem key private public rancher k3s k0s rke2 server client peer db volume volumes
  default dev proc sys fs cgroup system host manifests static auth health healthcheck apiserver front proxy storage disk disks
  etcdctl events main backup backups old new current kubelet docker containerd users apps app service services wals snaps fixtures
  admin agent args azure backend bitnami bootstrap containerenv controller core coredump crash crictl dbus dmesg eks hosts id journal kern kube
  machine manager messages nsswitch os pod release resolv scheduler synchronized syslog timesync vmware wcp
  mapper common k8s microk8s k0scontroller k0sworker openshift resources master snapd chrony timesyncd trusted issuer bundle chain cacert cakey client serving all version env sysconfig cache systemd network cloud
`);

const pathPattern =
  /^(?:[0-9]{1,6}|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|[0-9a-f]{16}(?:-[0-9a-f]{16})?|[0-9a-f]{64}|v?\d+(?:\.\d+){1,3})$/i;

/** Whether the name is one of etcd's or Kubernetes's own, or too short to be anybody's. */
export const isCommonName = (name: string): boolean => {
  const lower = name.toLowerCase();
  if (lower.length < 2 || commonNames.has(lower) || bundleWords.has(lower) || /^\d{1,4}$/.test(lower)) return true;
  // `system:masters` and its like are groups of Kubernetes.
  if (/^system:[a-z-]{1,40}$/.test(lower)) return true;
  return /^kubernetes\.default(?:\.svc(?:\.cluster(?:\.local)?)?)?$/.test(lower);
};

export const isPublicDomain = (name: string): boolean =>
  publicDomains.some((domain) => name === domain || name.endsWith(`.${domain}`));

/** The part of a name that is the same in every cluster, with its dot; empty when there is none. */
export const commonSuffixOf = (name: string): string => {
  const found = commonSuffixes.find((suffix) => name.endsWith(`.${suffix}`));
  return found === undefined ? '' : `.${found}`;
};

/** Whether every word of a path segment is a usual one. */
export const isCommonSegment = (segment: string): boolean =>
  pathPattern.test(segment) ||
  segment
    .split(/[-_.]/)
    .every(
      (word) =>
        word === '' ||
        pathWords.has(word.toLowerCase()) ||
        /^(?:log|gz|ya?ml|json|snap|db|wal|broken|part|\d{1,2}|\d{8})$/i.test(word),
    );

/** Files of the kernel are the same everywhere; below some of them lie those of the place. */
export const isKernelPath = (path: string): boolean =>
  /^\/(?:proc|sys)\//.test(path) && !/^\/sys\/fs\/|\/(?:root|cwd|exe|fd|map_files)(?:\/|$)/.test(path);

/** Names in keys that are the same in every Kubernetes cluster. */
export const commonKeySegments = set(`
  registry kubernetes.io health default kube-system kube-public kube-node-lease compact_rev_key
  pods events leases secrets configmaps services endpoints endpointslices nodes namespaces minions deployments replicasets statefulsets
  daemonsets jobs cronjobs serviceaccounts roles rolebindings clusterroles clusterrolebindings persistentvolumes persistentvolumeclaims
  controllerrevisions masterleases ranges specs
`);

/** Top-level domains in whose sight dotted words count as host names. Endings of file names (`go`, `sh`, `rs`, `md`) are not among them. */
export const topLevels: readonly string[] =
  'com net org edu gov mil biz io dev cloud app tech internal intern intranet private corp home lan local localdomain company test example invalid eu de uk fr nl be at ch it es pt se fi dk cz us ca au nz jp cn kr br mx ru ua tr za ae il sg hk tw ie lu hu gr bg lt lv ee'.split(
    ' ',
  );
