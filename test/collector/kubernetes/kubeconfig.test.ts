import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type KubeAccess, parseKubeconfig } from '../../../collector/kubernetes/kubeconfig.js';
import { ProbeError } from '../../../collector/probe.js';

const base64 = (text: string): string => Buffer.from(text).toString('base64');

const config = (user: string, cluster = 'server: https://10.0.0.1:6443'): string => `apiVersion: v1
kind: Config
current-context: admin@one
contexts:
- {name: other, context: {cluster: two, user: nobody}}
- {name: admin@one, context: {cluster: one, user: admin}}
clusters:
- {name: two, cluster: {server: 'https://10.9.9.9:6443'}}
- name: one
  cluster:
    ${cluster}
users:
- name: admin
  user:
    ${user}
`;

const read = (text: string, path = '/etc/kubernetes/admin.conf'): KubeAccess => parseKubeconfig([{ path, text }]);

const fails = (text: string, state: string, pattern: RegExp): void => {
  assert.throws(
    () => read(text),
    (error: unknown) => {
      assert.ok(error instanceof ProbeError);
      assert.deepEqual([error.state, error.reason], [state, 'kubeconfig-unusable']);
      assert.match(error.message, pattern);
      assert.doesNotMatch(error.message, /canary/);
      return true;
    },
  );
};

describe('kubeconfig', () => {
  test('the current context leads to server, CA and client certificate', () => {
    const access = read(
      config(
        `{client-certificate-data: ${base64('CERT')}, client-key-data: ${base64('KEY')}}`,
        `certificate-authority-data: ${base64('CA')}\n    server: https://10.0.0.1:6443/\n    tls-server-name: kubernetes`,
      ),
    );
    assert.equal(access.server, 'https://10.0.0.1:6443');
    assert.equal(access.serverName, 'kubernetes');
    assert.deepEqual(access.ca, { data: Buffer.from('CA') });
    assert.deepEqual(access.certificate, { cert: { data: Buffer.from('CERT') }, key: { data: Buffer.from('KEY') } });
    assert.equal(access.token, undefined);
  });

  test('files are meant from the directory of the kubeconfig', () => {
    const access = read(
      config(
        '{client-certificate: pki/a.crt, client-key: /abs/a.key, tokenFile: token}',
        'server: https://h:1\n    certificate-authority: ca.crt',
      ),
      '/home/u/.kube/config',
    );
    assert.deepEqual(access.ca, { file: '/home/u/.kube/ca.crt' });
    assert.deepEqual(access.certificate, { cert: { file: '/home/u/.kube/pki/a.crt' }, key: { file: '/abs/a.key' } });
    assert.deepEqual(access.token, { file: '/home/u/.kube/token' });
  });

  test('of several files the first that has an entry counts', () => {
    const first = 'current-context: c\nclusters:\n- {name: one, cluster: {server: "https://first:1"}}\n';
    const second = `current-context: ignored
contexts: [{name: c, context: {cluster: one, user: u}}]
clusters: [{name: one, cluster: {server: "https://second:1"}}]
users: [{name: u, user: {token: t}}]
`;
    const access = parseKubeconfig([
      { path: '/a', text: first },
      { path: '/b', text: second },
    ]);
    assert.equal(access.server, 'https://first:1');
    assert.deepEqual(access.token, { value: 't' });
  });

  test('a program that would hand out credentials is not run, and that is said', () => {
    fails(config('{exec: {command: /bin/canary, apiVersion: client.authentication.k8s.io/v1}}'), 'unsupported', /exec/);
    fails(config('{auth-provider: {name: gcp}}'), 'unsupported', /auth-provider/);
  });

  test('no proxy, and no credentials in clear text over a network', () => {
    fails(config('{token: canary}', 'server: https://a:1\n    proxy-url: http://canary:1'), 'unsupported', /proxy/);
    fails(config('{token: canary}', 'server: http://10.0.0.1:8080'), 'unsupported', /not https/);
    assert.equal(read(config('{}', 'server: http://127.0.0.1:8001')).server, 'http://127.0.0.1:8001');
  });

  test('what is no kubeconfig is refused without a word of its content', () => {
    fails('canary: [', 'failed', /not valid YAML/);
    fails('- canary', 'failed', /no kubeconfig/);
    fails('current-context: ""', 'failed', /no current context/);
    fails('current-context: canary', 'failed', /names no cluster/);
    fails(config('{}', 'server: "canary url"'), 'failed', /no URL/);
    fails('a: &a [canary]\nb: [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a,*a,*a,*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]', 'failed', /YAML/);
  });
});
