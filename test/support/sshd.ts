import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { labDir, type Lab } from '../lab/cluster/lab.js';
import type { Host } from '../lab/cluster/hosts.js';
import { startProgram } from '../lab/cluster/member-process.js';
import { runOk } from './run.js';
import { isRoot, systemTool } from './tools.js';

/** Why this machine cannot have ssh servers for a test, or undefined. */
export async function sshdObstacle(): Promise<string | undefined> {
  if (!isRoot()) return 'a server that lets root in needs root';
  for (const [tool, pack] of [
    ['sshd', 'openssh-server'],
    ['ssh', 'openssh-client'],
    ['ssh-keygen', 'openssh-client'],
  ] as const) {
    if ((await systemTool(tool, pack)) === undefined) return `${tool} is not installed`;
  }
  return undefined;
}

/** A server on a host of the lab, with keys, home and temporary directory of its own; nothing of this machine's configuration is read. */
export type SshServer = {
  /** Everything that a command there may leave behind without being told another place. */
  readonly home: string;
  readonly tmp: string;
};

/** What clients of a lab's servers need. */
export type SshAccess = {
  /** A configuration file: user, key, known hosts. */
  readonly config: string;
  /** Starts a server on `host` at `address`. `known`: its key is in known hosts. */
  readonly serve: (host: Host, address: string, ports?: readonly number[], known?: boolean) => Promise<SshServer>;
};

const makeKey = async (file: string): Promise<string> => {
  await runOk('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'lab', '-f', file]);
  return readFileSync(`${file}.pub`, 'utf8').trim();
};

export async function createSshAccess(lab: Lab): Promise<SshAccess> {
  const dir = labDir(lab, 'ssh');
  const user = await makeKey(join(dir, 'user'));
  const knownHosts = join(dir, 'known_hosts');
  writeFileSync(knownHosts, '');
  writeFileSync(join(dir, 'authorized_keys'), `${user}\n`, { mode: 0o600 });
  const config = join(dir, 'config');
  writeFileSync(
    config,
    [
      'Host *',
      'User root',
      `IdentityFile ${join(dir, 'user')}`,
      'IdentitiesOnly yes',
      `UserKnownHostsFile ${knownHosts}`,
      'GlobalKnownHostsFile none',
      'StrictHostKeyChecking ask',
      '',
    ].join('\n'),
  );
  chmodSync(config, 0o600);
  const sshd = (await systemTool('sshd', 'openssh-server')) ?? 'sshd';
  // Where sshd drops its rights; made by the service on a machine that runs one.
  mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });
  const serve: SshAccess['serve'] = async (host, address, ports = [22], known = true) => {
    const name = `${host.name}-${ports[0] ?? 22}`;
    const own = labDir(lab, 'ssh', name);
    const [home, tmp] = [labDir(lab, 'ssh', name, 'home'), labDir(lab, 'ssh', name, 'tmp')];
    const key = await makeKey(join(own, 'host'));
    const names = ports.map((port) => (port === 22 ? address : `[${address}]:${port}`));
    if (known) writeFileSync(knownHosts, names.map((each) => `${each} ${key}\n`).join(''), { flag: 'a' });
    const file = join(own, 'sshd_config');
    writeFileSync(
      file,
      [
        ...ports.map((port) => `Port ${port}`),
        `ListenAddress ${address}`,
        `HostKey ${join(own, 'host')}`,
        `AuthorizedKeysFile ${join(dir, 'authorized_keys')}`,
        'PermitRootLogin prohibit-password',
        'PasswordAuthentication no',
        'KbdInteractiveAuthentication no',
        'StrictModes no',
        'UsePAM no',
        'PidFile none',
        'PrintMotd no',
        `SetEnv HOME=${home} TMPDIR=${tmp}`,
        '',
      ].join('\n'),
    );
    startProgram(lab, host.inside([sshd, '-D', '-e', '-f', file]), { logFile: join(own, 'log') });
    await waitForPort(address, ports[0] ?? 22, join(own, 'log'));
    return { home, tmp };
  };
  return { config, serve };
}

async function waitForPort(address: string, port: number, log: string): Promise<void> {
  const deadline = Date.now() + 10_000;
  for (;;) {
    const open = await new Promise<boolean>((resolve) => {
      const socket = connect({ host: address, port, timeout: 500 });
      const settle = (answer: boolean) => {
        socket.destroy();
        resolve(answer);
      };
      socket
        .once('connect', () => settle(true))
        .once('error', () => settle(false))
        .once('timeout', () => settle(false));
    });
    if (open) return;
    if (Date.now() > deadline)
      throw new Error(`no ssh server at ${address}:${port}: ${readFileSync(log, 'utf8').slice(-500)}`);
    await sleep(50);
  }
}
