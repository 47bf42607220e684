/** What the live tests share: run both programs as a user would, on a real cluster of the line in $ETCD_VERSION. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { type Manifest, packageRoot, type Report } from '../../schemas/index.js';
import type { Cluster } from '../lab/cluster/cluster.js';
import { type EtcdLine, isEtcdLine } from '../support/etcd-binaries.js';
import { FaultUnsupported } from '../lab/faults/index.js';
import { trueOfMachine } from '../lab/machine-truth.js';
import { watchMachine } from '../support/machine.js';

/** Release line under test. */
export const line: EtcdLine = ((): EtcdLine => {
  const wanted = process.env.ETCD_VERSION ?? '3.5';
  if (!isEtcdLine(wanted)) throw new Error(`ETCD_VERSION=${wanted} is none of 3.4, 3.5, 3.6, 3.7`);
  return wanted;
})();

export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly elapsedMs: number;
}

/** Runs a program of this package to its end. */
export const program = (
  name: 'collector' | 'analyzer',
  args: readonly string[],
  options: {
    readonly env?: Readonly<Record<string, string>>;
    readonly signalAfterMs?: readonly [NodeJS.Signals, number];
  } = {},
): Promise<Ran> =>
  new Promise((resolve, reject) => {
    const started = performance.now();
    const env = Object.fromEntries(Object.entries(process.env).filter(([key]) => !key.startsWith('ETCDCTL_')));
    const child = spawn(process.execPath, [join(packageRoot, 'dist', name, 'main.js'), ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...env, ...options.env },
    });
    const timer =
      options.signalAfterMs === undefined
        ? undefined
        : setTimeout(
            () => child.kill((options.signalAfterMs as readonly [NodeJS.Signals, number])[0]),
            options.signalAfterMs[1],
          );
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    child.on('error', reject);
    child.on('close', (code) => {
      clearTimeout(timer);
      resolve({ code, stdout, stderr, elapsedMs: performance.now() - started });
    });
  });

export interface Collected extends Ran {
  readonly bundle: string;
  readonly manifest: Manifest;
  /** Text of a file below the bundle root. */
  readonly read: (path: string) => string;
  readonly paths: readonly string[];
  /** Rules that were true of this very machine meanwhile, whatever was done to the cluster. */
  readonly machine: readonly string[];
}

