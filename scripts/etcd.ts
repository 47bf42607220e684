#!/usr/bin/env node
import { ETCD_LINES, ensureEtcd, etcdCacheDir, isEtcdLine } from '../test/support/etcd-binaries.js';

/** `etcd.js ensure [line ...]`: have etcd of these release lines (default: all) in the cache and print where they are. */
async function main(args: readonly string[]): Promise<number> {
  const [command, ...wanted] = args;
  const lines = wanted.length === 0 ? [...ETCD_LINES] : wanted;
  const unknown = lines.filter((line) => !isEtcdLine(line));
  if (command !== 'ensure' || unknown.length > 0) {
    process.stderr.write(`usage: etcd.js ensure [${ETCD_LINES.join('] [')}]   (cache: ${etcdCacheDir()})\n`);
    return 2;
  }
  let failed = 0;
  for (const line of lines.filter(isEtcdLine)) {
    try {
      const binaries = await ensureEtcd(line);
      const paths = [binaries.etcd, binaries.etcdctl, binaries.etcdutl ?? '-'];
      process.stdout.write(`${[line, binaries.version, ...paths].join('\t')}\n`);
    } catch (error) {
      failed += 1;
      process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    }
  }
  return failed === 0 ? 0 : 1;
}

process.exitCode = await main(process.argv.slice(2));
