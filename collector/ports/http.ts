import type { CollectOptions } from '../options.js';
import { createGet } from './http/get.js';
import { createMemberGet } from './http/member-get.js';
import { createRequestCounter, type RequestCounts } from './requests.js';
import { loadTlsMaterial } from './tls.js';

/** Bounded HTTP GET; errors are ProbeErrors. Proxies of the environment are never used. */
export interface HttpPort {
  readonly get: (url: string, options: HttpGetOptions) => Promise<HttpAnswer>;
  /**
   * GET of `path` at the first base URL of a member that serves it. The choice is remembered per run. URLs that are not
   * client URLs of the member count as its own only after `accept` said so for one of their answers.
   */
  readonly getFromMember: (member: HttpMember, path: string, options: MemberGetOptions) => Promise<MemberAnswer>;
  /** Requests sent so far, by member id and phase (`once` or the round number). */
  readonly requests: () => RequestCounts;
  readonly close: () => void;
}

export interface HttpGetOptions {
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
  readonly maxBytes: number;
  /** Gets the body as it comes; the answer's own is empty then. */
  readonly sink?: (chunk: Buffer) => void;
  /** For counting requests per member and round. */
  readonly memberId?: string;
  readonly round?: number;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  readonly truncated: boolean;
  readonly elapsedMs: number;
  /** Wall clock, ms: just before sending and at the first byte of the answer. */
  readonly sentAt: number;
  readonly receivedAt: number;
}

/** What is needed of a MemberTarget. */
export interface HttpMember {
  readonly id: string;
  readonly endpoint: string;
  readonly clientUrls: readonly string[];
  readonly httpUrls: readonly string[];
}

export interface MemberGetOptions extends Omit<HttpGetOptions, 'memberId'> {
  /** Whether this answer is what was asked for and comes from this member: `yes`, or why not. */
  readonly accept?: (answer: HttpAnswer) => 'yes' | { readonly no: string };
  /** Also ask URLs that may belong to another member; only with an `accept` that can tell. */
  readonly tryUnproven?: boolean;
}

export interface MemberAnswer extends HttpAnswer {
  /** Base URL that answered, and the whole URL. */
  readonly base: string;
  readonly url: string;
}

/** Uses the TLS files of the run for https. Throws ProbeError `file-missing` / `file-access` when one cannot be read. */
export const createHttpPort = (options: Pick<CollectOptions, 'tls'>): HttpPort => {
  const counter = createRequestCounter();
  const { get, close } = createGet(loadTlsMaterial(options.tls), counter);
  return { get, getFromMember: createMemberGet(get), requests: counter.requests, close };
};
