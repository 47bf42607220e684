import type { Report } from '../../schemas/index.js';
import type { Tone } from './view-findings.js';
import type { CriterionView } from './view-model.js';

const kickers: Record<Report['verdict']['kind'], string> = {
  'intervene-now': 'Intervene now',
  investigate: 'Investigate',
  transient: 'Transient: it happened and is over',
  healthy: 'Healthy',
  inconclusive: 'Inconclusive: evidence is missing',
};
export const verdictTones: Record<Report['verdict']['kind'], Tone> = {
  'intervene-now': 'bad',
  investigate: 'bad',
  transient: 'warn',
  healthy: 'good',
  inconclusive: 'plain',
};

/** The words above the headline: the verdict, and whether recovery is justified where that is a question. */
export const kicker = ({ kind, recovery }: Report['verdict']): string => {
  if (kind === 'healthy' || kind === 'transient') return kickers[kind];
  if (recovery.justified === null) return `${kickers[kind]} · whether to recover is undecided`;
  if (kind === 'intervene-now' && !recovery.justified) return `${kickers[kind]} · no restore, no rebuild`;
  return `${kickers[kind]} · recovery is ${recovery.justified ? '' : 'not '}justified`;
};

export const criterionView = (criterion: Report['verdict']['criteria'][number]): CriterionView => ({
  id: criterion.id,
  text: criterion.text,
  met: criterion.met === null ? 'undecided' : criterion.met ? 'yes' : 'no',
  tone: criterion.decisive ? 'warn' : 'plain',
  decisive: criterion.decisive,
});
