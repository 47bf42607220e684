import { spawn } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { KeyPair } from './pki.js';

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