/** A temporary directory that goes away with the test. */
export const tempDir = (t: TestContext): string => {
  const dir = mkdtempSync(join(tmpdir(), 'etcd-evidence-live-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
};

/** Flags that reach the cluster as its owner would. */
export const accessFlags = (
  cluster: Cluster,
  dir: string,
): { readonly flags: string[]; readonly env: Record<string, string> } => {
  const flags: string[] = [];
  const env: Record<string, string> = {};
  if (cluster.tls !== undefined) {
    flags.push('--cacert', cluster.tls.ca.cert, '--cert', cluster.tls.client.cert, '--key', cluster.tls.client.key);
  }
  if (cluster.auth !== undefined) {
    flags.push('--user', cluster.auth.user);
    env.ETCDCTL_PASSWORD = cluster.auth.password;
  }
  void dir;
  return { flags, env };
};

const untar = async (bundle: string, into: string): Promise<string> => {
  const { extract } = await import('tar');
  await extract({ file: bundle, cwd: into });
  const { readdirSync } = await import('node:fs');
  return join(into, readdirSync(into)[0] as string);
};

/** Runs etcd-collect against a cluster and opens the bundle; `extra` flags win over the defaults. */
export const collect = async (
  t: TestContext,
  cluster: Cluster,
  extra: readonly string[] = [],
  options: {
    readonly endpoints?: readonly string[];
    readonly signalAfterMs?: readonly [NodeJS.Signals, number];
    readonly access?: boolean;
  } = {},
): Promise<Collected> => {
  const dir = tempDir(t);
  const bundle = join(dir, 'bundle.tar.gz');
  const access = options.access === false ? { flags: [], env: {} } : accessFlags(cluster, dir);
  const endpoints = options.endpoints ?? cluster.endpoints();
  // Names of members are what most tests look for.
  const mode = extra.includes('--redact') ? [] : ['--redact', 'secrets-only'];
  const watch = watchMachine();
  const ran = await program(
    'collector',
    ['--endpoints', endpoints.join(','), '--quick', ...mode, ...access.flags, ...extra, '-o', bundle],
    {
      env: access.env,
      ...(options.signalAfterMs === undefined ? {} : { signalAfterMs: options.signalAfterMs }),
    },
  );
  const machine = trueOfMachine(watch.stop());
  const { mkdirSync, readdirSync } = await import('node:fs');
  const open = join(dir, 'open');
  mkdirSync(open);
  const root = await untar(bundle, open).catch((error: unknown) => {
    throw new Error(`no readable bundle (exit ${ran.code}): ${String(error)}\n${ran.stderr}`);
  });
  const read = (path: string): string => readFileSync(join(root, path), 'utf8');
  return {
    ...ran,
    bundle,
    manifest: JSON.parse(read('manifest.json')) as Manifest,
    read,
    paths: readdirSync(root, { recursive: true, encoding: 'utf8' }),
    machine,
  };
};

/** Runs etcd-analyze and returns its report. */
export const analyse = (bundle: string): Promise<{ readonly code: number | null; readonly report: Report }> =>
  analyseAll([bundle]);

/** Runs etcd-analyze on the bundles of several nodes as one case. */
export const analyseAll = async (
  bundles: readonly string[],
): Promise<{ readonly code: number | null; readonly report: Report }> => {
  const ran = await program('analyzer', [...bundles, '--format', 'json']);
  try {
    return { code: ran.code, report: JSON.parse(ran.stdout) as Report };
  } catch {
    throw new Error(`etcd-analyze gave no report (exit ${ran.code}): ${ran.stderr}`);
  }
};

/** The report in a few lines, for assertion messages. */
export const brief = (report: Report): string => {
  const findings = (['causes', 'symptoms', 'risks', 'notices'] as const).flatMap((role) =>
    report.diagnosis[role].map(
      (f) =>
        `${role}: ${f.rule} [${f.severity}, ${f.confidence.level}, ${f.when}] ${f.subjects.map((s) => s.name ?? s.id).join(',')}: ${f.message}\n${[...f.evidence, ...f.contradictedBy].map((e) => `      ${e.weight} ${e.state}: ${e.text} | ${e.observed ?? ''} | ${e.limit ?? ''}`).join('\n')}`,
    ),
  );
  return [`verdict ${report.verdict.kind}: ${report.verdict.headline}`, report.verdict.summary, ...findings].join('\n');
};

const rank = { info: 0, warning: 1, high: 2, critical: 3 } as const;

/**
 * No cause, no symptom of severity warning or above, verdict healthy. False, and the test is skipped, where the only thing said is
 * what the machine itself suffered from: then it cannot show a healthy cluster.
 */
export const assertHealthy = (t: TestContext, report: Report, machine: readonly string[]): boolean => {
  const alarms = [...report.diagnosis.causes, ...report.diagnosis.symptoms].filter(
    (f) => rank[f.severity] >= rank.warning,
  );
  assert.deepEqual(
    alarms.map((f) => f.rule).filter((rule) => !machine.includes(rule)),
    [],
    brief(report),
  );
  if (alarms.length > 0) {
    t.skip(`this machine was not healthy itself: ${alarms.map((f) => f.message).join(' ')}`);
    return false;
  }
  assert.equal(report.verdict.kind, 'healthy', brief(report));
  return true;
};

/** The first cause, apart from what the machine itself suffered from, is one of `rules`, about `member` (by name) when given. */
export const assertCause = (
  report: Report,
  machine: readonly string[],
  rules: readonly string[],
  member?: string,
): void => {
  const first = report.diagnosis.causes.find((cause) => rules.includes(cause.rule) || !machine.includes(cause.rule));
  assert.ok(
    first !== undefined && rules.includes(first.rule),
    `expected ${rules.join(' or ')} first\n${brief(report)}`,
  );
  if (member !== undefined) {
    assert.ok(
      first.subjects.some((subject) => subject.name === member || subject.id === member),
      `expected ${member} as subject\n${brief(report)}`,
    );
  }
};

/** Skips the test where this machine cannot have the fault (no root, no strace, no nftables). */
export const orSkip = async <T>(t: TestContext, make: () => Promise<T>): Promise<T | undefined> => {
  try {
    return await make();
  } catch (error) {
    if (!(error instanceof FaultUnsupported)) throw error;
    t.skip(error.message);
    return undefined;
  }
};

/** Manifest items of one member id. */
export const itemsOf = (manifest: Manifest, member: string): Manifest['items'] =>
  manifest.items.filter((item) => item.target.kind === 'member' && item.target.id === member);
