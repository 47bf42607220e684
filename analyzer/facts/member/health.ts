import type { HealthArtifact } from '../../../schemas/index.js';
import { defineFact, observed } from '../../fact.js';
import { missingOf, readAll, sourceOf, valueIn } from '../access.js';
import { counterOf } from '../views.js';
import type { LoadedArtifact } from '../../bundle/case.js';
import type { HealthCheck } from '../values/index.js';

const kinds = ['health', 'livez', 'readyz'] as const;

/** `/health` answers `{"health":"true"}` or `"false"` with a reason (a boolean in some old versions); livez and readyz answer by status. */
const checkOf = (value: HealthArtifact): HealthCheck => {
  let healthy: boolean | null = value.statusCode === 200 ? true : value.statusCode === 503 ? false : null;
  const reasons: string[] = [];
  try {
    const body: unknown = JSON.parse(value.body);
    if (typeof body === 'object' && body !== null) {
      if ('health' in body) healthy = String(body.health) === 'true';
      if ('reason' in body && typeof body.reason === 'string' && body.reason !== '') reasons.push(body.reason);
    }
  } catch {
    // Verbose answers are plain lines, read by the collector into `checks`.
  }
  for (const check of value.checks ?? [])
    if (!check.ok) reasons.push(check.reason === undefined ? check.name : `${check.name}: ${check.reason}`);
  return { path: value.path, statusCode: value.statusCode, healthy, reasons, elapsedMs: value.elapsedMs };
};

export default defineFact({
  scope: 'member',
  id: 'health',
  title: 'Answers of /health, /livez and /readyz',
  artifacts: ['health', 'livez', 'readyz', 'metrics'],
  derive: (ctx) => {
    const latest = (kind: (typeof kinds)[number]): HealthCheck | null => {
      const artifact = ctx.case.artifacts(kind, ctx.id).at(-1);
      return artifact === undefined ? null : checkOf(artifact.value);
    };
    const value = { health: latest('health'), livez: latest('livez'), readyz: latest('readyz') };
    if (Object.values(value).every((check) => check === null)) {
      const read = readAll(ctx.case, 'health', ctx.id);
      return read.ok ? { ok: false, missing: missingOf(ctx.case, 'health', ctx.id) } : read;
    }
    const scrapes = valueIn(ctx.facts.member(ctx.id, 'scrapes'));
    return observed(
      {
        ...value,
        unsupported: kinds.filter((kind) =>
          ctx.case.items.some((item) => item.kind === kind && item.targetId === ctx.id && item.state === 'unsupported'),
        ),
        failures: scrapes === null ? null : counterOf(scrapes, 'etcd_server_health_failures'),
      },
      kinds.flatMap((kind) => {
        const artifact: LoadedArtifact | undefined = ctx.case.artifacts(kind, ctx.id).at(-1) as
          | LoadedArtifact
          | undefined;
        return artifact === undefined ? [] : [sourceOf(artifact)];
      }),
    );
  },
});
