/** deploy/kubernetes: valid, unprivileged, read-only on the node, and in step with the flags of the program. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { parseDocument } from 'yaml';
import { parseArguments } from '../../collector/cli/parse.js';
import { packageRoot, readPackageVersion } from '../../schemas/index.js';

interface Container {
  readonly command: readonly string[];
  readonly args: readonly string[];
  readonly env?: readonly { readonly name: string }[];
  readonly securityContext: { readonly capabilities: { readonly add?: readonly string[] } };
  readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string; readonly readOnly?: boolean }[];
}

interface Workload {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly selector?: { readonly matchLabels: Readonly<Record<string, string>> };
    readonly template: {
      readonly metadata: { readonly labels: Readonly<Record<string, string>> };
      readonly spec: {
        readonly hostPID?: boolean;
        readonly hostNetwork?: boolean;
        readonly securityContext: { readonly runAsUser: number; readonly runAsNonRoot?: boolean };
        readonly containers: readonly Container[];
        readonly volumes: readonly { readonly name: string; readonly hostPath?: { readonly path: string } }[];
      };
    };
  };
}

const folder = join(packageRoot, 'deploy', 'kubernetes');

/** One document, without duplicate keys and without a number that YAML 1.1 and 1.2 read differently (0440). */
const parse = (path: string): unknown => {
  const text = readFileSync(path, 'utf8');
  assert.doesNotMatch(text, /:\s+0\d+\s*$/m, `${path} has an octal number`);
  const document = parseDocument(text, { strict: true, uniqueKeys: true });
  assert.deepEqual([...document.errors, ...document.warnings], [], path);
  return document.toJS() as unknown;
};

const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A strategic merge as kubectl does it, as far as these manifests need it: maps by key, lists of named things by name. */
const merge = (base: unknown, patch: unknown): unknown => {
  if (isMap(base) && isMap(patch)) {
    const merged: Record<string, unknown> = { ...base };
    for (const [key, value] of Object.entries(patch)) merged[key] = key in base ? merge(base[key], value) : value;
    return merged;
  }
  if (Array.isArray(base) && Array.isArray(patch) && patch.every(isMap)) {
    const names = patch.map(({ name }) => name);
    const kept = base.map((each: unknown) => {
      const at = isMap(each) ? names.indexOf(each.name) : -1;
      return at === -1 ? each : merge(each, patch[at]);
    });
    return [...kept, ...patch.filter(({ name }) => !base.some((each: unknown) => isMap(each) && each.name === name))];
  }
  return patch;
};

interface Kustomization {
  readonly resources: readonly string[];
  readonly patches?: readonly { readonly path: string }[];
}

/** The one workload of a kustomization, with its patches. */
const build = (name: string): Workload => {
  const dir = join(folder, name);
  const { resources, patches = [] } = parse(join(dir, 'kustomization.yaml')) as Kustomization;
  const [resource = ''] = resources;
  const path = join(dir, resource);
  assert.ok(existsSync(path), path);
  const base = resource.endsWith('.yaml') ? parse(path) : build(join(name, resource));
  return patches.reduce((sum: unknown, patch) => merge(sum, parse(join(dir, patch.path))), base) as Workload;
};

const schema = JSON.parse(readFileSync(join(packageRoot, 'test', 'deploy', 'workload.schema.json'), 'utf8')) as object;
const valid = new Ajv2020({ strict: true, strictRequired: false, allErrors: true }).compile(schema);

const names = ['job', 'daemonset', 'daemonset-host-pid'] as const;

