import type { SchemaTypes } from '../../schemas/index.js';

export type Policy = SchemaTypes['policy'];

/** In force without --policy. `etcd-analyze policy` prints it, to be copied and changed. */
export const defaultPolicy: Policy = {
  schema: 'etcd-evidence/policy/v1',
  name: 'default',
  intervene: {
    quorumLost: true,
    lastSpareLost: true,
    minimumConfidence: 'medium',
    alsoCauses: [],
    neverCauses: [],
  },
  // Own choice: the time in which a second member is unlikely to fail too, and after which a second pair of eyes helps.
  diagnosis: { limitMinutes: 30 },
  escalation: [],
};
