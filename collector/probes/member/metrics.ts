import { defineProbe, type MemberTarget, ProbeError } from '../../probe.js';
import type { HttpAnswer } from '../../ports/http.js';

/** A busy 3.6 member serves about 0.3 MB; servers that embed etcd serve some MB. */
const MAX_BYTES = 32 * 1024 * 1024;

export default defineProbe({
  kind: 'metrics',
  scope: 'member',
  title: 'Metrics',
  reads: 'the whole Prometheus page of the member',
  permission: 'network access; a client certificate where the listener demands one',
  impact: 'read-only',
  cost: 'cheap',
  phase: 'round',
  source: ({ httpUrls }) => `GET ${httpUrls[0] ?? ''}/metrics`,
  run: async (context) => {
    const { target, signal, round } = context;
    const answer = await context.http.getFromMember(target, '/metrics', {
      signal,
      timeoutMs: context.timeoutMs * 0.95,
      maxBytes: MAX_BYTES,
      accept: (page) => belongsTo(page, target),
      tryUnproven: true,
      ...(round === undefined ? {} : { round }),
    });
    const source = `GET ${answer.url}`;
    if (answer.status !== 200) {
      throw new ProbeError('failed', 'http-status', `${source}: status ${answer.status}`, {
        httpStatus: answer.status,
      });
    }
    const common = { source, httpStatus: answer.status };
    if (!answer.truncated) return { ...common, state: 'ok', parts: [{ content: answer.body }] };
    const description = `only the first ${MAX_BYTES} bytes were read`;
    return {
      ...common,
      state: 'partial',
      reason: 'size-cap',
      message: description,
      parts: [{ content: answer.body, truncation: { description } }],
    };
  },
});

/** A metrics page of etcd, and of this member as far as the page tells (`etcd_server_id` carries the id in hex). */
const belongsTo = (page: HttpAnswer, target: MemberTarget): 'yes' | { readonly no: string } => {
  const text = page.body.toString('latin1');
  if (!/^(# (HELP|TYPE) |[a-zA-Z_:][\w:]*[{ ])/m.test(text.slice(0, 4096)) || !/^(etcd|go|process)_\w+/m.test(text)) {
    return { no: 'the answer is not a metrics page' };
  }
  const id = /^etcd_server_id\{server_id="([0-9a-f]+)"\}/m.exec(text)?.[1]?.padStart(16, '0');
  if (id !== undefined && /^[0-9a-f]{16}$/.test(target.id) && id !== target.id) {
    return { no: `the page is of member ${id}, not of ${target.id}` };
  }
  return 'yes';
};
