import { answering } from '../etcdctl-pieces.js';
import type { Hint, Piece, Recognised } from '../types.js';
import { durationMs, isRecord, records, textOf, texts } from '../values.js';
import { memberListOf, statusOf } from './etcdctl-json.js';
import { recogniseMetrics } from './metrics.js';

// The report of etcd-diagnosis (github.com/vmware/etcd-diagnosis, commands/report): one result per checker, 64-bit ids as numbers.

type Json = Readonly<Record<string, unknown>>;

const reads = (result: Json, linearizable: boolean, hint: Hint): Piece[] =>
  records(result['readResponses']).map((response): Piece => {
    const error = textOf(response['error']) ?? '';
    const ms = durationMs(textOf(response['took'])) ?? 0;
    const attempt = error === '' ? { ms, ok: true } : { ms, ok: false, code: 'UNKNOWN', error: error.slice(0, 400) };
    return {
      kind: 'read-latency',
      about: answering(hint, undefined, textOf(response['endpoint'])),
      value: { serializable: linearizable ? [] : [attempt], linearizable: linearizable ? [attempt] : [] },
      // The report names no error but a refused permission.
      lacks: 'etcd-diagnosis reports a read that failed as if it had succeeded, unless permission was denied',
    };
  });

const labelText = (labels: unknown): string =>
  isRecord(labels)
    ? Object.entries(labels)
        .map(([name, value]) => `${name}="${String(value).replace(/["\\\n]/g, '_')}"`)
        .join(',')
    : '';

/** Lines of the text format, from either form of the report: texts as scraped, or families with samples (later versions). */
const linesOf = (metrics: Json): string[] =>
  Object.entries(metrics).flatMap(([name, family]) => {
    if (Array.isArray(family)) return texts(family);
    return records(isRecord(family) ? family['samples'] : undefined).flatMap((sample) => {
      const metric = sample['metric'];
      if (!isRecord(metric)) return [];
      const labels = labelText(sample['labels']);
      const braces = labels === '' ? '' : `{${labels}}`;
      if (metric['value'] !== undefined) return [`${name}${braces} ${textOf(metric['value'])}`];
      const buckets = records(metric['buckets']).map((bucket) => {
        const le = textOf(bucket['le'])?.replace(/^Inf$/, '+Inf');
        return `${name}_bucket{${labels}${labels === '' ? '' : ','}le="${le}"} ${textOf(bucket['count'])}`;
      });
      const count = textOf(metric['count']);
      // The client library that wrote this leaves the last bucket out.
      const all = buckets.some((line) => line.includes('le="+Inf"'))
        ? buckets
        : [...buckets, `${name}_bucket{${labels}${labels === '' ? '' : ','}le="+Inf"} ${count}`];
      return [...all, `${name}_sum${braces} ${textOf(metric['sum'])}`, `${name}_count${braces} ${count}`];
    });
  });

const scrapes = (result: Json, hint: Hint): Piece[] =>
  records(result['epMetricsList']).flatMap((entry): Piece[] => {
    const metrics = entry['epMetrics'];
    if (!isRecord(metrics)) return [];
    const own: Hint = {
      who: answering(hint, undefined, textOf(entry['endpoint'])),
      ...(hint.moment === undefined ? {} : { moment: hint.moment }),
    };
    const found = recogniseMetrics(linesOf(metrics), own);
    return 'reason' in found ? [] : [...found.pieces];
  });

/** The JSON report of etcd-diagnosis; undefined for any other JSON. */
export const recogniseDiagnosis = (value: unknown, hint: Hint): Recognised | undefined => {
  if (!isRecord(value) || !isRecord(value['input']) || !Array.isArray(value['results'])) return undefined;
  const results = records(value['results']);
  if (!results.some(({ name }) => /Checker$/.test(textOf(name) ?? ''))) return undefined;
  const notes: string[] = [];
  const pieces = results.flatMap((result): Piece[] => {
    const reason = textOf(result['reason']);
    if (reason !== undefined) notes.push(`etcd-diagnosis: ${textOf(result['name'])} failed: ${reason.slice(0, 200)}`);
    const list = isRecord(result['memberList']) ? memberListOf(result['memberList'], hint) : undefined;
    const statuses = records(result['epStatusList']).map((entry) =>
      isRecord(entry['epStatus']) ? statusOf(entry['epStatus'], textOf(entry['endpoint']), hint) : undefined,
    );
    return [
      ...[list, ...statuses].filter((piece) => piece !== undefined),
      ...reads(result, /^linearizable/.test(textOf(result['name']) ?? ''), hint),
      ...scrapes(result, hint),
    ];
  });
  return { form: 'etcd-diagnosis report', pieces, notes };
};
