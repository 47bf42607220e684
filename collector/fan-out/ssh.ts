import type { SshHost } from './hosts.js';
import { shellLine } from './remote-command.js';
import type { HostState } from './states.js';
import type { Target, WayFailure } from './transport.js';

export interface SshOptions {
  /** `ssh`, or another program that takes its arguments. */
  readonly program: string;
  readonly config?: string;
  /** `-o` options, before the ones set here: the first one counts. */
  readonly options: readonly string[];
  readonly connectTimeoutMs: number;
  readonly sudo: boolean;
}

/** With this ssh(1) says that the error is its own. */
const OWN_ERROR = 255;

/** Words of OpenSSH's client, which has no translations; looked at only when the error is its own. The first match counts. */
const patterns: readonly (readonly [RegExp, HostState])[] = [
  [/host key verification failed|remote host identification has changed|no .*host key is known/i, 'host-key-refused'],
  [/permission denied \(|too many authentication failures|no more authentication methods/i, 'auth-refused'],
];

const isNoise = (line: string): boolean => line.trim() === '' || /^(?:@+|Warning: Permanently added .*)$/.test(line);

/** A host behind ssh. No terminal, no forwarding, and nothing that asks: no password, no unknown host key. */
export const sshTarget = (
  { label, host, user, port }: SshHost,
  { program, config, options, connectTimeoutMs, sudo }: SshOptions,
): Target => ({
  label,
  // In a URL an IPv6 address has brackets.
  values: { host: host.includes(':') ? `[${host}]` : host },
  identities: [host.replace(/%.*$/, '')],
  reach: (remote) => ({
    file: program,
    args: [
      ...['-T', '-a', '-x'],
      ...(config === undefined ? [] : ['-F', config]),
      ...['-o', 'BatchMode=yes'],
      ...options.flatMap((option) => ['-o', option]),
      ...['-o', `ConnectTimeout=${Math.max(1, Math.ceil(connectTimeoutMs / 1000))}`],
      // A connection that died is noticed before the deadline.
      ...['-o', 'ServerAliveInterval=5', '-o', 'ServerAliveCountMax=3'],
      // A master that stays behind would hold our pipes; one that is there is used.
      ...['-o', 'ControlMaster=no', '-o', 'ClearAllForwardings=yes'],
      ...(port === undefined ? [] : ['-p', String(port)]),
      ...(user === undefined ? [] : ['-l', user]),
      '--',
      host,
      shellLine(sudo ? ['sudo', '-n', '--', ...remote] : remote),
    ],
  }),
});

export const sshFailure: WayFailure = ({ code }, lines) => {
  if (code !== OWN_ERROR) return undefined;
  const said = lines.filter((line) => !isNoise(line));
  for (const [pattern, state] of patterns) {
    const line = said.find((each) => pattern.test(each));
    if (line !== undefined) return { state, detail: line };
  }
  const detail = said.at(-1);
  return { state: 'unreachable', ...(detail === undefined ? {} : { detail }) };
};
