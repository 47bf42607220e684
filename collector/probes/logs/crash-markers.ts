import { dirname } from 'node:path';
import { crashMarkers } from '../../crash-lines.js';
import { chronological } from '../../journal.js';
import { attempt, needsLocal } from '../../local-files.js';
import { findLogSources, unitOf } from '../../log-sources.js';
import { runCommand, type RunCommand } from '../../ports/command.js';
import { defineProbe, type MemberTarget, type ProbeContext, ProbeError } from '../../probe.js';
import type { CrashMarkersArtifact } from '../../../schemas/index.js';

type Artifact = CrashMarkersArtifact;
type Container = Artifact['containers'][number];
type Asked = Artifact['asked'][number];

/** A dump of all goroutines of a busy member is some 100 KB. */
const TAIL_BYTES = 512 * 1024;
const GENERATIONS = 4;
const COMMAND_MS = 1_500;
const COMMAND_BYTES = 1024 * 1024;
const JOURNAL_LINES = '5000';
const MAX_CONTAINERS = 4;
const MAX_CORES = 20;
const MAX_TEXT = 200;

/** Units a member that does not run may be of. */
const usualUnits = ['etcd.service', 'k3s.service', 'rke2-server.service', 'k0scontroller.service'];
const unitProperties = [
  'LoadState',
  'ActiveState',
  'SubState',
  'Result',
  'NRestarts',
  'Restart',
  'ExecMainCode',
  'ExecMainStatus',
  'ExecMainStartTimestamp',
  'ExecMainExitTimestamp',
  'StateChangeTimestamp',
  'WatchdogUSec',
];

/** Where crictl is, with the configuration it needs there (RKE2 ships its own). */
const crictls = [
  { file: 'crictl', args: [] },
  {
    file: '/var/lib/rancher/rke2/bin/crictl',
    args: ['--config', '/var/lib/rancher/rke2/agent/etc/crictl.yaml'],
  },
] as const;

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const parse = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
const text = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value.slice(0, MAX_TEXT) : undefined;

/** crictl prints RFC 3339, or nanoseconds since epoch; 0 and the year 1 mean never. */
const timeOf = (value: unknown): string | undefined => {
  const raw = typeof value === 'number' ? String(value) : value;
  if (typeof raw !== 'string') return undefined;
  const ms = /^\d{16,20}$/.test(raw) ? Number(BigInt(raw) / 1_000_000n) : Date.parse(raw);
  return ms > 0 && ms < 8.64e15 ? new Date(ms).toISOString() : undefined;
};

const failedOf = (what: string, error: unknown): Asked => {
  if (!(error instanceof ProbeError)) throw error;
  const state = error.reason === 'file-missing' ? 'missing' : 'failed';
  return { what, state, message: error.message.slice(0, MAX_TEXT) };
};

interface Reading {
  readonly context: ProbeContext<MemberTarget>;
  readonly run: RunCommand;
  readonly cgroup: string;
}

const command = async ({ context, run }: Reading, file: string, args: readonly string[]): Promise<string> => {
  const { signal, timeoutMs } = context;
  const options = { signal, timeoutMs: Math.min(COMMAND_MS, timeoutMs / 3), maxBytes: COMMAND_BYTES };
  return (await run(file, args, options)).stdout.toString('utf8');
};

const searchFile = async (
  { files, signal }: ProbeContext<MemberTarget>,
  path: string,
  generation: number,
): Promise<Pick<Artifact, 'markers' | 'logs'>> => {
  const log = { log: path, generation };
  try {
    const { size, mtimeMs } = await files.stat(path, { signal });
    const facts = { ...log, size: size.toString(), modified: new Date(mtimeMs).toISOString() };
    if (path.endsWith('.gz')) return { markers: [], logs: [{ ...facts, bytes: 0, error: 'compressed: not searched' }] };
    const start = Number(size) > TAIL_BYTES ? Number(size) - TAIL_BYTES : 0;
    const tail = await files.readRange(path, start, TAIL_BYTES, signal);
    const markers = crashMarkers(tail.toString('utf8')).map((marker) => ({ ...marker, ...log }));
    return { markers, logs: [{ ...facts, bytes: tail.length }] };
  } catch (error) {
    if (!(error instanceof ProbeError)) throw error;
    return { markers: [], logs: [{ ...log, bytes: 0, error: error.message.slice(0, MAX_TEXT) }] };
  }
};

const searchJournal = async (reading: Reading, unit: string): Promise<Pick<Artifact, 'markers' | 'logs'>> => {
  const log = { log: `journal of ${unit}`, generation: 0 };
  try {
    const args = ['--unit', unit, '--output', 'short-iso-precise', '--no-pager', '--quiet', '--utc', '--reverse'];
    const newestFirst = await command(reading, 'journalctl', [...args, '--lines', JOURNAL_LINES]);
    const content = chronological(Buffer.from(newestFirst)).toString('utf8');
    const markers = crashMarkers(content).map((marker) => ({ ...marker, ...log }));
    return { markers, logs: [{ ...log, bytes: content.length }] };
  } catch (error) {
    if (!(error instanceof ProbeError)) throw error;
    return { markers: [], logs: [{ ...log, bytes: 0, error: error.message.slice(0, MAX_TEXT) }] };
  }
};

