import { parseCgroupFile } from './cgroups.js';
import type { ProcessConfiguration } from './local.js';
import { attempt, throughView } from './local-files.js';
import { unitOf } from './log-sources.js';
import type { LogPlace } from './platforms/profile.js';
import type { FilesPort } from './ports/files.js';

/** Where the process writes its log at this moment: it may have ended when the log is read, and then nothing tells any more. */
export const logsNow = async (
  files: FilesPort,
  pid: number,
  { view, settings }: Pick<ProcessConfiguration, 'view' | 'settings'>,
): Promise<readonly LogPlace[]> => {
  const outputs = (settings['log-outputs'] ?? '').split(',').map((name) => name.trim());
  const named = outputs.filter((name) => name.startsWith('/')).map((name) => throughView(view, name));
  const streams = await Promise.all([2, 1].map((each) => attempt(files.readLink(`/proc/${pid}/fd/${each}`))));
  // In another mount namespace the name leads nowhere once the process has gone.
  const behind =
    view.prefix === '' ? streams.filter((link) => link?.startsWith('/') && !/^\/dev\/| \(deleted\)$/.test(link)) : [];
  const paths = parseCgroupFile((await attempt(files.readText(`/proc/${pid}/cgroup`))) ?? '').map(({ path }) => path);
  const unit = streams.some((link) => link?.startsWith('socket:')) ? unitOf(paths) : undefined;
  const found = [...new Set([...named, ...behind])].flatMap((path) => path ?? []);
  return [
    ...found.map((path): LogPlace => ({ kind: 'file', path })),
    ...(unit === undefined ? [] : [{ kind: 'journal' as const, unit }]),
  ];
};
