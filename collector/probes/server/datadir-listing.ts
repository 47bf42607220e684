import { listDataDir } from '../../datadir.js';
import { explainMissing, fileView, localOf, needsLocal } from '../../local-files.js';
import { defineProbe, ProbeError } from '../../probe.js';

export default defineProbe({
  kind: 'datadir-listing',
  scope: 'member',
  title: 'Names and sizes in the data dir',
  reads: 'names, sizes, times and modes below the data dir and a separate WAL dir; never a content',
  permission: 'root or the user of etcd (the data dir has mode 0700)',
  impact: 'read-only',
  cost: 'cheap',
  phase: 'once',
  appliesTo: (target) =>
    target.local?.pid === 0 && target.local.dataDir === undefined
      ? {
          reason: 'no-such-process',
          message: 'no process of this member runs on this host to tell its data dir; name it with --data-dir',
        }
      : needsLocal(target),
  source: ({ local }) =>
    [local?.dataDir ?? '<data-dir>', ...(local?.walDir === undefined ? [] : [local.walDir])].join(', '),
  run: async ({ target, files, signal }) => {
    const { pid, dataDir, walDir } = localOf(target);
    if (dataDir === undefined) {
      throw new ProbeError('denied', 'file-access', 'where the data dir is could not be learnt from the process', {
        permission: 'root, or the user of the process',
      });
    }
    const view = await fileView(files, pid);
    try {
      const { artifact, denied } = await listDataDir(files, dataDir, {
        view,
        signal,
        ...(walDir === undefined ? {} : { walDir }),
      });
      return {
        state: artifact.entries.length === 0 ? 'empty' : denied.length === 0 ? 'ok' : 'partial',
        ...(artifact.entries.length === 0 ? { message: 'the data dir holds nothing' } : {}),
        ...(denied.length === 0
          ? {}
          : { reason: 'file-access' as const, message: `not listed: ${denied.join(', ').slice(0, 300)}` }),
        source: `${view.prefix}${artifact.dataDir}`,
        parts: [{ content: artifact }],
      };
    } catch (error) {
      throw explainMissing(error, view);
    }
  },
});
