import type { AuthStateArtifact } from '../../../schemas/index.js';
import { defineProbe, ProbeError } from '../../probe.js';
import { callOf } from '../support.js';

/** AuthStatus would be a raft proposal and needs root; an anonymous read tells as much for nothing. */
export default defineProbe({
  kind: 'auth-state',
  scope: 'member',
  title: 'Authentication',
  reads: 'whether an anonymous local read is answered or refused',
  permission: 'none',
  impact: 'read-only',
  cost: 'cheap',
  phase: 'once',
  source: ({ endpoint }) => `gRPC KV/Range (count only, anonymous) ${endpoint}`,
  run: async (context) => {
    const source = `gRPC KV/Range (count only, anonymous) ${context.target.endpoint}`;
    const done = (content: AuthStateArtifact) => ({
      state: 'ok' as const,
      source,
      grpcStatus: content.grpcStatus ?? 'OK',
      parts: [{ content }],
    });
    try {
      await context.etcd.countRead(context.target, { serializable: true, anonymous: true }, callOf(context));
    } catch (error) {
      if (!(error instanceof ProbeError)) throw error;
      if (!['auth-required', 'permission-denied'].includes(error.reason)) throw error;
      return done({
        enabled: true,
        determinedBy: 'an anonymous serializable count-only read was refused',
        ...(error.detail.grpcStatus === undefined ? {} : { grpcStatus: error.detail.grpcStatus }),
        detail: error.message,
      });
    }
    return done({
      enabled: false,
      determinedBy: 'an anonymous serializable count-only read was answered',
      grpcStatus: 'OK',
      ...(context.target.tls
        ? {
            detail:
              'over TLS: if a client certificate was sent and its common name is an etcd user, this would look the same',
          }
        : {}),
    });
  },
});
