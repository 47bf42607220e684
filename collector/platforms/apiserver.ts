import { attempt, fileView, throughView } from '../local-files.js';
import type { FilesPort } from '../ports/files.js';
import { processTable } from '../ports/process.js';
import { containerOf } from './pod-file.js';
import type { Identity } from './profile.js';

/** How the API server of this host reaches etcd. */
export interface ApiServerEtcd {
  readonly source: string;
  readonly servers: readonly string[];
  readonly identity?: Identity;
}

const wanted = ['etcd-servers', 'etcd-cafile', 'etcd-certfile', 'etcd-keyfile'] as const;

/** Of a command line that may hold secrets nothing but the four flags about etcd is kept. */
const flagsOf = (argv: readonly string[]): Readonly<Record<string, string>> => {
  const found: Record<string, string> = {};
  for (const [at, word] of argv.entries()) {
    const [, name, inline] = /^--?([a-z-]+)(?:=(.*))?$/.exec(word) ?? [];
    if (name === undefined || !(wanted as readonly string[]).includes(name)) continue;
    const value = inline ?? argv[at + 1];
    if (value !== undefined) found[name] = value;
  }
  return found;
};

const describe = (
  source: string,
  argv: readonly string[],
  place: (path: string) => string,
): ApiServerEtcd | undefined => {
  const flags = flagsOf(argv);
  const servers = (flags['etcd-servers'] ?? '').split(',').filter((url) => /^https?:\/\//.test(url));
  const [ca, cert, key] = [flags['etcd-cafile'], flags['etcd-certfile'], flags['etcd-keyfile']];
  if (servers.length === 0) return undefined;
  const hasIdentity = ca !== undefined && cert !== undefined && key !== undefined;
  return {
    source,
    servers,
    ...(hasIdentity ? { identity: { ca: place(ca), cert: place(cert), key: place(key) } } : {}),
  };
};

const MANIFEST = '/etc/kubernetes/manifests/kube-apiserver.yaml';

/** From the running kube-apiserver, else from its static pod; undefined when there is none here. Never rejects. */
export const apiServerEtcd = async (files: FilesPort, signal: AbortSignal): Promise<ApiServerEtcd | undefined> => {
  const rows = (await attempt(processTable(files))) ?? [];
  for (const { pid } of rows.filter(({ command }) => command === 'kube-apiserver')) {
    const line = await attempt(files.readText(`/proc/${pid}/cmdline`, { signal }));
    const view = await fileView(files, pid);
    const found = describe('flags of kube-apiserver', (line ?? '').split('\0'), (path) => throughView(view, path));
    if (found !== undefined) return found;
  }
  const text = await attempt(files.readText(MANIFEST, { maxBytes: 256 * 1024, signal }));
  if (text === undefined) return undefined;
  try {
    const container = containerOf(text, 'kube-apiserver');
    return container === undefined ? undefined : describe(MANIFEST, container.argv, container.onHost);
  } catch {
    return undefined;
  }
};
