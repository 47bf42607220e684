import { absent, defineFact, type FactContext, observed, type Source } from '../../fact.js';
import { unique, valueIn } from '../access.js';
import type { Versions } from '../values/index.js';

type Version = Versions['members'][number];

const fromMember = (ctx: FactContext, id: string): { version: Version | null; source: readonly Source[] } => {
  const status = ctx.facts.member(id, 'status');
  const told = ctx.case.artifacts('version', id).at(-1)?.value;
  const scrapes = ctx.facts.member(id, 'scrapes');
  const label = (metric: string, name: string): string | null =>
    valueIn(scrapes)
      ?.last.scrape.samples(metric)
      .find((sample) => sample.value > 0)?.labels[name] ?? null;
  const metric = label('etcd_server_version', 'server_version');
  const cluster = told?.etcdcluster ?? label('etcd_cluster_version', 'cluster_version');
  const go = label('etcd_server_go_version', 'server_go_version');
  const storage = (valueIn(status)?.last.storageVersion ?? told?.storage) || null;
  const make = (server: string, by: Version['by']): Version => ({ member: id, server, cluster, storage, go, by });
  if (status.ok && status.value.last.version !== '')
    return { version: make(status.value.last.version, 'status'), source: status.source.slice(-1) };
  if (told !== undefined) return { version: make(told.etcdserver, 'version'), source: [] };
  if (metric !== null) return { version: make(metric, 'metrics'), source: scrapes.ok ? scrapes.source.slice(-1) : [] };
  const log = ctx.facts.member(id, 'log');
  const started = valueIn(log)
    ?.summaries.flatMap(({ summary }) => summary.starts)
    .filter((start) => start.version !== undefined)
    .sort((a, b) => (a.time ?? 0) - (b.time ?? 0))
    .at(-1)?.version;
  return started === undefined
    ? { version: null, source: [] }
    : { version: make(started, 'log'), source: log.ok ? log.source : [] };
};

export default defineFact({
  scope: 'cluster',
  id: 'versions',
  title: 'Server, cluster and storage versions',
  artifacts: ['endpoint-status', 'version', 'metrics', 'server-log'],
  derive: (ctx) => {
    const all = ctx.case.members.map(({ id }) => fromMember(ctx, id));
    const members = all.flatMap(({ version }) => (version === null ? [] : [version]));
    if (members.length === 0) return absent('version', 'no member told its version');
    const server = unique(members.map((member) => member.server));
    const downgrades = ctx.case.members.flatMap(({ id }) => {
      const info = valueIn(ctx.facts.member(id, 'status'))?.last.downgradeInfo;
      return info?.enabled === true ? [{ member: id, target: info.targetVersion }] : [];
    });
    return observed(
      {
        members,
        server,
        cluster: unique(members.flatMap((member) => (member.cluster === null ? [] : [member.cluster]))),
        mixed: server.length > 1,
        downgrade: downgrades[0] ?? null,
      },
      all.flatMap(({ source }) => source),
    );
  },
});
