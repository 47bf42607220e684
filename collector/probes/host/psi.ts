import { needsLinux } from '../../local-files.js';
import { defineProbe, ProbeError } from '../../probe.js';
import type { PressureLine, PsiArtifact } from '../../../schemas/index.js';

/** A file of /proc/pressure (kernel documentation, accounting/psi): `some` and, not in all kernels, `full`. */
export const parsePressure = (text: string): { some: PressureLine; full?: PressureLine } | undefined => {
  const lines = new Map(
    text.split('\n').flatMap((line): [string, PressureLine][] => {
      const parts = /^(some|full) avg10=([\d.]+) avg60=([\d.]+) avg300=([\d.]+) total=(\d+)/.exec(line);
      const [, name, avg10, avg60, avg300, totalUs] = parts ?? [];
      if (name === undefined || totalUs === undefined) return [];
      return [[name, { avg10: Number(avg10), avg60: Number(avg60), avg300: Number(avg300), totalUs }]];
    }),
  );
  const some = lines.get('some');
  const full = lines.get('full');
  return some === undefined ? undefined : { some, ...(full === undefined ? {} : { full }) };
};

export default defineProbe({
  kind: 'psi',
  scope: 'host',
  title: 'Pressure stall information of the host',
  reads: '/proc/pressure/{cpu,io,memory}',
  permission: 'none',
  impact: 'read-only',
  cost: 'cheap',
  phase: 'round',
  appliesTo: needsLinux,
  source: () => '/proc/pressure/{cpu,io,memory}',
  run: async ({ files }) => {
    const names = ['cpu', 'io', 'memory'] as const;
    const texts = files.readPseudo(names.map((name) => `/proc/pressure/${name}`));
    const content: PsiArtifact = Object.fromEntries(
      names.flatMap((name, index) => {
        const pressure = parsePressure(texts[index] ?? '');
        return pressure === undefined ? [] : [[name, pressure]];
      }),
    );
    if (Object.keys(content).length === 0) {
      throw new ProbeError(
        'unsupported',
        'not-this-platform',
        'this kernel has no pressure stall information (Linux 4.20, psi=1)',
      );
    }
    return { state: 'ok', source: '/proc/pressure/{cpu,io,memory}', parts: [{ content }] };
  },
});
