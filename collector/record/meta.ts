import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { errnoOf, UsageError } from '../errors.js';
import type { CollectOptions } from '../options.js';
import type { EndpointTarget, HostTarget, MemberTarget } from '../probe.js';

const FORMAT = 'etcd-evidence/ring/v1';

/** What is needed to make a bundle of a ring without its recorder. */
export interface RingMeta {
  readonly members: readonly MemberTarget[];
  readonly endpoints: readonly EndpointTarget[];
  readonly hosts: readonly HostTarget[];
  readonly label?: string;
  readonly redact: CollectOptions['redact'];
  /** File of the series key that was named for the recording. */
  readonly seriesKey?: string;
  /** Texts that the user wants replaced: the rounds still hold them. */
  readonly redactWords?: readonly string[];
  readonly invocationFlags: Readonly<Record<string, string>>;
}

const fileIn = (directory: string): string => join(directory, 'ring.json');

/** What a member is in a manifest; the settings and paths of its process are not kept on the disk twice. */
const slim = ({
  id,
  name,
  endpoint,
  tls,
  clientUrls,
  peerUrls,
  isLearner,
  discoveredBy,
  local,
}: MemberTarget): MemberTarget => ({
  kind: 'member',
  id,
  ...(name === undefined ? {} : { name }),
  endpoint,
  tls,
  clientUrls,
  peerUrls,
  isLearner,
  discoveredBy,
  httpUrls: [],
  ...(local === undefined
    ? {}
    : { local: { pid: 0, startTicks: '0', executable: '', settings: {}, matchedBy: 'ring' } }),
});

/** Writes the description of a ring; `document` redacts it. */
export const writeMeta = async (directory: string, meta: RingMeta, document: <T>(value: T) => T): Promise<void> => {
  const text = JSON.stringify(
    document({
      ...meta,
      format: FORMAT,
      members: meta.members.map(slim),
      hosts: meta.hosts.map(({ kind, id }) => ({ kind, id, members: [] })),
      endpoints: meta.endpoints.map(({ httpUrl: _, ...endpoint }) => endpoint),
    }),
  );
  const temp = `${fileIn(directory)}.partial`;
  await writeFile(temp, text, { mode: 0o600 });
  await rename(temp, fileIn(directory));
};

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isText = (value: unknown): value is string => typeof value === 'string';
const isList = <T>(value: unknown, is: (each: unknown) => each is T): value is T[] =>
  Array.isArray(value) && value.every(is);

const isMember = (value: unknown): value is MemberTarget =>
  isObject(value) &&
  [value.id, value.endpoint, value.discoveredBy].every(isText) &&
  isList(value.clientUrls, isText) &&
  isList(value.peerUrls, isText);
const isEndpoint = (value: unknown): value is EndpointTarget =>
  isObject(value) && isText(value.id) && isText(value.host) && Number.isInteger(value.port);
const isHost = (value: unknown): value is HostTarget => isObject(value) && isText(value.id);

/** Throws UsageError when the directory is no ring. */
export const readMeta = async (directory: string): Promise<RingMeta> => {
  const refuse = (why: string): UsageError =>
    new UsageError(`${directory}: ${why}`, 'name the directory that etcd-collect record printed');
  let meta: unknown;
  try {
    meta = JSON.parse(await readFile(fileIn(directory), 'utf8'));
  } catch (error) {
    throw refuse(errnoOf(error) === 'ENOENT' ? 'no ring of a recording' : 'the description of the ring cannot be read');
  }
  const form = refuse('the description of the ring is not in the expected form');
  if (!isObject(meta) || meta.format !== FORMAT) throw form;
  const { members, endpoints, hosts, redact, invocationFlags = {}, label, seriesKey, redactWords = [] } = meta;
  if (!isList(members, isMember) || !isList(endpoints, isEndpoint) || !isList(hosts, isHost)) throw form;
  if (redact !== 'standard' && redact !== 'secrets-only' && redact !== 'none') throw form;
  if (!isObject(invocationFlags) || !isList(redactWords, isText)) throw form;
  const flags = Object.entries(invocationFlags).filter((entry): entry is [string, string] => isText(entry[1]));
  return {
    members,
    endpoints,
    hosts,
    redact,
    invocationFlags: Object.fromEntries(flags),
    ...(isText(label) ? { label } : {}),
    ...(isText(seriesKey) ? { seriesKey } : {}),
    ...(redactWords.length === 0 ? {} : { redactWords }),
  };
};

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errnoOf(error) === 'EPERM';
  }
};

/** Takes the ring for this process; returns what gives it back. Throws UsageError when another process has it. */
export const lockRing = async (directory: string): Promise<() => Promise<void>> => {
  const path = join(directory, 'lock');
  for (let attempt = 0; ; attempt += 1) {
    try {
      await writeFile(path, String(process.pid), { flag: 'wx', mode: 0o600 });
      return () => rm(path, { force: true });
    } catch (error) {
      if (errnoOf(error) !== 'EEXIST' || attempt > 0) throw error;
    }
    const pid = Number(await readFile(path, 'utf8').catch(() => ''));
    if (Number.isInteger(pid) && pid > 0 && pid !== process.pid && isAlive(pid)) {
      throw new UsageError(
        `${directory}: process ${pid} records into this ring`,
        `stop it with Ctrl-C or SIGINT, which makes its bundle; when ${pid} is another program, delete ${path}`,
      );
    }
    await rm(path, { force: true });
  }
};
