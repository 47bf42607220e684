import { mkdtemp, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type EtcdBinaries, type EtcdLine, etcdCacheDir, isEtcdLine } from '../../../support/etcd-binaries.js';
import { debianObstacle, fromDebian } from '../../../support/etcd-source/debian.js';
import { fromGo, goObstacle, GO_RELEASE } from '../../../support/etcd-source/go.js';
import { run } from '../../../support/run.js';
import { FaultUnsupported } from '../types.js';

/**
 * Another patch of the release line of `own`: kept beside the usual binaries, else from whichever source the usual ones are not from.
 * Throws `FaultUnsupported` where there is only one.
 */
export async function otherPatch(own: EtcdBinaries): Promise<EtcdBinaries> {
  const { line } = own;
  const refuse = (reason: string): never => {
    throw new FaultUnsupported('mixed-patches', reason);
  };
  if (!isEtcdLine(line)) return refuse(`${line} is no known release line`);
  const dir = join(etcdCacheDir(), `${line}-other`);
  const kept = await at(dir, line);
  if (kept !== undefined && kept.version !== own.version) return kept;
  const work = await mkdtemp(join(etcdCacheDir(), `.build-${line}-other-`));
  const reasons: string[] = [];
  try {
    const out = join(work, 'out');
    const sources = [
      {
        obstacle: GO_RELEASE[line] === own.version ? 'the members run that of the Go modules' : goObstacle(line),
        get: fromGo,
      },
      { obstacle: await debianObstacle(line), get: fromDebian },
    ];
    for (const { obstacle, get } of sources) {
      if (obstacle === undefined) {
        await get(line, join(work, 'scratch'), out).catch((error: unknown) => reasons.push(String(error)));
        const got = await at(out, line);
        if (got !== undefined && got.version !== own.version) {
          await rm(dir, { recursive: true, force: true });
          await rename(out, dir);
          return (await at(dir, line)) ?? refuse(`nothing runs in ${dir}`);
        }
        reasons.push(`a source has ${got?.version ?? 'nothing'}`);
      } else reasons.push(obstacle);
      await rm(work, { recursive: true, force: true });
    }
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return refuse(reasons.join('; '));
}

async function at(dir: string, line: EtcdLine): Promise<EtcdBinaries | undefined> {
  const etcd = join(dir, 'etcd');
  const said = await run(etcd, ['--version']).catch(() => undefined);
  const version = /etcd Version: (\S+)/.exec(said?.stdout ?? '')?.[1];
  return version === undefined ? undefined : { line, version, etcd, etcdctl: join(dir, 'etcdctl') };
}
