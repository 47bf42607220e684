import { isAddress } from './addresses.js';
import { kubernetesLabel, kubernetesRules } from './kubernetes.js';
import type { Tokens } from './tokens.js';
import { isCommonName } from './words.js';

/** What a field of a JSON artifact holds. Fields without a rule are text: searched, not replaced as a whole. */
export type FieldKind =
  | 'name'
  | 'dn'
  | 'uri'
  | 'path'
  | 'entry'
  | 'source'
  | 'cgroup'
  | 'settings'
  | 'host'
  | 'user'
  | 'segment'
  | 'interface'
  | 'key'
  | 'command'
  | 'identity'
  | 'query'
  | 'labels'
  | 'kube-labels'
  | 'invocation';

/** Kinds that hold for every field below, each by its own name. */
type Group = Extract<FieldKind, 'settings' | 'labels' | 'kube-labels' | 'invocation'>;
const groups: ReadonlySet<FieldKind | undefined> = new Set<Group>(['settings', 'labels', 'kube-labels', 'invocation']);

export type Rules = Readonly<Record<string, FieldKind>>;

const recordedMember: Rules = { 'members.name': 'name' };
const certificate: Rules = { subject: 'dn', issuer: 'dn', dnsNames: 'name', uris: 'uri' };

/** By artifact kind and name of the field, or `parent.field`. */
const rules: Readonly<Record<string, Rules>> = {
  manifest: {
    'targets.name': 'name',
    'targets.host': 'host',
    'vantage.host': 'host',
    'platform.evidence': 'command',
    'invocation.flags': 'invocation',
  },
  'access-map': {
    command: 'command',
    identity: 'identity',
    'vantage.certificate': 'dn',
    'vantage.user': 'user',
  },
  'member-list': { name: 'name' },
  'server-config': {
    flags: 'settings',
    env: 'settings',
    configFileValues: 'settings',
    configFile: 'path',
    dataDir: 'path',
    walDir: 'path',
  },
  'server-certificates': { ...certificate, path: 'path' },
  'tls-handshake': { ...certificate, host: 'name', serverName: 'name' },
  dns: { host: 'name' },
  'tcp-connect': { host: 'name' },
  'clock-offset': { host: 'name' },
  'host-os': { hostname: 'name' },
  filesystems: { path: 'path', mountPoint: 'path', source: 'source' },
  'block-devices': { 'mapper.name': 'segment', backingFile: 'path' },
  'datadir-listing': { dataDir: 'path', walDir: 'path', path: 'entry' },
  'datadir-wal': { ...recordedMember, dir: 'path' },
  'datadir-snap': { ...recordedMember, dir: 'path' },
  'datadir-db': { ...recordedMember, path: 'path' },
  'crash-markers': { log: 'path', 'coreFiles.path': 'path', corePattern: 'command', 'units.name': 'segment' },
  'fsync-probe': { dir: 'path', mountPoint: 'path', path: 'path' },
  'net-config': {
    'interfaces.name': 'interface',
    master: 'interface',
    lower: 'interface',
    interface: 'interface',
    search: 'name',
    'hosts.names': 'name',
  },
  'time-sync': { server: 'name' },
  history: { query: 'query', labels: 'labels' },
  keyspace: { root: 'key', prefix: 'key', notCounted: 'key' },
  cgroup: { path: 'cgroup' },
  ...kubernetesRules,
};

const nameFlags =
  /^(?:name|initial-cluster-token|discovery-srv|discovery-srv-name|(?:peer-)?cert-allowed-cn|client-cert-allowed-hostname|peer-cert-allowed-hostname|distributed-tracing-service-name)$/;
const pathFlags = /(?:-file|-dir)$|^log-outputs$|^etcd-(?:ca|cert|key)file$/;

/** A flag's name whatever the source: `--name`, `ETCD_NAME`, `name`. */
const flagOf = (name: string): string =>
  name.startsWith('ETCD_') ? name.slice(5).toLowerCase().replaceAll('_', '-') : name.replace(/^experimental-/, '');