const searchLogs = async (reading: Reading): Promise<Pick<Artifact, 'markers' | 'logs'>> => {
  const { context } = reading;
  const { sources } = await findLogSources(context.files, context.target, context.signal);
  const found: Pick<Artifact, 'markers' | 'logs'>[] = [];
  for (const source of sources) {
    if (source.type === 'journal') found.push(await searchJournal(reading, source.unit));
    else {
      for (const [generation, path] of [source.path, ...source.previous].slice(0, GENERATIONS).entries())
        found.push(await searchFile(context, path, generation));
    }
  }
  return { markers: found.flatMap(({ markers }) => markers), logs: found.flatMap(({ logs }) => logs) };
};

const isEtcdContainer = (name: unknown): boolean =>
  typeof name === 'string' && /etcd/.test(name) && !/ctl|metrics|ready|init|ensure/.test(name);

interface Listed {
  readonly id: string;
  readonly pod: string;
}

/** Ids of containers named after etcd, newest first; of the pod of the process, as far as its cgroup names one. */
export const listedContainers = (output: string, cgroup: string): Listed[] => {
  const reply = parse(output);
  const list: readonly unknown[] = isRecord(reply) && Array.isArray(reply['containers']) ? reply['containers'] : [];
  const all = list
    .filter(isRecord)
    .filter(({ metadata }) => isRecord(metadata) && isEtcdContainer(metadata['name']))
    .flatMap(({ id, labels, createdAt }) =>
      typeof id === 'string' && /^[0-9a-f]{12,64}$/.test(id)
        ? [
            {
              id,
              pod: isRecord(labels) ? (text(labels['io.kubernetes.pod.uid']) ?? '') : '',
              created: timeOf(createdAt) ?? '',
            },
          ]
        : [],
    )
    .sort((a, b) => (a.created < b.created ? 1 : -1));
  const pods = new Set(all.map(({ pod }) => pod));
  const own = all.filter(
    ({ pod }) => pod !== '' && (cgroup.includes(pod) || cgroup.includes(pod.replaceAll('-', '_'))),
  );
  // Of several pods without a hint, none is known to be this member's.
  const chosen = own.length > 0 ? own : pods.size === 1 ? all : [];
  return chosen.slice(0, MAX_CONTAINERS).map(({ id, pod }) => ({ id, pod }));
};

/** The status part of `crictl inspect`; everything else there (environment, mounts) is left where it is. */
export const containerOf = (id: string, output: string): Container | undefined => {
  const reply = parse(output);
  const status = isRecord(reply) && isRecord(reply['status']) ? reply['status'] : undefined;
  const state = text(status?.['state']);
  if (status === undefined || state === undefined) return undefined;
  const { exitCode, metadata } = status;
  const attempts = isRecord(metadata) ? metadata['attempt'] : undefined;
  const reason = text(status['reason']);
  const startedAt = timeOf(status['startedAt']);
  const finishedAt = timeOf(status['finishedAt']);
  const exited = /EXITED/.test(state);
  return {
    id: id.slice(0, 12),
    state,
    ...(Number.isInteger(attempts) ? { attempt: Number(attempts) } : {}),
    // A running one has 0 there.
    ...(exited && Number.isInteger(exitCode) ? { exitCode: Number(exitCode) } : {}),
    ...(reason === undefined ? {} : { reason }),
    ...(startedAt === undefined ? {} : { startedAt }),
    ...(exited && finishedAt !== undefined ? { finishedAt } : {}),
  };
};

const askContainers = async (reading: Reading): Promise<{ containers: Container[]; asked: Asked[] }> => {
  const asked: Asked[] = [];
  for (const { file, args } of crictls) {
    try {
      const listed = await command(reading, file, [...args, 'ps', '--all', '--name', 'etcd', '--output', 'json']);
      const containers: Container[] = [];
      for (const { id } of listedContainers(listed, reading.cgroup)) {
        const found = containerOf(id, await command(reading, file, [...args, 'inspect', '--output', 'json', id]));
        if (found !== undefined) containers.push(found);
      }
      return { containers, asked: [{ what: file, state: 'ok' }] };
    } catch (error) {
      asked.push(failedOf(file, error));
    }
  }
  return { containers: [], asked };
};

