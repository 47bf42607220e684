import type { Case } from '../bundle/case.js';
import type { Diagnosis } from '../diagnose.js';
import { commandOn } from '../knowledge/platform-commands.js';

/** The platform that the collectors recognised; undefined when none did, or they saw different ones. */
const platformOf = (input: Case): string | undefined => {
  const seen = new Set(input.artifacts('access-map').flatMap(({ value }) => value.platform ?? []));
  return seen.size === 1 ? [...seen][0] : undefined;
};

/** The diagnosis with every command as it is typed on the platform of the cluster. */
export const onPlatform = (diagnosis: Diagnosis, input: Case): Diagnosis => {
  const platform = platformOf(input);
  const typed = <T extends { readonly command?: string }>(step: T): T =>
    step.command === undefined ? step : { ...step, command: commandOn(platform, step.command) };
  const finding = (one: Diagnosis['causes'][number]): Diagnosis['causes'][number] => ({
    ...one,
    remedy: one.remedy.map(typed),
    nextEvidence: one.nextEvidence.map(typed),
  });
  return {
    ...diagnosis,
    causes: diagnosis.causes.map(finding),
    symptoms: diagnosis.symptoms.map(finding),
    risks: diagnosis.risks.map(finding),
    notices: diagnosis.notices.map(finding),
  };
};
