import { readConfiguration } from '../../local.js';
import { checkSameProcess, localOf, needsProcess } from '../../local-files.js';
import { kernelUnits, parseColonLines, parseStat, startedAtMs } from '../../ports/process.js';
import { defineProbe, ProbeError } from '../../probe.js';

export default defineProbe({
  kind: 'server-config',
  scope: 'member',
  title: 'Configuration of the local etcd process',
  reads: 'allow-listed flags, ETCD_* variables and config file values; other values are dropped unread into the bundle',
  permission: 'root or the user of etcd for the environment; anyone for the command line',
  impact: 'read-only',
  cost: 'cheap',
  phase: 'once',
  appliesTo: needsProcess,
  source: ({ local }) => `/proc/${local?.pid ?? '<pid>'}/{cmdline,environ} and the config file`,
  run: async ({ target, files, signal, now }) => {
    const local = localOf(target);
    const [stat, status] = files.readPseudo([`/proc/${local.pid}/stat`, `/proc/${local.pid}/status`]);
    checkSameProcess(local, parseStat(stat ?? '')?.startTicks);
    const configuration = await readConfiguration(files, local.pid, signal);
    if (configuration === undefined) {
      throw new ProbeError('failed', 'no-such-process', `process ${local.pid} has ended`);
    }
    const { flags, env, file, configFile, dataDir, walDir, view, problems } = configuration;
    const startedAt = startedAtMs(files, local.startTicks, await kernelUnits(files), now());
    const uid = parseColonLines(status ?? '')['Uid']?.split(/\s+/)[1];
    return {
      state: problems.length === 0 ? 'ok' : 'partial',
      ...(problems.length === 0 ? {} : { reason: 'file-access' as const, message: problems.join('; ') }),
      source: `/proc/${local.pid}/{cmdline,environ}${configFile === undefined ? '' : ` and ${view.prefix}${configFile}`}`,
      parts: [
        {
          content: {
            pid: local.pid,
            executable: local.executable,
            ...(startedAt === undefined ? {} : { startedAt: new Date(startedAt).toISOString() }),
            ...(uid === undefined ? {} : { uid: Number(uid) }),
            discoveredBy: local.matchedBy,
            flags: { ...flags.values },
            env: { ...env.values },
            ...(configFile === undefined ? {} : { configFile }),
            configFileValues: { ...file?.values },
            omitted: [...new Set([...flags.omitted, ...env.omitted, ...(file?.omitted ?? [])])].sort((a, b) =>
              a < b ? -1 : 1,
            ),
            ...(dataDir === undefined ? {} : { dataDir }),
            ...(walDir === undefined ? {} : { walDir }),
          },
        },
      ],
    };
  },
});
