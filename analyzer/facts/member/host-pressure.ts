import type { PressureLine, PsiArtifact } from '../../../schemas/index.js';
import type { LoadedArtifact } from '../../bundle/case.js';
import { absent, defineFact, observed } from '../../fact.js';
import { growth, nameOf, type NonEmpty, readAll, spanOf } from '../access.js';
import type { Pressure, PressureView } from '../values/index.js';

type Resource = keyof PsiArtifact;

const viewOf = (
  lines: readonly PressureLine[],
  first: PressureLine | undefined,
  seconds: number | null,
): PressureView | null => {
  const last = lines.at(-1);
  if (last === undefined) return null;
  const grown = first === undefined || seconds === null ? null : growth(last.totalUs, first.totalUs);
  return {
    avg10: last.avg10,
    avg60: last.avg60,
    avg300: last.avg300,
    maxAvg10: Math.max(...lines.map((line) => line.avg10)),
    windowPercent: grown === null || seconds === null ? null : grown / (seconds * 10_000),
  };
};

const pressureOf = (
  rounds: NonEmpty<LoadedArtifact<'psi'>>,
  resource: Resource,
  seconds: number | null,
): Pressure | null => {
  const lines = (kind: 'some' | 'full'): PressureLine[] =>
    rounds.flatMap(({ value }) => {
      const line = value[resource]?.[kind];
      return line === undefined ? [] : [line];
    });
  const view = (kind: 'some' | 'full'): PressureView | null =>
    viewOf(lines(kind), rounds[0].value[resource]?.[kind], seconds);
  const some = view('some');
  return some === null ? null : { some, full: view('full') };
};

export default defineFact({
  scope: 'member',
  id: 'hostPressure',
  title: 'Pressure stall information of the member’s host',
  artifacts: ['psi'],
  derive: (ctx) => {
    const host = ctx.case.members.find((member) => member.id === ctx.id)?.host;
    if (host === undefined)
      return absent('psi', `the host of ${nameOf(ctx.case, ctx.id)} is unknown: no collector ran on it`);
    const read = readAll(ctx.case, 'psi', host);
    if (!read.ok) return read;
    const span = spanOf(read.value);
    const rounds = span?.all ?? ([read.value.at(-1) ?? read.value[0]] as const);
    const seconds = span?.seconds ?? null;
    const value = {
      host,
      seconds,
      cpu: pressureOf(rounds, 'cpu', seconds),
      io: pressureOf(rounds, 'io', seconds),
      memory: pressureOf(rounds, 'memory', seconds),
    };
    if (value.cpu === null && value.io === null && value.memory === null) {
      return absent('psi', `psi of ${nameOf(ctx.case, host)}: the kernel reports none`);
    }
    return observed(value, read.source);
  },
});
