import type { Latency } from '../../facts/values/common.js';
import type { ApiServerView } from '../../facts/values/kubernetes.js';
import type { ReadLatency } from '../../facts/values/member.js';
import { type Claim, defineRule, type EvidenceInput, inconclusive, necessary, supporting } from '../../rule.js';
import { isSameStore } from '../evidence/api-server.js';

const inMs = (ms: number): string => (ms < 1000 ? `${Math.round(ms)} ms` : `${Math.round(ms / 100) / 10} s`);

const p99Text = ({ window }: Latency): string =>
  window === null || window.p99 === null
    ? 'no requests'
    : `p99 ${window.p99.hiMs === null ? `above ${inMs(window.p99.loMs)}` : `${inMs(window.p99.loMs)} to ${inMs(window.p99.hiMs)}`} over ${Math.round(window.count)} requests`;

interface Judged {
  readonly view: ApiServerView;
  readonly slow: boolean;
  readonly failing: boolean;
}

/** `etcd`, `etcd-readiness`, `etcd-override-readiness-0`. */
const isOfEtcd = (check: string): boolean => check.startsWith('etcd');

/** Longest of the collector's own linearizable reads through every member; undefined when one failed or none was made. */
const ownReads = (reads: ReadonlyMap<string, ReadLatency>): number | undefined => {
  const all = [...reads.values()].map(({ linearizable }) => linearizable);
  if (all.length === 0 || all.some(({ failed, maxMs }) => failed > 0 || maxMs === null)) return undefined;
  return Math.max(...all.map(({ maxMs }) => maxMs ?? 0));
};

export default defineRule({
  id: 'api-server-waits-for-etcd',
  title: 'The API server waits long for etcd',
  category: 'client-load',
  role: 'symptom',
  scope: 'cluster',
  why: 'Every request to Kubernetes waits for etcd; controllers lose their leases and kubectl hangs when etcd answers the API server late or not at all.',
  needs: ['apiServer'],
  wants: ['storage', 'readLatency'],
  explains: [],
  messages: {
    slow: 'The API server waits long for etcd: {observed}.',
    failing: 'Requests of the API server to etcd fail: {observed}.',
    unready: 'The API server finds its etcd not answering: failing {observed}.',
    beyond:
      'The API server waits long for etcd ({observed}), while every member answered the collector within {own}: the time is lost between them, or in the API server.',
  },
  basis: 'direct',
  remedy: [
    { text: 'Remove what makes etcd slow, when the report names it', tag: 'read-only' },
    {
      text: 'When the members are fast: look at the path from the API server to etcd (endpoints in --etcd-servers, round trips, TLS) and at the CPU of the API server',
      tag: 'read-only',
      command: "kubectl get --raw /metrics | grep -E '^etcd_request_(duration_seconds|errors_total)'",
    },
  ],
  doNot: ['restart the API servers: all their watches and lists would fall on etcd at once'],
  owner: 'operator',
  alternatives: [
    { rule: 'large-range-reads', why: 'Lists are left out here; they take long in a sound etcd too.' },
    { rule: 'read-index-slow', why: 'The members themselves would be seen to wait for the quorum.' },
  ],
  wouldDisprove: ['a window in which 99 % of the requests on single objects end within a second'],
  nextEvidence: [
    {
      what: 'the same measured from the host of the API server',
      command: 'on each control-plane node: sudo etcd-collect',
    },
  ],
  thresholds: ['api-server-p99-ms', 'api-server-requests', 'api-server-failed-share', 'read-index-ms'],
  evaluate: (ctx) => {
    const { apiServer } = ctx.need;
    const storage = [...ctx.each('storage').values()];
    const own = apiServer.views.filter((view) => isSameStore(view, storage) !== false);
    if (own.length === 0)
      return inconclusive('the size that etcd told the API server is that of no member: it may be of another cluster');
    const unready = own.flatMap(({ failing }) => failing ?? []).find(({ checks }) => checks.some(isOfEtcd));
    if (unready !== undefined) {
      const observed = `${unready.checks.filter(isOfEtcd).join(', ')} of ${unready.path.split('?')[0]}`;
      const evidence = [necessary(true, 'Checks of etcd that the API server makes', { observed, from: ['apiServer'] })];
      return [{ message: 'unready', data: { observed }, severity: 'warning', evidence }];
    }
    const measured = own.filter(({ single }) => single?.window !== null && single?.window !== undefined);
    if (measured.length === 0)
      return inconclusive('no API server was scraped twice, so nothing is known of the window');
    const judged = measured.map((view): Judged => {
      const window = view.single?.window;
      const enough = (window?.count ?? 0) >= ctx.limit('api-server-requests');
      const failed = view.failed?.delta ?? 0;
      return {
        view,
        slow: enough && (window?.p99?.loMs ?? 0) >= ctx.limit('api-server-p99-ms'),
        failing: enough && failed / Math.max(1, window?.count ?? 0) >= ctx.limit('api-server-failed-share'),
      };
    });
    const worst = judged.find(({ failing }) => failing) ?? judged.find(({ slow }) => slow) ?? judged[0];
    if (worst?.view.single === undefined || worst.view.single === null) return [];
    const { view, slow, failing } = worst;
    const { single, failed } = view;
    if (single === null) return [];
    const reads = ownReads(ctx.each('readLatency'));
    const isFast = reads === undefined ? undefined : reads < ctx.limit('read-index-ms');
    const observed = failing
      ? `${failed?.delta ?? 0} of ${Math.round(single.window?.count ?? 0)} within the window`
      : p99Text(single);
    const evidence: EvidenceInput[] = [
      necessary(slow || failing, 'Requests of the API server to etcd, lists left out', {
        observed,
        threshold: failing ? 'api-server-failed-share' : 'api-server-p99-ms',
        from: ['apiServer'],
      }),
      ...(reads === undefined
        ? []
        : [
            supporting(
              isFast === true && slow && !failing ? true : undefined,
              'Linearizable reads of the collector through each member',
              {
                observed: `at most ${inMs(reads)}`,
                threshold: 'read-index-ms',
                from: ['readLatency'],
              },
            ),
          ]),
    ];
    const claim: Claim = {
      message: failing ? 'failing' : isFast === true ? 'beyond' : 'slow',
      data: { observed, own: reads === undefined ? '' : inMs(reads) },
      severity: 'warning',
      evidence,
    };
    return [claim];
  },
});