/** A host: an address is found by its shape, anything else is a name; a port stays. */
const hostName = (tokens: Tokens, text: string): string => {
  if (isAddress(text) || text === '') return text;
  const [, host = text, port = ''] = /^([^:[\]/\s]+)(:\d{1,5})?$/.exec(text) ?? [];
  return isAddress(host) ? text : /[\s/]/.test(host) ? text : `${tokens.name(host)}${port}`;
};

const settingOf = (tokens: Tokens, name: string, value: string): string => {
  const flag = flagOf(name);
  if (nameFlags.test(flag))
    return value
      .split(',')
      .map((one) => hostName(tokens, one))
      .join(',');
  if (pathFlags.test(flag))
    return value
      .split(',')
      .map((one) => (one.includes('/') ? tokens.path(one) : one))
      .join(',');
  if (flag === 'initial-cluster')
    return value.replace(
      /(^|,)(\s*)([^=,]+)=/g,
      (_, comma: string, blank: string, member: string) => `${comma}${blank}${tokens.name(member)}=`,
    );
  if (flag === 'host-whitelist' || flag === 'distributed-tracing-address')
    return value
      .split(',')
      .map((one) => hostName(tokens, one))
      .join(',');
  return value;
};

/** Labels of metrics that say what is measured, not where. */
const plainLabels: ReadonlySet<string> = new Set(
  '__name__ job le quantile type code grpc_code grpc_method grpc_service grpc_type To From server_id local remote client_api_version server_version alarm_type'.split(
    ' ',
  ),
);

const labelOf = (tokens: Tokens, name: string, value: string): string =>
  plainLabels.has(name) || /^(?:\d+|[0-9a-f]{16})$/.test(value) ? value : hostName(tokens, value);

/**
 * PromQL: the values of its matchers. Dots that are escaped for a regular expression are written plainly, or the addresses between them
 * could not be seen.
 */
const queryOf = (tokens: Tokens, text: string): string =>
  text.replace(
    /([A-Za-z_][A-Za-z0-9_]{0,100})(\s{0,5}(?:=~|!~|!=|=)\s{0,5})"((?:\\.|[^"\\]){0,4096})"/g,
    (all, name: string, operator: string, value: string) => {
      if (plainLabels.has(name)) return all;
      const masked = value
        .replace(/\\+([.-])/g, '$1')
        .split('|')
        .map((one) => {
          if (/^\.?[*+]?$/.test(one)) return one;
          if (isAddress(one.replace(/:\d{1,5}$/, '').replace(/^\[|\]$/g, ''))) return one;
          return /^[A-Za-z0-9._:-]+$/.test(one) ? labelOf(tokens, name, one) : tokens.word(one);
        })
        .join('|');
      return `${name}${operator}"${masked}"`;
    },
  );

/** Flags of the collector as the manifest keeps them. */
const invocationOf = (tokens: Tokens, flag: string, value: string): string => {
  const each = (change: (one: string) => string): string => value.split(',').map(change).join(',');
  switch (flag) {
    case 'endpoints':
    case 'metrics-endpoints':
    case 'server-name':
      return each((one) => hostName(tokens, one));
    case 'keyspace-prefix':
      return each(tokens.key);
    case 'prometheus-match':
      return queryOf(tokens, value);
    case 'host-root':
      return tokens.path(value);
    default:
      return value;
  }
};

