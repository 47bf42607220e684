import { gunzipSync } from 'node:zlib';
import { recogniseDiagnosis } from './forms/etcd-diagnosis.js';
import { recogniseFields } from './forms/etcdctl-fields.js';
import { recogniseEtcdctlJson } from './forms/etcdctl-json.js';
import { recogniseRows, recogniseSimple } from './forms/etcdctl-rows.js';
import { rowsOfTable } from './forms/etcdctl-table.js';
import { recogniseHttp } from './forms/http-answers.js';
import { parseYaml, recogniseKubernetes } from './forms/kubernetes.js';
import { recogniseLog } from './forms/log.js';
import { isMetricLine, recogniseMetrics } from './forms/metrics.js';
import { recognisePrometheus } from './forms/prometheus.js';
import { parseExact } from './exact-json.js';
import { MAX_PASTE_BYTES } from './limits.js';
import { type Segment, segmentsOf } from './segments.js';
import type { ForeignFile, Hint, Recognised } from './types.js';

export type Outcome = Recognised | { readonly reason: string };

/** JSON is looked at by each in turn; each knows its own shape. */
const jsonForms: readonly ((value: unknown, hint: Hint) => Outcome | undefined)[] = [
  recogniseEtcdctlJson,
  recogniseDiagnosis,
  recognisePrometheus,
  recogniseKubernetes,
  recogniseHttp,
];

const ofJson = (value: unknown, hint: Hint): Outcome => {
  for (const form of jsonForms) {
    const found = form(value, hint);
    if (found !== undefined) return found;
  }
  return { reason: 'JSON, but of no form that is known here' };
};

const nothing = (reason: string): Outcome => ({ reason });

/** `kubectl logs --prefix` puts pod and container before every line. */
const PREFIX = /^\[pod\/([^/\]]+)\/([^\]]+)\] (.*)$/;

const logsByPod = (lines: readonly string[]): Map<string, string[]> | undefined => {
  const pods = new Map<string, string[]>();
  for (const line of lines) {
    const [, pod, container, rest] = PREFIX.exec(line) ?? [];
    if (pod === undefined || rest === undefined) {
      if (line.trim() === '') continue;
      return undefined;
    }
    if (container === 'etcd') pods.set(pod, [...(pods.get(pod) ?? []), rest]);
  }
  return pods.size === 0 ? undefined : pods;
};

const ofText = async (lines: readonly string[], hint: Hint, reference: number): Promise<Outcome[]> => {
  const pods = logsByPod(lines);
  if (pods !== undefined) {
    const logs = [...pods].map(([pod, own]) => {
      const who = { label: pod, node: pod.replace(/^etcd-/, '') };
      return recogniseLog(Buffer.from(own.join('\n')), { ...hint, who, isServerLog: true }, 0, reference);
    });
    return (await Promise.all(logs)).filter((log) => log !== undefined);
  }
  const bytes = Buffer.from(`${lines.join('\n')}\n`);
  const log = await recogniseLog(bytes, hint, 0, reference);
  return [log ?? nothing('text in which no line is one that an etcd server writes')];
};

const ofSegment = async (segment: Segment, hint: Hint, reference: number): Promise<Outcome[]> => {
  const { lines } = segment;
  switch (segment.kind) {
    case 'table':
      return [recogniseRows(rowsOfTable(lines), 'table', hint) ?? nothing('a table of another program than etcdctl')];
    case 'fields':
      return [recogniseFields(lines, hint) ?? nothing('fields of an etcdctl answer that says nothing of the cluster')];
    case 'simple':
      return recogniseSimple(lines, hint);
    case 'metrics':
      return [recogniseMetrics(lines, hint)];
    case 'json': {
      const parsed = parseExact(lines.join('\n'));
      return [parsed.ok ? ofJson(parsed.value, hint) : nothing(parsed.reason)];
    }
    case 'text':
      return ofText(lines, hint, reference);
  }
};

const decoder = new TextDecoder('utf-8');

const isBinary = (bytes: Uint8Array): boolean => bytes.subarray(0, 4096).includes(0) && bytes[0] !== 0;

/** The content of a gzip, up to a size; undefined when it is larger or broken. */
export const gunzipped = (bytes: Uint8Array, limit: number): Uint8Array | undefined => {
  try {
    return gunzipSync(bytes, { maxOutputLength: limit });
  } catch {
    return undefined;
  }
};

/** What a file is, part by part. Never throws for what it holds. */
export const recognise = async (file: ForeignFile, hint: Hint, reference: number): Promise<Outcome[]> => {
  const { bytes, skippedBytes } = file;
  if (bytes.length === 0) return [nothing('empty')];
  if (isBinary(bytes)) return [nothing('binary, of no kind that is known here')];
  if (bytes.length > MAX_PASTE_BYTES || skippedBytes > 0) return ofLarge(file, hint, reference);
  const text = decoder.decode(bytes).replace(/^\ufeff/, '');
  if (/^\s*[[{]/.test(text)) {
    const parsed = parseExact(text);
    if (parsed.ok) {
      const found = ofJson(parsed.value, hint);
      // A single line of a log is a JSON document too.
      if (!('reason' in found)) return [found];
      return [(await recogniseLog(bytes, hint, 0, reference)) ?? found];
    }
  }
  if (/^(?:---\s*\n)?(?:apiVersion|kind|items|metadata):/m.test(text.slice(0, 2000))) {
    const found = (parseYaml(text) ?? [])
      .map((document) => ofJson(document, hint))
      .filter((each) => !('reason' in each));
    if (found.length > 0) return found;
  }
  const outcomes: Outcome[] = [];
  for (const segment of segmentsOf(text)) {
    const own: Hint = segment.label === undefined ? hint : { ...hint, who: { label: segment.label } };
    outcomes.push(...(await ofSegment(segment, own, reference)));
  }
  return outcomes.length === 0 ? [nothing('nothing in it that is known here')] : outcomes;
};

/** A large file is one thing: JSON, scrapes or a log. */
const ofLarge = async ({ bytes, skippedBytes }: ForeignFile, hint: Hint, reference: number): Promise<Outcome[]> => {
  const head = decoder.decode(bytes.subarray(0, 64 * 1024));
  if (skippedBytes === 0 && /^\s*[[{]/.test(head)) {
    const parsed = parseExact(decoder.decode(bytes));
    if (parsed.ok) return [ofJson(parsed.value, hint)];
  }
  const lines = head.split('\n').slice(0, 200);
  if (lines.filter(isMetricLine).length > lines.length / 2)
    return [recogniseMetrics(decoder.decode(bytes).split('\n').filter(isMetricLine), hint)];
  const log = await recogniseLog(bytes, hint, skippedBytes, reference);
  return [log ?? nothing('too large to be looked into part by part, and no server log of etcd')];
};
