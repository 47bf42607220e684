import type { Signer } from './bundle/sign.js';

/** A Prometheus that has scraped the cluster before. */
export interface PrometheusOptions {
  /** Base URL without a final slash; http or https, no user information. */
  readonly url: string;
  /** How far back is asked, ms. */
  readonly historyMs: number;
  /** Label matchers, `a="b",c=~"d"`. */
  readonly match?: string;
  /** Bearer token, read from its file. */
  readonly token?: string;
  readonly cacert?: string;
}

/** Everything a run needs, parsed and checked; secrets are already read from file, env or prompt and never logged. */
export interface CollectOptions {
  /** Seeds, `scheme://host:port` or `host:port`. */
  readonly endpoints: readonly string[];
  /** Discover the other members with a serializable member list. */
  readonly cluster: boolean;
  readonly tls: {
    readonly cacert?: string;
    readonly cert?: string;
    readonly key?: string;
    readonly insecureSkipTlsVerify: boolean;
    readonly serverName?: string;
  };
  readonly auth?: { readonly user: string; readonly password: string };
  /** Base URLs or `host:port` of metrics listeners, in addition to what is discovered. */
  readonly metricsEndpoints: readonly string[];
  readonly rounds: number;
  /** Length of the sampling window: first to last round, ms. */
  readonly windowMs: number;
  readonly budgetMs: number;
  readonly itemTimeoutMs: number;
  /** `[MEMBER=]FILE` pairs. */
  readonly logs: readonly { readonly member?: string; readonly file: string }[];
  readonly logSinceMs: number;
  readonly maxLogBytes: number;
  /** Look at this host: processes, files, /proc. */
  readonly local: boolean;
  /** Give way to the other processes of a host that has a member. Not when absent: whoever embeds the collector decides for their process. */
  readonly nice?: boolean;
  /** Data dirs of members that may not run now. */
  readonly dataDirs: readonly string[];
  /** `auto` (default), `none`, or the name of a profile in platforms/. */
  readonly platform?: string;
  /** Where the root of the host is mounted, when this is a container on it. */
  readonly hostRoot?: string;
  /** Client URLs to ask when no endpoints are named, found beside the local processes; those that do not answer count only when nothing does. */
  readonly furtherSeeds?: readonly string[];
  /** Bundle path; a directory when it ends in `/`; `-` streams to stdout. */
  readonly prometheus?: PrometheusOptions;
  /** Kubeconfigs of the user, by which the API server is asked; absent: that of this control-plane node, if any. */
  readonly kubeconfig?: { readonly paths: readonly string[]; readonly from: 'flag' | 'environment' };
  /** `false`: no API server is asked. */
  readonly kubernetes?: boolean;
  /** Reads and writes that add load may be made. */
  readonly allowLoad?: boolean;
  /** Count keys, below these prefixes too; needs `allowLoad`. */
  readonly keyspace?: { readonly prefixes: readonly string[] };
  readonly output?: string;
  readonly label?: string;
  /** age recipients (`age1...`) that the bundle is encrypted to; empty or absent: in the clear. */
  readonly encryptTo?: readonly string[];
  /** Signs the bundle. */
  readonly signer?: Signer;
  readonly redact: 'standard' | 'secrets-only' | 'none';
  /** File of the series key; default below the user's configuration directory. Used in mode `standard`. */
  readonly seriesKey?: string;
  /** Literals that the user wants replaced wherever they stand. */
  readonly redactWords?: readonly string[];
  /** Where the private map goes; default beside the bundle, `false` for none. */
  readonly map?: string | false;
  readonly progress: 'auto' | 'plain' | 'json' | 'none';
  readonly profile: 'default' | 'quick' | 'record';
  /** Allow-listed flags as given, for the manifest; never secrets. */
  readonly invocationFlags: Readonly<Record<string, string>>;
}