/** Paths among the words of a command. */
const commandOf = (tokens: Tokens, text: string): string =>
  text.replace(/(?<![\w:/.~-])\/[^\s'"`,;|&<>()]+/g, (path) => tokens.path(path));

/** `certificate CN=a, O=b, user c`, as the access map tells it. */
const identityOf = (tokens: Tokens, text: string): string => {
  const [, certificate, user] =
    /^(?:certificate (.+?))?(?:(?<=.), (?=user ))?(?:(?<=^|, )user (.+))?$/.exec(text) ?? [];
  if (certificate === undefined && user === undefined) return text;
  return [
    ...(certificate === undefined ? [] : [`certificate ${distinguishedName(tokens, certificate)}`]),
    ...(user === undefined ? [] : [`user ${tokens.user(user)}`]),
  ].join(', ');
};

/** Names that the kernel, systemd and network plugins give; `enx` is followed by the hardware address. */
const commonInterface =
  /^(?:lo|(?:eth|em|wlan|ib|bond|team|br|tun|tap|dummy|docker|virbr|veth|cali|lxc|cni|flannel|kube-|nodelocal|vxlan|geneve|genev_sys_|cilium_|ovn|ovs|wg|ppp|usb|tunl|sit|gre|gretap|erspan|ip_vti|ip6_vti|ip6tnl|ip6gre|ifb|vlan|macvlan|macvtap|ovn-k8s-mp|antrea-gw|antrea-tun|weave)[0-9a-f.]*|(?:en[ops]|wl[ops])\d[a-z0-9]{0,16}|kube-ipvs0|cilium_(?:host|net|vxlan|geneve)|vxlan\.calico|br-(?:int|ex|[0-9a-f]{12})|ovs-system|p\d+p\d+)(?:[.@:]\d{1,4})?$/;

/** `CN=cp-1, O=Acme Corp`: every value but the usual ones. Escapes and several values of one name stay one value each. */
export const distinguishedName = (tokens: Tokens, text: string): string =>
  text.replace(
    /((?:^|[,+/\n]\s*)[A-Za-z][A-Za-z0-9.]{0,40}=)((?:\\.|(?![,+/\n]\s*[A-Za-z][A-Za-z0-9.]{0,40}=)[^\n])*)/g,
    (_, name: string, value: string) => {
      const clean = value.trim();
      if (clean === '' || isCommonName(clean) || isAddress(clean)) return `${name}${value}`;
      // Countries name nobody.
      if (/(?:^|[,+/\s])C=$/.test(name)) return `${name}${value}`;
      return `${name}${/\s/.test(clean) || clean.includes('@') ? tokens.word(clean) : tokens.name(clean)}`;
    },
  );

/** NFS and CIFS servers, volume groups, pools; names of disks stay. */
export const mountSource = (tokens: Tokens, text: string): string => {
  if (
    /^\/dev\/(?:(?:s|v|xv|h)d[a-z]+\d*|nvme\d+n\d+(?:p\d+)?|md\d*|dm-\d+|loop\d+|mmcblk\d+(?:p\d+)?|root|zd\d+|rbd\d+|drbd\d+)$/.test(
      text,
    )
  )
    return text;
  if (/^[a-z]{2,12}$/.test(text)) return text;
  const remote = /^([^/:\s[\]]+|\[[^\]]+\]):(\/.*)$/.exec(text);
  if (remote?.[1] !== undefined && remote[2] !== undefined) {
    return `${hostName(tokens, remote[1])}:${tokens.path(remote[2])}`;
  }
  const share = /^\/\/([^/]+)(\/.*)?$/.exec(text);
  if (share?.[1] !== undefined) return `//${hostName(tokens, share[1])}${tokens.path(share[2] ?? '')}`;
  // Ceph names its monitors first.
  if (text.includes(':/')) return text.replace(/:\/(.*)$/, (_, rest: string) => `:/${tokens.path(rest)}`);
  return tokens.path(text);
};

const cgroupSegment =
  /^(?:kubepods(?:-[a-z]+)*(?:\.slice)?|burstable|besteffort|guaranteed|pod[0-9a-f_-]{36}|kubepods-[a-z]*-?pod[0-9a-f_-]{36}\.slice|(?:cri-containerd|crio|docker|containerd|libpod)[-:]?[0-9a-f]{12,64}(?:\.scope)?|(?:system|user|init|machine)\.(?:slice|scope)|user-\d+\.slice|user@\d+\.service|session-\w+\.scope|etcd\.service|k3s\.service|rke2-server\.service|level\d+|docker|[0-9a-f]{64})$/;

const cgroupPath = (tokens: Tokens, text: string): string =>
  text
    .split('/')
    .map((part) => (cgroupSegment.test(part) ? part : tokens.segment(part)))
    .join('/');

/** Whole-field replacement by the rule of kind and field; `text` comes back when there is none. */
const fieldValue = (tokens: Tokens, kind: FieldKind, text: string): string => {
  switch (kind) {
    case 'name':
      return text.includes('/') ? text : hostName(tokens, text);
    case 'host':
      return /^host-[0-9a-f]{8}$/.test(text) ? tokens.host(text) : text;
    case 'dn':
      return distinguishedName(tokens, text);
    case 'uri':
      return text.replace(
        /^([a-z][a-z0-9+.-]*:\/\/[^/]*)(\/.*)$/i,
        (_, start: string, rest: string) => `${start}${tokens.path(rest)}`,
      );
    case 'path':
      return text.includes('/') ? tokens.path(text) : text;
    case 'entry':
      return tokens.path(text.replace(/^wal:/, '')) === text.replace(/^wal:/, '')
        ? text
        : `${text.startsWith('wal:') ? 'wal:' : ''}${tokens.path(text.replace(/^wal:/, ''))}`;
    case 'source':
      return mountSource(tokens, text);
    case 'cgroup':
      return cgroupPath(tokens, text);
    case 'user':
      return tokens.user(text);
    case 'segment':
      return tokens.segment(text);
    case 'interface':
      return commonInterface.test(text) ? text : tokens.name(text);
    case 'key':
      return text.includes('/') ? tokens.key(text) : text;
    case 'command':
      return commandOf(tokens, text);
    case 'identity':
      return identityOf(tokens, text);
    case 'query':
      return queryOf(tokens, text);
    case 'settings':
    case 'labels':
    case 'kube-labels':
    case 'invocation':
      return text;
  }
};

const maxDepth = 100;

/**
 * Replaces fields that are identities as a whole, then hands every string (names of fields too) to `rest`. Numbers and shape stay; the
 * same value comes back when nothing changed. Throws when the value is nested too deeply to be vouched for.
 */
export const maskJson = (tokens: Tokens, artifact: string, input: unknown, rest: (text: string) => string): unknown => {
  const own = rules[artifact] ?? {};
  const ruleOf = (parent: string, field: string): FieldKind | undefined => {
    const exact = `${parent}.${field}`;
    return Object.hasOwn(own, exact) ? own[exact] : Object.hasOwn(own, field) ? own[field] : undefined;
  };
  const walk = (value: unknown, kind: FieldKind | undefined, field: string, depth: number): unknown => {
    if (depth > maxDepth) throw new Error('nested too deeply to be searched for names and addresses');
    if (typeof value === 'string') {
      const whole =
        kind === undefined
          ? value
          : kind === 'settings'
            ? settingOf(tokens, field, value)
            : kind === 'labels'
              ? labelOf(tokens, field, value)
              : kind === 'kube-labels'
                ? kubernetesLabel(tokens, field, value)
                : kind === 'invocation'
                  ? invocationOf(tokens, field, value)
                  : fieldValue(tokens, kind, value);
      return rest(whole);
    }
    if (Array.isArray(value)) return value.map((item) => walk(item, kind, field, depth + 1));
    if (value !== null && typeof value === 'object') {
      return Object.fromEntries(
        Object.entries(value).map(([name, item]) => [
          rest(name),
          walk(item, groups.has(kind) ? kind : ruleOf(field, name), name, depth + 1),
        ]),
      );
    }
    return value;
  };
  return walk(input, undefined, '', 0);
};
