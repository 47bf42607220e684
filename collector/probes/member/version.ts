import type { VersionArtifact } from '../../../schemas/index.js';
import { defineProbe, ProbeError } from '../../probe.js';
import { getSmall } from '../support.js';

export default defineProbe({
  kind: 'version',
  scope: 'member',
  title: 'Version',
  reads: 'server, cluster and storage version',
  permission: 'network access; a client certificate where the listener demands one',
  impact: 'read-only',
  cost: 'cheap',
  phase: 'once',
  source: ({ httpUrls }) => `GET ${httpUrls[0] ?? ''}/version`,
  run: async (context) => {
    const answer = await getSmall(context, '/version');
    const source = `GET ${answer.url}`;
    if (answer.status !== 200) {
      throw new ProbeError('failed', 'http-status', `${source}: status ${answer.status}`, {
        httpStatus: answer.status,
      });
    }
    return {
      state: 'ok',
      source,
      httpStatus: answer.status,
      parts: [{ content: parse(answer.body.toString('utf8'), source) }],
    };
  },
});

const parse = (text: string, source: string): VersionArtifact => {
  const fields = jsonObject(text);
  const { etcdserver, etcdcluster, storage } = fields;
  if (typeof etcdserver !== 'string' || typeof etcdcluster !== 'string') {
    throw new ProbeError('failed', 'malformed-answer', `${source}: not etcd's version answer`);
  }
  return { etcdserver, etcdcluster, ...(typeof storage === 'string' && storage !== '' ? { storage } : {}) };
};

const jsonObject = (text: string): Record<string, unknown> => {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
};
