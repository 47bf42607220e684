import type { Hint, Piece, Recognised } from '../types.js';
import { isRecord, known, textOf } from '../values.js';

/** Bodies of `GET /health` and `GET /version`; undefined for any other JSON. */
export const recogniseHttp = (value: unknown, hint: Hint): Recognised | undefined => {
  if (!isRecord(value)) return undefined;
  const moment = known({ moment: hint.moment });
  const health = textOf(value['health']);
  if (health === 'true' || health === 'false') {
    const body = JSON.stringify(known({ health, reason: textOf(value['reason']) }));
    const piece: Piece = {
      kind: 'health',
      about: hint.who,
      value: { path: '/health', statusCode: health === 'true' ? 200 : 503, body, elapsedMs: 0 },
      ...moment,
      lacks: 'the HTTP status is that which etcd gives with this body',
    };
    return { form: 'GET /health', pieces: [piece] };
  }
  const [etcdserver, etcdcluster] = [textOf(value['etcdserver']), textOf(value['etcdcluster'])];
  if (etcdserver === undefined || etcdcluster === undefined) return undefined;
  const storage = known({ storage: textOf(value['storage']) });
  return {
    form: 'GET /version',
    pieces: [{ kind: 'version', about: hint.who, value: { etcdserver, etcdcluster, ...storage }, ...moment }],
  };
};