const askUnits = async (reading: Reading): Promise<{ units: Artifact['units']; asked: Asked[] }> => {
  const paths = reading.cgroup.split('\n').flatMap((line) => /^\d+:[^:]*:(.+)$/.exec(line)?.[1] ?? []);
  const own = unitOf(paths);
  const names = own === undefined ? usualUnits : [own];
  const units: Artifact['units'] = [];
  try {
    for (const name of names) {
      const shown = await command(reading, 'systemctl', [
        'show',
        name,
        `--property=${unitProperties.join(',')}`,
        '--no-pager',
      ]);
      const pairs = shown.split('\n').flatMap((line): [string, string][] => {
        const [, property, value] = /^(\w+)=(.+)$/.exec(line) ?? [];
        return property !== undefined && value !== undefined && unitProperties.includes(property)
          ? [[property, value.slice(0, MAX_TEXT)]]
          : [];
      });
      const properties = Object.fromEntries(pairs);
      if (properties['LoadState'] === 'loaded') units.push({ name, properties });
    }
    return { units, asked: [{ what: 'systemctl', state: 'ok' }] };
  } catch (error) {
    return { units, asked: [failedOf('systemctl', error)] };
  }
};

const findCores = async ({ files, signal, target }: ProbeContext<MemberTarget>) => {
  const [pattern] = files.readPseudo(['/proc/sys/kernel/core_pattern']);
  const corePattern = pattern?.trim();
  const pid = target.local?.pid ?? 0;
  const cwd = pid === 0 ? undefined : await attempt(files.readLink(`/proc/${pid}/cwd`));
  const shared = ['/var/lib/systemd/coredump', '/var/crash'];
  const dirs = new Set([
    ...(corePattern?.startsWith('/') === true ? [dirname(corePattern)] : []),
    ...(cwd === undefined ? [] : [cwd]),
    ...shared,
  ]);
  const coreFiles: Artifact['coreFiles'] = [];
  for (const dir of dirs) {
    const names = (await attempt(files.list(dir, signal))) ?? [];
    // In a directory of all programs only what names etcd is of interest.
    const ours = names.filter((name) =>
      dir === cwd ? /^core(?:\.\d+)?$|^core[.-].*etcd/.test(name) : /core/.test(name) && /etcd|k3s/.test(name),
    );
    for (const name of ours.slice(0, MAX_CORES - coreFiles.length)) {
      const found = await attempt(files.stat(`${dir}/${name}`, { signal }));
      if (found?.type !== 'file') continue;
      coreFiles.push({
        path: `${dir}/${name}`,
        size: found.size.toString(),
        modified: new Date(found.mtimeMs).toISOString(),
      });
    }
  }
  return { coreFiles, ...(corePattern === undefined ? {} : { corePattern: corePattern.slice(0, MAX_TEXT) }) };
};

/** Everything that tells how the member ended before; the command is handed in for tests. */
export const readCrashMarkers = async (
  context: ProbeContext<MemberTarget>,
  run: RunCommand = runCommand,
): Promise<Artifact> => {
  const pid = context.target.local?.pid ?? 0;
  const cgroup = pid === 0 ? '' : ((await attempt(context.files.readText(`/proc/${pid}/cgroup`))) ?? '');
  const reading = { context, run, cgroup };
  const inPod = /kubepods|cri-containerd|crio-/.test(cgroup);
  const none = { containers: [], units: [], asked: [] };
  const [logs, containers, units, cores] = await Promise.all([
    searchLogs(reading),
    inPod || pid === 0 ? askContainers(reading) : none,
    // The unit of a pod is that of its runtime, whose restarts are not the member's.
    inPod ? none : askUnits(reading),
    findCores(context),
  ]);
  return {
    ...logs,
    containers: containers.containers,
    units: units.units,
    ...cores,
    asked: [...containers.asked, ...units.asked],
  };
};

export default defineProbe({
  kind: 'crash-markers',
  scope: 'member',
  title: 'How the member ended before',
  reads:
    'panics and fatal errors at the end of its logs and of three earlier ones, exit codes from crictl, unit state from systemctl, names of core files',
  permission: 'root, or read access to the log; crictl needs root',
  impact: 'read-only',
  cost: 'moderate',
  phase: 'once',
  appliesTo: needsLocal,
  source: ({ local }) => `logs of process ${local?.pid ?? '<pid>'}, crictl ps, systemctl show, core files`,
  run: async (context) => {
    const content = await readCrashMarkers(context);
    const searched = content.logs.filter(({ bytes }) => bytes > 0);
    const wrong = content.logs.flatMap(({ log, error }) => (error === undefined ? [] : [`${log}: ${error}`]));
    const unread = content.logs.length > 0 && searched.length === 0 && wrong.length > 0;
    return {
      state: unread ? 'partial' : 'ok',
      ...(unread ? { reason: 'file-access' as const } : {}),
      ...(wrong.length === 0 ? {} : { message: wrong.join('; ').slice(0, 1000) }),
      source:
        [...searched.map(({ log }) => log), ...content.asked.map(({ what }) => what)].join(', ').slice(0, 1000) ||
        'core files',
      parts: [{ content }],
    };
  },
});
