import { at, textOf } from '../../kubernetes/json.js';
import { kubernetesOf } from '../../kubernetes/lists.js';
import { defineProbe, ProbeError } from '../../probe.js';
import type { ApiserverHealthArtifact } from '../../../schemas/index.js';
import { verboseChecks } from '../support.js';

const MAX_BODY = 64 * 1024;
const paths = ['/readyz?verbose', '/livez?verbose'] as const;

const versionIn = (body: Buffer): string | undefined => {
  try {
    return textOf(at(JSON.parse(body.toString('utf8')), 'gitVersion'), 64);
  } catch {
    return undefined;
  }
};

export default defineProbe({
  kind: 'apiserver-health',
  scope: 'cluster',
  title: 'Health of the API server',
  reads: 'version, livez and readyz of the API server with the checks that it names, those of etcd among them',
  permission: 'network access to the API server; the kubeconfig of any user (system:public-info-viewer)',
  impact: 'read-only',
  cost: 'cheap',
  phase: 'once',
  lane: 'kubernetes',
  source: () => 'GET <API server>/readyz?verbose, /livez?verbose, /version',
  run: async (context) => {
    const port = kubernetesOf(context);
    const { signal, timeoutMs, monotonic } = context;
    const endBy = monotonic() + timeoutMs * 0.95;
    const probes: ApiserverHealthArtifact['probes'] = [];
    const problems: ProbeError[] = [];
    const ask = async (path: string) => {
      try {
        return await port.get(path, { signal, timeoutMs: Math.max(1, endBy - monotonic()), maxBytes: MAX_BODY });
      } catch (error) {
        if (!(error instanceof ProbeError)) throw error;
        problems.push(error);
        return undefined;
      }
    };
    const told = await ask('/version');
    // Side by side: each waits two seconds for every check of an etcd that does not answer.
    const answers = await Promise.all(paths.map(ask));
    for (const [index, path] of paths.entries()) {
      const answer = answers[index];
      if (answer === undefined) continue;
      const { status: statusCode, body, elapsedMs } = answer;
      probes.push({ path, statusCode, checks: verboseChecks(body.toString('utf8')), elapsedMs });
    }
    const version = told === undefined ? undefined : versionIn(told.body);
    const [problem] = problems;
    if (probes.length === 0 && version === undefined && problem !== undefined) throw problem;
    return {
      state: problem === undefined ? 'ok' : 'partial',
      ...(problem === undefined ? {} : { reason: problem.reason, message: problem.message }),
      source: `GET ${port.server}/readyz?verbose, /livez?verbose, /version`,
      parts: [
        {
          content: {
            server: port.server,
            kubeconfigFrom: port.from,
            ...(version === undefined ? {} : { version }),
            probes,
          },
        },
      ],
    };
  },
});
