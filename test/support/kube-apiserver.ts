import { spawn } from 'node:child_process';
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { request } from 'node:https';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../lab/cluster/peer-proxy.js';
import { type Authority, issueCertificate, type KeyPair } from './pki.js';

const READY_MS = 90_000;

export interface KubeApiServer {
  readonly url: string;
  /** Kubeconfig of an administrator, by client certificate, as kubeadm writes it. */
  readonly admin: string;
  /** Kubeconfig of a user without any right but those of everybody, by token. */
  readonly nobody: string;
  /** One request as administrator; rejects when the status is no success. */
  readonly call: (method: string, path: string, body?: object) => Promise<unknown>;
  /** Lines of the audit log: who asked what with which verb. */
  readonly audit: () => Promise<readonly { readonly verb: string; readonly uri: string; readonly user: string }[]>;
  readonly stop: () => Promise<void>;
}

const kubeconfigOf = async (ca: string, url: string, user: string): Promise<string> => `apiVersion: v1
kind: Config
current-context: c
contexts: [{name: c, context: {cluster: c, user: u}}]
clusters: [{name: c, cluster: {server: "${url}", certificate-authority-data: ${(await readFile(ca)).toString('base64')}}}]
users: [{name: u, user: ${user}}]
`;

/** A kube-apiserver with RBAC on an etcd without TLS; everything lies in `dir`. */
export const startKubeApiServer = async (
  path: string,
  { etcd, ca, dir }: { etcd: string; ca: Authority; dir: string },
): Promise<KubeApiServer> => {
  const at = (name: string): string => join(dir, name);
  const server = await issueCertificate(ca, { name: 'kube-apiserver', hosts: ['127.0.0.1'] });
  const admin: KeyPair = await issueCertificate(ca, {
    name: 'admin',
    commonName: 'kubernetes-super-admin',
    eku: ['clientAuth'],
  });
  const account = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  await writeFile(at('sa.key'), account.privateKey, { mode: 0o600 });
  const [adminToken, nobodyToken] = [randomUUID(), `nobody-canary-${randomUUID()}`];
  await writeFile(at('tokens.csv'), `${adminToken},root-of-test,1,"system:masters"\n${nobodyToken},nobody,2\n`, {
    mode: 0o600,
  });
  await writeFile(
    at('audit.yaml'),
    'apiVersion: audit.k8s.io/v1\nkind: Policy\nomitStages: [RequestReceived]\nrules: [{level: Metadata}]\n',
  );
  const port = await freePort('127.0.0.1');
  const url = `https://127.0.0.1:${port}`;
  const child = spawn(
    path,
    [
      `--etcd-servers=${etcd}`,
      `--secure-port=${port}`,
      '--bind-address=127.0.0.1',
      '--advertise-address=127.0.0.1',
      `--tls-cert-file=${server.cert}`,
      `--tls-private-key-file=${server.key}`,
      `--client-ca-file=${ca.cert}`,
      `--token-auth-file=${at('tokens.csv')}`,
      '--authorization-mode=RBAC',
      // Objects are counted every minute by default.
      '--etcd-count-metric-poll-period=2s',
      '--service-account-issuer=https://kubernetes.default.svc',
      `--service-account-key-file=${at('sa.key')}`,
      `--service-account-signing-key-file=${at('sa.key')}`,
      '--service-cluster-ip-range=10.96.0.0/16',
      '--disable-admission-plugins=ServiceAccount,TaintNodesByCondition,Priority',
      `--audit-policy-file=${at('audit.yaml')}`,
      `--audit-log-path=${at('audit.log')}`,
      `--cert-dir=${dir}`,
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-65_536);
  });
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const caText = await readFile(ca.cert);
  const call: KubeApiServer['call'] = (method, uri, body) =>
    new Promise((resolve, reject) => {
      const headers = {
        authorization: `Bearer ${adminToken}`,
        'content-type': method === 'PATCH' ? 'application/merge-patch+json' : 'application/json',
      };
      const sent = request(`${url}${uri}`, { method, headers, ca: caText }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
        response.on('end', () => {
          const status = response.statusCode ?? 0;
          if (status >= 300) reject(new Error(`${method} ${uri}: ${status} ${text.slice(0, 500)}`));
          else resolve(text.startsWith('{') ? JSON.parse(text) : text);
        });
        response.on('error', reject);
      });
      sent.on('error', reject);
      sent.end(body === undefined ? undefined : JSON.stringify(body));
    });
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), 3000);
    await gone;
    clearTimeout(timer);
  };
  const deadline = Date.now() + READY_MS;
  for (;;) {
    const ready = await call('GET', '/readyz').then(
      () => true,
      () => false,
    );
    if (ready) break;
    if (child.exitCode !== null || Date.now() > deadline) {
      await stop();
      throw new Error(`kube-apiserver is not ready: ${stderr.slice(-3000)}`);
    }
    await sleep(250);
  }
  const pem = async (file: string): Promise<string> => (await readFile(file)).toString('base64');
  await writeFile(
    at('admin.conf'),
    await kubeconfigOf(
      ca.cert,
      url,
      `{client-certificate-data: ${await pem(admin.cert)}, client-key-data: ${await pem(admin.key)}}`,
    ),
    { mode: 0o600 },
  );
  // The organisation of a certificate is its group; the test's certificates have none, so the name gets the role.
  await call('POST', '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings', {
    metadata: { name: 'admin-of-test' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
    subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'kubernetes-super-admin' }],
  });
  await writeFile(at('nobody.conf'), await kubeconfigOf(ca.cert, url, `{token: ${nobodyToken}}`), { mode: 0o600 });
  return {
    url,
    admin: at('admin.conf'),
    nobody: at('nobody.conf'),
    call,
    audit: async () =>
      (await readFile(at('audit.log'), 'utf8'))
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as { verb: string; requestURI: string; user: { username: string } })
        .map(({ verb, requestURI, user }) => ({ verb, uri: requestURI, user: user.username })),
    stop,
  };
};
