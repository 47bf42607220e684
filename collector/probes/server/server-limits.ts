import { checkSameProcess, localOf, needsProcess } from '../../local-files.js';
import { parseColonLines, parseStat } from '../../ports/process.js';
import { defineProbe } from '../../probe.js';
import type { ServerLimitsArtifact } from '../../../schemas/index.js';

/** Table of /proc/<pid>/limits: columns are padded by at least two blanks. */
export const parseLimits = (text: string): ServerLimitsArtifact['limits'] =>
  text
    .split('\n')
    .slice(1)
    .flatMap((line) => {
      const [name, soft, hard, unit] = line.trimEnd().split(/\s{2,}/);
      return name === undefined || soft === undefined || hard === undefined
        ? []
        : [{ name, soft, hard, unit: unit ?? '' }];
    });

export default defineProbe({
  kind: 'server-limits',
  scope: 'member',
  title: 'Limits and scheduling of the local etcd process',
  reads: 'resource limits, OOM score adjustment, nice value and allowed CPUs',
  permission: 'none',
  impact: 'read-only',
  cost: 'cheap',
  phase: 'once',
  appliesTo: needsProcess,
  source: ({ local }) => `/proc/${local?.pid ?? '<pid>'}/{limits,oom_score_adj,stat,status}`,
  run: async ({ target, files, signal }) => {
    const local = localOf(target);
    const base = `/proc/${local.pid}`;
    const limits = await files.readText(`${base}/limits`, { signal });
    const [adjustment, stat, status] = files.readPseudo([`${base}/oom_score_adj`, `${base}/stat`, `${base}/status`]);
    const row = parseStat(stat ?? '');
    checkSameProcess(local, row?.startTicks);
    const cpusAllowed = parseColonLines(status ?? '')['Cpus_allowed_list'];
    return {
      state: 'ok',
      source: `${base}/{limits,oom_score_adj,stat,status}`,
      parts: [
        {
          content: {
            limits: parseLimits(limits),
            ...(adjustment === undefined ? {} : { oomScoreAdj: Number(adjustment) }),
            ...(row === undefined ? {} : { nice: row.nice }),
            ...(cpusAllowed === undefined ? {} : { cpusAllowed }),
          },
        },
      ],
    };
  },
});
