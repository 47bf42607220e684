import { ProbeError } from '../../probe.js';
import type { HttpAnswer, HttpGetOptions, HttpMember, HttpPort, MemberAnswer, MemberGetOptions } from '../http.js';

/** A URL that has not answered after this share of the time gets company from the next one. */
const STAGGER = 1 / 3;

interface Memory {
  /** Base URL that served a path. */
  readonly served: Map<string, string>;
  /** Base URLs proven to be this member's. */
  readonly proven: Set<string>;
}

/** Picks among the base URLs of a member, one after another, never waiting for a dead one longer than a third of the time. */
export const createMemberGet = (get: HttpPort['get']): HttpPort['getFromMember'] => {
  const memories = new Map<string, Memory>();
  return async (member, path, options) => {
    const memory = memories.get(member.id) ?? { served: new Map(), proven: new Set() };
    memories.set(member.id, memory);
    const bases = candidates(member, path, memory, options.tryUnproven === true);
    if (bases.length === 0) {
      throw new ProbeError('unreachable', 'target-unreachable', 'the member has no URL to ask over HTTP');
    }
    const answer = await firstGood(
      bases,
      (base, signal) => attempt(get, member, base, path, { ...options, signal }),
      options,
    );
    if (answer.status < 400) {
      memory.served.set(path, answer.base);
      if (options.accept !== undefined) memory.proven.add(answer.base);
    }
    return answer;
  };
};

const candidates = (member: HttpMember, path: string, memory: Memory, tryUnproven: boolean): readonly string[] => {
  const own = (base: string) =>
    memory.proven.has(base) || base.endsWith(`//${member.endpoint}`) || member.clientUrls.includes(base);
  const known = memory.served.get(path);
  const usable = member.httpUrls.filter((base) => tryUnproven || own(base));
  // Once one URL has served the path there is no reason to knock at the others.
  return known === undefined
    ? [...usable.filter((base) => memory.proven.has(base)), ...usable.filter((base) => !memory.proven.has(base))]
    : [known];
};

const attempt = async (
  get: HttpPort['get'],
  member: HttpMember,
  base: string,
  path: string,
  options: MemberGetOptions,
): Promise<MemberAnswer> => {
  const url = `${base}${path}`;
  const plain: HttpGetOptions = { ...options, memberId: member.id };
  const answer: HttpAnswer = await get(url, plain);
  const verdict = answer.status < 400 ? (options.accept?.(answer) ?? 'yes') : 'yes';
  if (verdict !== 'yes') throw new ProbeError('failed', 'malformed-answer', `GET ${url}: ${verdict.no}`);
  return { ...answer, base, url };
};

/** First answer that is not an error and not a 404; else the first 404; else the error of the first URL. */
const firstGood = (
  bases: readonly string[],
  ask: (base: string, signal: AbortSignal) => Promise<MemberAnswer>,
  options: MemberGetOptions,
): Promise<MemberAnswer> =>
  new Promise((resolve, reject) => {
    const cancel = new AbortController();
    const signal = AbortSignal.any([options.signal, cancel.signal]);
    const failures: unknown[] = [];
    let notFound: MemberAnswer | undefined;
    let next = 0;
    let pending = 0;
    let timer: NodeJS.Timeout | undefined;
    const finish = () => {
      clearTimeout(timer);
      if (notFound !== undefined) resolve(notFound);
      else reject(failures[0]);
    };
    const launch = () => {
      clearTimeout(timer);
      const index = next;
      const base = bases[index];
      if (base === undefined) return;
      next += 1;
      pending += 1;
      if (next < bases.length) timer = setTimeout(launch, options.timeoutMs * STAGGER);
      void ask(base, signal)
        .then((answer) => {
          if (answer.status !== 404) {
            clearTimeout(timer);
            resolve(answer);
            cancel.abort();
            return true;
          }
          notFound ??= answer;
          return false;
        })
        .catch((error: unknown) => {
          failures[index] = error;
          return false;
        })
        .then((done) => {
          pending -= 1;
          if (done) return;
          if (next < bases.length) launch();
          else if (pending === 0) finish();
        });
    };
    launch();
  });
