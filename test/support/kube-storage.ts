import { spawn } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { packageRoot } from '../../schemas/index.js';
import { etcdCacheDir } from './etcd-binaries.js';
import type { KeyPair } from './pki.js';
import { runOk } from './run.js';
import { onPath } from './tools.js';

/** Release of k8s.io/apiserver whose storage layer is built: that of Kubernetes 1.33.5. */
const RELEASE = '0.33.5';
const BUILD_TIMEOUT_MS = 40 * 60_000;
/** Set to 1 to build it; takes minutes and some GB of memory, so a test run does not do it unasked. */
const BUILD = 'ETCD_EVIDENCE_BUILD_KUBE';

const sourceDir = join(packageRoot, 'test', 'support', 'kube-storage');
const cached = (): string => join(etcdCacheDir(), '..', 'kube-storage', RELEASE, 'kube-storage');

const build = async (to: string): Promise<void> => {
  const dir = join(to, '..');
  await mkdir(dir, { recursive: true });
  const work = await mkdtemp(join(dir, '.build-'));
  try {
    await cp(join(sourceDir, 'main.go'), join(work, 'main.go'));
    const requires = ['apimachinery', 'apiserver', 'component-base'].map(
      (name) => `require k8s.io/${name} v${RELEASE}\n`,
    );
    await writeFile(join(work, 'go.mod'), `module kube-storage-for-tests\n\ngo 1.24.0\n\n${requires.join('')}`);
    const env = { ...process.env, GOWORK: 'off', CGO_ENABLED: '0', GOFLAGS: '-mod=mod -buildvcs=false' };
    const out = join(work, 'kube-storage');
    await runOk('go', ['build', '-p', '1', '-trimpath', '-o', out, '.'], {
      cwd: work,
      env,
      timeoutMs: BUILD_TIMEOUT_MS,
    });
    await rename(out, to);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
};

/** Path of the program of `kube-storage/main.go`: from the cache, else built when the environment asks for it; else why not. */
export const findKubeStorage = async (): Promise<{ readonly path: string } | { readonly missing: string }> => {
  const path = cached();
  const isThere = await stat(path).then(
    () => true,
    () => false,
  );
  if (isThere) return { path };
  if (process.env[BUILD] !== '1') return { missing: `${path} is not there; ${BUILD}=1 builds it with Go` };
  if (onPath('go') === undefined) return { missing: 'the Go tool is not on PATH' };
  await build(path);
  return { path };
};

export interface KubeStorage {
  readonly url: string;
  readonly token: string;
  /** Requests that were no GET, as it logged them. */
  readonly refused: () => readonly string[];
  readonly kubeconfig: string;
  readonly stop: () => Promise<void>;
}

/** Starts it on an etcd without TLS, and writes a kubeconfig for it into `dir`. */
export const startKubeStorage = async (
  path: string,
  { etcd, ca, server, dir, objects = 20 }: { etcd: string; ca: string; server: KeyPair; dir: string; objects?: number },
): Promise<KubeStorage> => {
  const token = 'token-canary-of-the-kubeconfig';
  const child = spawn(
    path,
    [
      '-etcd',
      etcd,
      '-cert',
      server.cert,
      '-key',
      server.key,
      '-token',
      token,
      '-objects',
      String(objects),
      '-version',
      'v1.33.5',
    ],
    { stdio: ['pipe', 'pipe', 'pipe'] },
  );
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-65_536);
  });
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const port = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).once('line', resolve);
    void gone.then(() => reject(new Error(`kube-storage ended: ${stderr.slice(-2000)}`)));
  });
  const url = `https://127.0.0.1:${port}`;
  const kubeconfig = join(dir, 'kubeconfig');
  const caData = (await readFile(ca)).toString('base64');
  await writeFile(
    kubeconfig,
    `apiVersion: v1
kind: Config
current-context: c
contexts: [{name: c, context: {cluster: c, user: u}}]
clusters: [{name: c, cluster: {server: "${url}", certificate-authority-data: ${caData}}}]
users: [{name: u, user: {token: ${token}}}]
`,
    { mode: 0o600 },
  );
  return {
    url,
    token,
    kubeconfig,
    refused: () => stderr.split('\n').filter((line) => line.includes('REFUSED')),
    stop: async () => {
      child.stdin.end();
      const timer = setTimeout(() => child.kill('SIGKILL'), 2000);
      await gone;
      clearTimeout(timer);
    },
  };
};
