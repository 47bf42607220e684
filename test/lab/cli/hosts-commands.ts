import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { constants } from 'node:os';
import { delimiter, join, resolve as resolvePath } from 'node:path';
import { packageRoot } from '../../../schemas/index.js';
import { run } from '../../support/run.js';
import { LabError } from './errors.js';
import type { ClusterStatus, MemberStatus } from './protocol.js';
import type { Say } from './session.js';

/** The collector's own bound is far below this, whatever its window. */
const COLLECT_MARGIN_MS = 600_000;

const memberAt = ({ members }: ClusterStatus, index: number): MemberStatus => {
  const member = members[index];
  if (member === undefined)
    throw new LabError(
      'usage',
      `there is no member m${index + 1}`,
      `there are ${members.map(({ name }) => name).join(', ')}`,
    );
  return member;
};

const cleanEnv = (): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(process.env).filter(([key]) => !key.startsWith('ETCDCTL_')));

/** Where a command runs so that signals of the terminal reach it and this process outlives it. */
const outlive = async <T>(work: () => Promise<T>): Promise<T> => {
  const ignore = (): void => undefined;
  process.on('SIGINT', ignore);
  process.on('SIGTERM', ignore);
  try {
    return await work();
  } finally {
    process.off('SIGINT', ignore);
    process.off('SIGTERM', ignore);
  }
};

/** Run a command on the host of a member with the caller's terminal; etcdctl of its version is first on PATH and knows the cluster. */
export const execOn = (cluster: ClusterStatus, index: number, argv: readonly string[]): Promise<number> => {
  const member = memberAt(cluster, index);
  const flag = (name: string): string | undefined => cluster.flags[cluster.flags.indexOf(name) + 1];
  const env = {
    ...cleanEnv(),
    PATH: `${cluster.tools}${delimiter}${process.env.PATH ?? ''}`,
    ETCDCTL_ENDPOINTS: cluster.endpoints.join(','),
    ...(cluster.tls
      ? { ETCDCTL_CACERT: flag('--cacert'), ETCDCTL_CERT: flag('--cert'), ETCDCTL_KEY: flag('--key') }
      : {}),
    ...(cluster.login === undefined ? {} : { ETCDCTL_USER: `${cluster.login.user}:${cluster.login.password}` }),
  };
  const [program = '', ...args] = [...(member.host?.inside ?? []), ...argv];
  return outlive(
    () =>
      new Promise((resolve, reject) => {
        const child = spawn(program, args, { stdio: 'inherit', env });
        child.on('error', (error) => reject(new LabError('failed', `${program} cannot be run: ${error.message}`)));
        child.on('exit', (code, signal) => resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal])));
      }),
  );
};

export interface Collected {
  readonly member: string;
  readonly file: string;
  /** Of etcd-collect. */
  readonly exit: number | null;
  /** Its last line of complaint, when there is no bundle. */
  readonly said: string;
}

/** Run etcd-collect on the hosts of members (of one member, when they share this machine) at the same time. */
export const collectOn = async (
  cluster: ClusterStatus,
  chosen: readonly number[] | undefined,
  dir: string,
  extra: readonly string[],
  say: Say,
): Promise<Collected[]> => {
  const started = cluster.members.filter(({ role }) => role !== 'spare');
  const shared = started.every(({ host }) => host === undefined);
  const members = chosen?.map((index) => memberAt(cluster, index)) ?? (shared ? started.slice(0, 1) : started);
  const into = resolvePath(dir);
  mkdirSync(into, { recursive: true });
  say(`collecting on ${shared ? 'this machine' : members.map(({ name }) => name).join(', ')}`);
  const { login } = cluster;
  return outlive(() =>
    Promise.all(
      members.map(async (member): Promise<Collected> => {
        const file = join(into, `${member.name}.tar.gz`);
        const [program = '', ...args] = [
          ...(member.host?.inside ?? []),
          ...[process.execPath, join(packageRoot, 'dist', 'collector', 'main.js')],
          ...[
            '--endpoints',
            cluster.endpoints.join(','),
            '--progress',
            'none',
            '--redact',
            'secrets-only',
            ...cluster.flags,
          ],
          ...(login === undefined ? [] : ['--user', login.user]),
          ...[...extra, '-o', file],
        ];
        const env = { ...cleanEnv(), ...(login === undefined ? {} : { ETCDCTL_PASSWORD: login.password }) };
        const ran = await run(program, args, { timeoutMs: COLLECT_MARGIN_MS, env });
        return { member: member.name, file, exit: ran.code, said: ran.stderr.trim().split('\n')[0] ?? '' };
      }),
    ),
  );
};
