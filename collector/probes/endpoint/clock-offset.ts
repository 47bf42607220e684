import type { ClockOffsetArtifact } from '../../../schemas/index.js';
import { defineProbe, ProbeError } from '../../probe.js';

const SAMPLES = 3;
/** Spread over a second, so that the whole-second Date header turns over between samples and narrows the interval. */
const PAUSE_MS = 340;
/** Resolution of the HTTP Date header (RFC 9110, 5.6.7), ms. */
const RESOLUTION_MS = 1_000;

type Sample = ClockOffsetArtifact['samples'][number];

export default defineProbe({
  kind: 'clock-offset',
  scope: 'endpoint',
  title: 'Clock offset',
  reads: 'the Date header of a few version requests',
  permission: 'network access; a client certificate where the listener demands one',
  impact: 'read-only',
  cost: 'cheap',
  phase: 'once',
  appliesTo: ({ httpUrl }) =>
    httpUrl !== undefined || { reason: 'not-asked', message: 'the endpoint does not speak HTTP to clients' },
  source: ({ httpUrl }) => `GET ${httpUrl ?? ''}/version`,
  run: async (context) => {
    const { httpUrl, memberId } = context.target;
    const url = `${httpUrl ?? ''}/version`;
    const samples: Sample[] = [];
    const startedAt = context.monotonic();
    while (samples.length < SAMPLES) {
      const left = context.timeoutMs * 0.95 - (context.monotonic() - startedAt);
      if (samples.length > 0 && left < PAUSE_MS * 2) break;
      const options = {
        signal: context.signal,
        timeoutMs: left,
        maxBytes: 4096,
        ...(memberId === undefined ? {} : { memberId }),
      };
      const answer = await context.http.get(url, options);
      const date = new Date(answer.headers['date'] ?? Number.NaN);
      if (Number.isNaN(date.getTime()))
        throw new ProbeError('failed', 'malformed-answer', `GET ${url}: no Date header`);
      samples.push({ sentAt: iso(answer.sentAt), receivedAt: iso(answer.receivedAt), serverDate: date.toISOString() });
      if (samples.length < SAMPLES) await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
    return { state: 'ok', source: `GET ${url}`, parts: [{ content: { samples, offsetMs: intersect(samples) } }] };
  },
});

const iso = (ms: number): string => new Date(ms).toISOString();

/**
 * Server minus collector clock, ms. Each sample says: at some moment between sending and receiving, the server's clock
 * was within the second its header names. Null when the samples contradict each other (a clock was set in between).
 */
const intersect = (samples: readonly Sample[]): { min: number; max: number } | null => {
  const bounds = samples.map(({ sentAt, receivedAt, serverDate }) => {
    const date = Date.parse(serverDate);
    return { min: date - Date.parse(receivedAt), max: date + RESOLUTION_MS - Date.parse(sentAt) };
  });
  if (bounds.length === 0) return null;
  const min = Math.max(...bounds.map((bound) => bound.min));
  const max = Math.min(...bounds.map((bound) => bound.max));
  return min <= max ? { min, max } : null;
};
