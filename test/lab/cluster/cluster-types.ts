import type { EtcdBinaries, EtcdLine } from '../../support/etcd-binaries.js';
import type { EtcdClient, TlsCredentials } from '../../support/etcd-client.js';
import type { Host } from './hosts.js';
import type { Lab } from './lab.js';
import type { Sample } from '../../support/metrics.js';
import type { NetnsLab } from './netns.js';
import type { PeerProxy } from './peer-proxy.js';
import type { Authority, CertificateOptions, KeyPair } from '../../support/pki.js';
import type { RunOptions, RunResult } from '../../support/run.js';

export type ClusterOptions = {
  /** Release line of all members; default 3.5. `binaries` overrides it. */
  version?: EtcdLine;
  binaries?: EtcdBinaries;
  /** Number of members; default 3. */
  size?: number;
  /** Further members that are laid out (host, addresses, certificates) and neither listed nor started; default 0. */
  spares?: number;
  /** `mtls`: https for clients and peers, client certificates demanded on both. Default `none`. */
  tls?: 'none' | 'mtls';
  /** With `mtls`: certificates of single members that differ from the good ones. */
  certificates?: Readonly<Record<number, { server?: CertificateChange; peer?: CertificateChange }>>;
  /**
   * Turn authentication on; `root` gets the same password if another user is named. `token`: simple (default, kept in the memory of
   * the members) or jwt (signed, with one key for all members).
   */
  auth?: { user: string; password: string; token?: 'simple' | 'jwt' };
  /** Extra flags of every member, such as `--quota-backend-bytes=16777216`. */
  flags?: readonly string[];
  /** Extra flags by member index, after `flags`. */
  memberFlags?: Readonly<Record<number, readonly string[]>>;
  /** Release line by member index. */
  memberVersions?: Readonly<Record<number, EtcdLine>>;
  env?: Readonly<Record<string, string>>;
  logLevel?: 'debug' | 'info' | 'warn' | 'error';
  /** A network namespace per member (root only). Default: loopback, each member with a 127.x.y.z of its own. */
  netns?: boolean;
  /**
   * A host per member (root only, implies `netns`): process, mount and host-name namespaces, a machine id and a disk of its own.
   * A number is the size of the disks in MiB, a list that of each; `true` means 8192, sparse (more than the default quota, as a real disk is).
   */
  hosts?: boolean | number | readonly number[];
  /** Where the disks of hosts lie: `memory` (default) where there is plenty of it, or the `device` under the temporary directory. */
  disks?: 'memory' | 'device';
  /** Loop devices with numbers that no other lab gets: the kernel's log names them long after they are gone. */
  ownLoops?: boolean;
  /** Put a switchable relay in front of every peer port; `netDelay` and, without netns, `partition` need it. */
  peerProxy?: boolean;
  /** A separate plain-http metrics listener per member; default only with `mtls`. */
  metricsUrls?: boolean;
  /** Indexes of members that are not expected to become healthy. */
  dontWaitFor?: readonly number[];
  /** How long to wait for the cluster to serve, in milliseconds (default 60000). */
  startTimeoutMs?: number;
};

/** What to change about a certificate; `otherAuthority` has it signed by a CA that nobody trusts. */
export type CertificateChange = Partial<Omit<CertificateOptions, 'name'>> & { otherAuthority?: boolean };

export type StartOverrides = {
  /** Replace the extra flags the member was started with; each takes the place of a standard flag of the same name. */
  flags?: readonly string[];
  version?: EtcdLine;
  /** Instead of `version`. */
  binaries?: EtcdBinaries;
  env?: Readonly<Record<string, string>>;
};

export type Member = {
  index: number;
  name: string;
  /** 16 lower-case hex digits; empty for a spare until it is added. */
  id: string;
  address: string;
  clientUrl: string;
  /** The URL the other members know it by (a relay's with `peerProxy`). */
  peerUrl: string;
  metricsUrl?: string;
  dataDir: string;
  logFile: string;
  version: string;
  /** Present with `mtls`. */
  credentials?: TlsCredentials;
  /** Present with `hosts`. */
  host?: Host;
  /** Of the running or last run process. */
  readonly pid: number;
  readonly running: boolean;
  /** Command line as started last. */
  readonly args: readonly string[];
  /** The extra flags among them: what to hand to `start`, with more, to keep them. */
  readonly flags: readonly string[];
  /** Send a signal; for SIGKILL and SIGTERM wait until the process is gone and its ports are free. */
  stop: (signal: 'SIGSTOP' | 'SIGCONT' | 'SIGKILL' | 'SIGTERM') => Promise<void>;
  /** Start again with the same flags, or overridden ones. Does not wait for health. */
  start: (overrides?: StartOverrides) => Promise<void>;
  /** A client of this member only, logged in if the cluster has authentication. Close it. */
  client: () => Promise<EtcdClient>;
  /** Scrape /metrics. */
  metrics: (timeoutMs?: number) => Promise<Sample[]>;
  /** Text of the log so far. */
  log: () => Promise<string>;
};

/** The TLS side of a cluster as its users have it. */
export type UserTls = {
  /** Authority of the cluster. `ca.cert` is the users' copy of its certificate: members and lab clients do not read that file. */
  ca: Authority;
  /** A client certificate that every member accepts; the lab's own clients have it in memory and do not read the files again. */
  client: KeyPair;
  credentials: TlsCredentials;
  /** Certificate files of member (or spare) i at i. */
  pairs: readonly { server: KeyPair; peer: KeyPair }[];
  /**
   * Put another certificate in the place of the one that a member uses for clients (`server`) or for peers. etcd reads the files at
   * every new handshake; what is connected stays connected. Returns what puts the old one back.
   */
  replace: (index: number, use: 'server' | 'peer', change: CertificateChange) => Promise<() => void>;
};

export type Cluster = {
  lab: Lab;
  /** The members it was founded with. */
  members: readonly Member[];
  /** Members laid out but neither started nor in the initial cluster; their indexes go on behind those of the members. */
  spares: readonly Member[];
  /** A member or a spare by its index. */
  member: (index: number) => Member;
  binaries: EtcdBinaries;
  /** Present with `mtls`. */
  tls?: UserTls;
  auth?: { user: string; password: string } | undefined;
  netns?: NetnsLab;
  /** With `hosts`: that of member (or spare) i at i. */
  hosts?: readonly Host[];
  proxy?: PeerProxy;
  endpoints: () => string[];
  /** Until every running member (or those of the given indexes) serves a linearizable read; throws after `timeoutMs` (default 30000). */
  waitHealthy: (timeoutMs?: number, indexes?: readonly number[]) => Promise<void>;
  /** The member (or spare) that the running ones agree to be leader; throws if there is none after `timeoutMs` (default 10000). */
  leader: (timeoutMs?: number) => Promise<Member>;
  /** Run etcdctl (API v3) against all members (or those in `via`) with the right certificates and login. */
  etcdctl: (args: readonly string[], options?: RunOptions & { via?: readonly Member[] }) => Promise<RunResult>;
  /** Kill everything and remove every trace. Idempotent. */
  dispose: () => Promise<void>;
};
