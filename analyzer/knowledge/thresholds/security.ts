import type { Threshold } from '../threshold.js';

export const securityThresholds = {
  'cert-warning-days': {
    value: 30,
    unit: 'days',
    source: 'own estimate: time to plan a rotation; also what most monitoring alerts on',
  },
  'cert-high-days': {
    value: 7,
    unit: 'days',
    source: 'own estimate: less than a week leaves no room for a failed rotation',
  },
  'cert-critical-days': { value: 1, unit: 'days', source: 'own estimate: members lose each other within a day' },
  'cert-lifetime-share': {
    value: 0.5,
    unit: 'share',
    source:
      'own estimate: automation renews at two thirds of the lifetime at the latest; a fresh short-lived certificate is no fault',
  },
  'cert-short-lived-days': {
    value: 1.5,
    unit: 'days',
    source: 'own estimate: certificates of a day are always renewed by automation',
  },
  'cert-short-lived-share': {
    value: 0.2,
    unit: 'share',
    source: 'own estimate: automation would have renewed long before',
  },
  'tls-lines': {
    value: 3,
    unit: 'count',
    source: 'own estimate: a member that is refused tries again several times a second; single lines are strangers',
  },
  'tls-client-lines': {
    value: 50,
    unit: 'count',
    source: 'own estimate: more than a probe or this collector causes in a window',
  },
  'auth-lines-per-second': {
    value: 1,
    unit: 'per-second',
    source: 'own estimate: a client in a retry loop; this collector causes a few per round at most',
  },
} as const satisfies Record<string, Threshold>;
