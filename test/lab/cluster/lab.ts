import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * A scratch directory and everything that must not outlive it: processes, network namespaces, bridges, cgroups.
 * A reaper process waits on a pipe from this one, so that even SIGKILL of the test leaves nothing behind.
 */
export type Lab = {
  dir: string;
  /** Remember a process to be killed at the end. */
  track: (pid: number) => void;
  /** Remember a shell command that removes something; run at the end, latest first. It must not contain a newline. */
  onEnd: (command: string) => void;
  /** After `end`: nothing may be started any more. */
  readonly ended: boolean;
  /** Kill, remove, forget. Idempotent and synchronous. */
  end: () => void;
};

/** Kill what was tracked if it still names the lab directory on its command line (pids are reused), then undo the rest. */
const REAPER = `
trap '' INT TERM HUP
read -r word; [ "$word" = done ] && exit 0
dir=$1
while read -r pid; do
  if tr '\\0' ' ' < "/proc/$pid/cmdline" 2>/dev/null | grep -qF "$dir"; then kill -9 "$pid"; fi
done < "$dir/pids"
sleep 0.3
tac "$dir/undo" | sh
rm -rf "$dir"
`;

const live = new Set<Lab>();
let guarded = false;

/** Open a lab under the system's temporary directory. */
export function openLab(prefix = 'etcd-lab-'): Lab {
  guard();
  const dir = mkdtempSync(join(tmpdir(), prefix));
  writeFileSync(join(dir, 'pids'), '');
  writeFileSync(join(dir, 'undo'), '');
  const reaper = startReaper(dir);
  const pids = new Set<number>();
  const lab: Lab = {
    dir,
    track: (pid) => {
      pids.add(pid);
      appendFileSync(join(dir, 'pids'), `${pid}\n`);
    },
    onEnd: (command) => appendFileSync(join(dir, 'undo'), `${command}\n`),
    get ended() {
      return !live.has(lab);
    },
    end: () => {
      if (!live.delete(lab)) return;
      for (const pid of pids) {
        if (mentions(pid, dir)) killQuietly(pid);
      }
      runUndo(dir);
      removeDir(dir);
      reaper.stdin?.end('done\n');
    },
  };
  live.add(lab);
  return lab;
}

/** A subdirectory of the lab, made if needed. */
export function labDir(lab: Lab, ...parts: string[]): string {
  const dir = join(lab.dir, ...parts);
  mkdirSync(dir, { recursive: true });
  return dir;
}

function startReaper(dir: string): ChildProcess {
  const child = spawn('sh', ['-c', REAPER, 'lab-reaper', dir], { stdio: ['pipe', 'ignore', 'ignore'], detached: true });
  child.on('error', () => undefined);
  child.stdin.on('error', () => undefined);
  child.unref();
  // The pipe is a socket underneath; unref'd it does not keep the test process alive.
  if ('unref' in child.stdin && typeof child.stdin.unref === 'function') child.stdin.unref();
  return child;
}

function runUndo(dir: string): void {
  const undo = existsSync(join(dir, 'undo')) ? readFileSync(join(dir, 'undo'), 'utf8').trim() : '';
  if (undo === '') return;
  // Best effort: what is gone already needs no removal.
  spawnSync('sh', [], {
    input: undo.split('\n').reverse().join('\n'),
    timeout: 20_000,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
}

function removeDir(dir: string): void {
  try {
    rmSync(dir, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  } catch {
    // a file system mounted inside may be busy; the reaper's pass is the second try
  }
}

function mentions(pid: number, dir: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(dir);
  } catch {
    return false;
  }
}

function killQuietly(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // already gone
  }
}

/** End every lab when this process ends in any way a handler can see; the reaper covers the rest. */
function guard(): void {
  if (guarded) return;
  guarded = true;
  const endAll = () => {
    for (const lab of [...live]) lab.end();
  };
  process.on('exit', endAll);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => {
      endAll();
      process.kill(process.pid, signal);
    });
  }
}
