import type { Copies } from '../../facts/values/cluster.js';
import { type Claim, necessary, supporting } from '../../rule.js';

/** Data dirs of members that belong to another cluster than the others: the claim `data`. */
export const foreignData = (copies: Copies | undefined): readonly Claim[] => {
  const odd = (copies?.ranked ?? []).filter(({ standing }) => standing === 'foreign');
  if (copies === undefined || odd.length === 0) return [];
  return [
    {
      message: 'data',
      data: {
        odd: [...new Set(odd.flatMap(({ copy }) => copy.cluster ?? []))].join(', '),
        main: copies.cluster ?? '?',
      },
      subjects: odd.map(({ copy }) => copy.target),
      severity: 'high',
      evidence: [
        necessary(true, 'The metadata of its WAL names another cluster', {
          observed: copies.ranked
            .map(({ copy }) => `${copy.member ?? copy.target}: ${copy.cluster ?? 'unknown'}`)
            .join(', '),
          from: ['copies'],
        }),
        supporting(
          odd.every(({ copy }) => copy.inUse === null) ? undefined : odd.some(({ copy }) => copy.inUse === false),
          'It does not run',
          { observed: odd.map(({ copy }) => (copy.inUse === true ? 'in use' : 'not in use')).join(', ') },
        ),
      ],
    },
  ];
};
