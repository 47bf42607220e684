import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { type HostTarget, type ProbeContext, ProbeError } from '../../../../collector/probe.js';
import staticPods from '../../../../collector/probes/host/static-pods.js';
import { validate } from '../../../../schemas/index.js';
import { fakeHost } from '../../fake-files.js';

/** As kubeadm 1.33 writes it, with canaries where others put secrets. */
const apiserver = `apiVersion: v1
kind: Pod
metadata:
  annotations: {kubeadm.kubernetes.io/kube-apiserver.advertise-address.endpoint: canary}
  name: kube-apiserver
spec:
  containers:
  - command:
    - kube-apiserver
    - --etcd-servers=https://root:canary@127.0.0.1:2379
    - --etcd-cafile=/etc/kubernetes/pki/etcd/ca.crt
    - --etcd-compaction-interval=10m
    - --service-account-issuer=https://canary.example
    - --token-auth-file=/canary
    env: [{name: PASSWORD, value: canary}]
    image: canary.example:5000/kube-apiserver:v1.33.5
    livenessProbe:
      failureThreshold: 8
      httpGet: {host: 10.0.0.1, path: /livez, port: 6443, scheme: HTTPS}
      initialDelaySeconds: 10
      timeoutSeconds: 15
    name: kube-apiserver
    resources: {requests: {cpu: 250m}}
  priorityClassName: system-node-critical
`;

const etcd = `kind: Pod
spec:
  containers:
  - name: etcd
    image: registry.k8s.io/etcd:3.5.21-0
    command: [etcd, --name=cp-1, --quota-backend-bytes=8589934592, --unknown-canary=canary]
    livenessProbe: {httpGet: {path: '/health?canary=1&x=y z', port: probe-port}}
    resources: {limits: {memory: 2Gi, canary.example/gpu: 1}}
`;

const hosts: ReturnType<typeof fakeHost>[] = [];
after(() => {
  for (const host of hosts) host.remove();
});

const run = (put: Readonly<Record<string, string>>, denied: readonly string[] = []) => {
  const host = fakeHost(denied);
  hosts.push(host);
  for (const [path, text] of Object.entries(put)) host.put(path, text);
  return staticPods.run({
    files: host.files,
    signal: AbortSignal.timeout(3000),
  } as unknown as ProbeContext<HostTarget>);
};

describe('static-pods', () => {
  test('flags of the list, probes, resources; nothing else', async () => {
    const result = await run({
      '/etc/kubernetes/manifests/kube-apiserver.yaml': apiserver,
      '/etc/kubernetes/manifests/etcd.yaml': etcd,
    });
    const content = result.parts[0]?.content;
    assert.ok(validate('static-pods', content).ok);
    assert.equal(result.state, 'ok');
    const [first, second] = content?.pods ?? [];
    assert.deepEqual(first?.flags, { name: 'cp-1', 'quota-backend-bytes': '8589934592' });
    assert.deepEqual(first?.omitted, ['unknown-canary']);
    assert.deepEqual(first?.limits, { memory: '2Gi' });
    assert.deepEqual(first?.probes, [{ kind: 'liveness', asks: 'http://:named/...' }]);
    assert.deepEqual(second?.flags, {
      'etcd-servers': 'https://127.0.0.1:2379',
      'etcd-cafile': '/etc/kubernetes/pki/etcd/ca.crt',
      'etcd-compaction-interval': '10m',
    });
    assert.deepEqual(second?.omitted, ['service-account-issuer', 'token-auth-file']);
    assert.deepEqual(second?.probes, [
      {
        kind: 'liveness',
        asks: 'https://:6443/livez',
        initialDelaySeconds: 10,
        timeoutSeconds: 15,
        failureThreshold: 8,
      },
    ]);
    assert.deepEqual(
      [second?.imageTag, second?.priorityClass, second?.requests],
      ['v1.33.5', 'system-node-critical', { cpu: '250m' }],
    );
    assert.doesNotMatch(JSON.stringify(content).replace('unknown-canary', ''), /canary/);
  });

  test('a host without static pods does not apply; one that may not be read is denied', async () => {
    const fails = async (work: Promise<unknown>): Promise<string> =>
      work.then(
        () => 'ok',
        (error: unknown) => (error instanceof ProbeError ? `${error.state} ${error.reason}` : String(error)),
      );
    assert.equal(await fails(run({})), 'not-applicable not-this-platform');
    assert.equal(
      await fails(run({ '/etc/kubernetes/manifests/etcd.yaml': etcd }, ['/etc/kubernetes/manifests'])),
      'denied file-access',
    );
    assert.equal(await fails(run({ '/etc/kubernetes/manifests/etcd.yaml': 'a: [' })), 'failed malformed-answer');
  });

  test('one broken manifest does not hide the other', async () => {
    const result = await run({
      '/etc/kubernetes/manifests/etcd.yaml': 'a: [',
      '/etc/kubernetes/manifests/kube-apiserver.yaml': apiserver,
    });
    assert.deepEqual([result.state, result.parts[0]?.content.pods.length], ['partial', 1]);
  });
});