describe('manifests', () => {
  for (const name of names) {
    const workload = build(name);
    const { spec, metadata } = workload.spec.template;
    test(`${name}: only fields that were decided on, in their types`, () => {
      assert.ok(valid(workload), JSON.stringify(valid.errors, null, 1));
    });

    test(`${name}: nothing of the node can be written, every mount has its volume`, () => {
      const volumes = new Map(spec.volumes.map((volume) => [volume.name, volume]));
      const used = new Set<string>();
      for (const { volumeMounts } of spec.containers) {
        for (const mount of volumeMounts) {
          used.add(mount.name);
          assert.ok(volumes.has(mount.name), mount.name);
          if (mount.name === 'out') assert.equal(mount.mountPath, '/out');
          else assert.equal(mount.readOnly, true, mount.mountPath);
          const path = volumes.get(mount.name)?.hostPath?.path;
          if (path !== undefined) assert.equal(mount.mountPath, path, 'the node and the pod name files alike');
        }
      }
      assert.deepEqual(
        [...volumes.keys()].filter((volume) => !used.has(volume)),
        [],
      );
    });

    test(`${name}: the selector finds the pods`, () => {
      for (const [key, value] of Object.entries(workload.spec.selector?.matchLabels ?? {}))
        assert.equal(metadata.labels[key], value);
    });

    test(`${name}: the collector understands the flags, and files that they name are mounted`, async () => {
      for (const { command, args, env = [], volumeMounts } of spec.containers) {
        assert.deepEqual(command, ['node', '/opt/etcd-collect/collect-and-keep.mjs']);
        const known = new Set(env.map((variable) => variable.name));
        for (const [, variable = ''] of args.join(' ').matchAll(/\$\(([^)]*)\)/g))
          assert.ok(known.has(variable), variable);
        const values = args.map((arg) => arg.replaceAll(/\$\([^)]*\)/g, '10.0.0.1'));
        const parsed = await parseArguments(values, '0.0.0');
        assert.equal(parsed.command, 'run');
        const files = values.flatMap((arg) => /^--(?:cacert|cert|key)=(.+)$/.exec(arg)?.[1] ?? []);
        assert.equal(files.length, 3);
        for (const file of files)
          assert.ok(
            volumeMounts.some(({ mountPath }) => mountPath === dirname(file)),
            file,
          );
      }
    });
  }

  test('the image has the version of the package', () => {
    for (const name of ['job', 'daemonset']) {
      const { images } = parse(join(folder, name, 'kustomization.yaml')) as {
        images: { name: string; newTag: string }[];
      };
      assert.deepEqual(
        images.map((image) => [image.name, image.newTag]),
        [['etcd-collect', readPackageVersion()]],
      );
    }
  });

  test('the job runs as nobody; root and the namespaces of the host are where they are said to be', () => {
    const [job, daemonSet, hostPid] = names.map((name) => build(name).spec.template.spec);
    assert.deepEqual([job?.securityContext.runAsNonRoot, job?.hostNetwork, job?.hostPID], [true, undefined, undefined]);
    assert.ok((job?.securityContext.runAsUser ?? 0) > 0);
    assert.equal(
      job?.volumes.some(({ hostPath }) => hostPath !== undefined),
      false,
    );
    assert.deepEqual([daemonSet?.hostNetwork, daemonSet?.hostPID], [true, undefined]);
    assert.equal(daemonSet?.containers[0]?.securityContext.capabilities.add, undefined);
    assert.deepEqual([hostPid?.hostNetwork, hostPid?.hostPID], [true, true]);
    assert.deepEqual(hostPid?.containers[0]?.securityContext.capabilities.add, ['SYS_PTRACE']);
  });

  test('the schema refuses what must not happen', () => {
    for (const change of [
      (spec: Record<string, unknown>) => {
        spec.automountServiceAccountToken = true;
      },
      (spec: Record<string, unknown>) => {
        spec.hostIpc = true;
      },
      (spec: Record<string, unknown>) => {
        (spec.containers as { securityContext: Record<string, unknown> }[]).forEach(({ securityContext }) => {
          securityContext.privileged = true;
        });
      },
    ]) {
      const broken = structuredClone(build('daemonset')) as unknown as {
        spec: { template: { spec: Record<string, unknown> } };
      };
      change(broken.spec.template.spec);
      assert.equal(valid(broken), false);
    }
  });
});

test('Containerfile: the base is an argument, the user is nobody, only files of the release are copied', () => {
  const lines = readFileSync(join(packageRoot, 'deploy', 'Containerfile'), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
  const [arg, from, copy = '', user, entry = '', cmd, ...rest] = lines;
  assert.deepEqual(
    [arg, from, user, cmd, rest],
    ['ARG NODE_IMAGE', ['FROM $', '{NODE_IMAGE}'].join(''), 'USER 65532:65532', 'CMD ["--help"]', []],
  );
  const [, ...sources] = copy.split(' ');
  const target = sources.pop();
  assert.deepEqual(sources, ['etcd-collect.cjs', 'collect-and-keep.mjs', 'LICENSE', 'THIRD-PARTY-LICENSES.txt']);
  assert.deepEqual(JSON.parse(entry.replace('ENTRYPOINT ', '')), ['node', `${target}etcd-collect.cjs`]);
});
