/** Makes a fresh clone ready: installs the locked dependencies when they are missing or stale, then builds. Node and npm only. */
import { execFileSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const installed = join(root, 'node_modules', '.package-lock.json');
const lock = join(root, 'package-lock.json');

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  process.stderr.write(`Node ${process.versions.node} is too old: etcd-evidence needs 20.19 or newer.\n`);
  process.exit(1);
}

const run = (command, args) => execFileSync(command, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });

try {
  if (!existsSync(installed) || statSync(installed).mtimeMs < statSync(lock).mtimeMs) {
    process.stderr.write('Installing dependencies...\n');
    run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error']);
  }
  process.stderr.write('Building...\n');
  run(process.execPath, [join(root, 'node_modules', 'typescript', 'bin', 'tsc'), '--build']);
} catch (error) {
  process.stderr.write(`Setup failed: ${error instanceof Error ? error.message : error}\n`);
  process.exit(1);
}
