import { cp, mkdir, mkdtemp, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { packageRoot } from '../../schemas/index.js';
import { etcdCacheDir } from './etcd-binaries.js';
import { runOk } from './run.js';
import { onPath } from './tools.js';

/**
 * `kube-storage`: the program of test/support/kube-storage, on the storage layer of an API server (600 packages, minutes to build).
 * `kube-apiserver`: the whole server (1900 packages, up to an hour on two busy cores).
 */
export type KubeProgram = 'kube-storage' | 'kube-apiserver';

/** Release that is built: Kubernetes 1.33.5, whose libraries are published as 0.33.5. */
const RELEASE = '33.5';
const BUILD_TIMEOUT_MS = 90 * 60_000;
/** Name of a program, or `all`: builds it when it is not there. Too long for a test run to do it unasked. */
const BUILD = 'ETCD_EVIDENCE_BUILD_KUBE';

/** Modules that k8s.io/kubernetes has in its own tree, and that are published beside it. */
const staging =
  `api apiextensions-apiserver apimachinery apiserver cli-runtime client-go cloud-provider cluster-bootstrap code-generator
  component-base component-helpers controller-manager cri-api cri-client csi-translation-lib dynamic-resource-allocation endpointslice
  externaljwt kms kube-aggregator kube-controller-manager kube-proxy kube-scheduler kubectl kubelet metrics mount-utils
  pod-security-admission sample-apiserver sample-cli-plugin sample-controller`
    .trim()
    .split(/\s+/);

const goMod = (program: KubeProgram): string => {
  const head = `module ${program}-for-tests\n\ngo 1.24.0\n\n`;
  if (program === 'kube-storage')
    return `${head}${['apimachinery', 'apiserver', 'component-base'].map((name) => `require k8s.io/${name} v0.${RELEASE}\n`).join('')}`;
  const replaced = staging.map((name) => `replace k8s.io/${name} => k8s.io/${name} v0.${RELEASE}\n`).join('');
  return `${head}require k8s.io/kubernetes v1.${RELEASE}\n\n${replaced}`;
};

const version = 'k8s.io/component-base/version';

const build = async (program: KubeProgram, to: string): Promise<void> => {
  const dir = join(to, '..');
  await mkdir(dir, { recursive: true });
  const work = await mkdtemp(join(dir, '.build-'));
  try {
    await writeFile(join(work, 'go.mod'), goMod(program));
    if (program === 'kube-storage')
      await cp(join(packageRoot, 'test', 'support', 'kube-storage', 'main.go'), join(work, 'main.go'));
    else
      await writeFile(
        join(work, 'tools.go'),
        '//go:build tools\n\npackage tools\n\nimport _ "k8s.io/kubernetes/cmd/kube-apiserver"\n',
      );
    const env = { ...process.env, GOWORK: 'off', CGO_ENABLED: '0', GOFLAGS: '-mod=mod -buildvcs=false' };
    const out = join(work, program);
    const what = program === 'kube-storage' ? '.' : 'k8s.io/kubernetes/cmd/kube-apiserver';
    const flags = `-s -w -X ${version}.gitVersion=v1.${RELEASE} -X ${version}.gitMajor=1 -X ${version}.gitMinor=33`;
    // One package at a time: some take a gigabyte of memory.
    const args = ['build', '-p', '1', '-trimpath', '-ldflags', flags, '-o', out, what];
    await runOk('go', args, { cwd: work, env, timeoutMs: BUILD_TIMEOUT_MS });
    await rename(out, to);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
};

/** Path of a program: from the cache beside the etcd binaries, else built when the environment asks for it; else why not. */
export const findKube = async (
  program: KubeProgram,
): Promise<{ readonly path: string } | { readonly missing: string }> => {
  const path = join(etcdCacheDir(), '..', program, `1.${RELEASE}`, program);
  const isThere = await stat(path).then(
    () => true,
    () => false,
  );
  if (isThere) return { path };
  const wanted = process.env[BUILD];
  if (wanted !== program && wanted !== 'all')
    return { missing: `${path} is not there; ${BUILD}=${program} builds it with Go` };
  if (onPath('go') === undefined) return { missing: 'the Go tool is not on PATH' };
  await build(program, path);
  return { path };
};
