import { needsLinux } from './local-files.js';
import { type FilesPort, toProbeError } from './ports/files.js';
import { type HostTarget, type ProbeContext, ProbeError } from './probe.js';

/** Reads one pseudo file at once; when that fails, again in the way that says why. */
export const procText = async (files: FilesPort, path: string): Promise<string> => {
  const [text] = files.readPseudo([path]);
  if (text !== undefined) return text;
  try {
    return await files.readText(path);
  } catch (error) {
    const problem = toProbeError(error, path);
    if (problem.reason !== 'file-missing') throw problem;
    throw new ProbeError('unsupported', 'not-this-platform', `this kernel does not offer ${path}`);
  }
};

/** What the probes share that store one file of /proc as it is, in every round; each adds its kind and title. */
export const wholeProcFile = (path: string) =>
  ({
    scope: 'host',
    reads: `${path}, whole`,
    permission: 'none',
    impact: 'read-only',
    cost: 'cheap',
    phase: 'round',
    appliesTo: needsLinux,
    source: () => path,
    run: async ({ files }: ProbeContext<HostTarget>) => {
      const content = await procText(files, path);
      return { state: 'ok' as const, source: path, parts: [{ content }] };
    },
  }) as const;
