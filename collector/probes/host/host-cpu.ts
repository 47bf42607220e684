import { procText } from '../../host-texts.js';
import { needsLinux } from '../../local-files.js';
import { defineProbe } from '../../probe.js';
import type { HostCpuArtifact } from '../../../schemas/index.js';

/** /proc/cpuinfo; arm64 names no model and no clock there. */
export const parseCpuInfo = (text: string): HostCpuArtifact => {
  const field = (name: string): string | undefined => new RegExp(`^${name}\\s*:\\s*(.+)$`, 'm').exec(text)?.[1]?.trim();
  const implementer = field('CPU implementer');
  const mhz = field('cpu MHz');
  return {
    logicalCpus: text.match(/^processor\s*:/gm)?.length ?? 0,
    model:
      field('model name') ??
      (implementer === undefined ? 'unknown' : `implementer ${implementer} part ${field('CPU part')}`),
    ...(mhz === undefined ? {} : { mhz: Number(mhz) }),
  };
};

export default defineProbe({
  kind: 'host-cpu',
  scope: 'host',
  title: 'Processors of the host',
  reads: 'number and model of the processors',
  permission: 'none',
  impact: 'read-only',
  cost: 'cheap',
  phase: 'once',
  appliesTo: needsLinux,
  source: () => '/proc/cpuinfo',
  run: async ({ files }) => ({
    state: 'ok',
    source: '/proc/cpuinfo',
    parts: [{ content: parseCpuInfo(await procText(files, '/proc/cpuinfo')) }],
  }),
});
