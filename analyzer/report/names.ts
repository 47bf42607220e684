import type { Report, ReportSource, ReportSubject } from '../../schemas/index.js';
import { shortId } from './format.js';

/** How a subject is written: a short label, the whole identity beside it, and the member's hue (0..7; -1 for no member). */
export interface Name {
  readonly label: string;
  readonly full: string;
  readonly hue: number;
}

export interface Names {
  /** By member id, host token or endpoint slug. */
  of(id: string): Name;
  subject(subject: ReportSubject): Name;
  /** A directory of the bundle, ending in `/`, with ids replaced by names: `m1/server/`. */
  directory(path: string): string;
  /** A place in the bundle with ids replaced by names; `full` is the path to open. */
  source(source: ReportSource): { readonly label: string; readonly pointer: string; readonly full: string };
}

const HUES = 8;
const EXTENSION = /\.(json|jsonl|prom|log|txt)$/;

/** Longest label before its middle is left out. */
const LABEL_MAX = 24;

/** What stands for a member that gave no name, an endpoint slug, as the address it was made from. */
const address = (name: string): string => name.replace(/^endpoint-([\w.-]{1,64})_(\d{1,5})$/, '$1:$2');

/** Names as labels: a domain that all share and the middle of what is still too long are left out, if labels stay apart. */
const briefly = (all: readonly string[]): ReadonlyMap<string, string> => {
  const named = [...new Set(all.filter((name) => name !== ''))];
  const domains = new Set(named.map((name) => name.slice(name.indexOf('.') >= 0 ? name.indexOf('.') : name.length)));
  const shared = named.length > 1 && domains.size === 1 ? ([...domains][0] ?? '') : '';
  const brief = named.map((name) => {
    const slug = address(name);
    if (slug !== name && slug.length <= LABEL_MAX) return slug;
    const host = name.slice(0, name.length - shared.length);
    return host.length > LABEL_MAX ? `${host.slice(0, 8)}…${host.slice(-14)}` : host;
  });
  const apart = new Set(brief).size === named.length && !brief.includes('');
  return new Map(named.map((name, index) => [name, apart ? (brief[index] ?? name) : name]));
};

const HOST_TOKEN = /\bhost-[0-9a-f]{8,64}\b/g;

/** Host tokens as `host 969e`; tokens that end alike stay whole. */
const hostsOf = (report: Report): ReadonlyMap<string, string> => {
  const tokens = [...new Set(JSON.stringify(report).match(HOST_TOKEN) ?? [])];
  const ends = new Map<string, number>();
  for (const token of tokens) ends.set(token.slice(-4), (ends.get(token.slice(-4)) ?? 0) + 1);
  return new Map(
    tokens.map((token) => [token, ends.get(token.slice(-4)) === 1 ? `host\u00a0${token.slice(-4)}` : token]),
  );
};

/** Gives every member one name and one hue for the whole report; two members of one name are told apart by their ids. */
export const namesOf = (report: Report): Names => {
  const known = new Map<string, string>();
  const learn = (id: string, name: string): void => {
    if (known.get(id) === undefined || known.get(id) === '') known.set(id, name.trim());
  };
  for (const member of report.members) learn(member.id, member.name);
  for (const lane of report.timeline.lanes) learn(lane.member, lane.name);
  for (const chart of [...report.charts.walFsync, ...report.charts.backendCommit, ...report.charts.storage]) {
    learn(chart.member, chart.name);
  }
  const brief = briefly([...known.values()]);
  const uses = new Map<string, number>();
  for (const name of known.values()) uses.set(name, (uses.get(name) ?? 0) + 1);
  const hues = new Map([...known.keys()].map((id, index) => [id, index % HUES]));

  const hosts = hostsOf(report);

  const of = (id: string): Name => {
    const name = known.get(id);
    const host = hosts.get(id);
    if (name === undefined && host !== undefined) return { label: host, full: id, hue: -1 };
    if (name === undefined) return { label: shortId(id), full: id, hue: -1 };
    const hue = hues.get(id) ?? -1;
    if (name === '') return { label: shortId(id), full: `${id} (no name)`, hue };
    const label = brief.get(name) ?? name;
    return { label: (uses.get(name) ?? 1) > 1 ? `${label} (${shortId(id)})` : label, full: `${name} ${id}`, hue };
  };
  const subject = (item: ReportSubject): Name => {
    if (item.kind === 'cluster') return { label: 'cluster', full: 'the whole cluster', hue: -1 };
    if (known.has(item.id)) return of(item.id);
    return {
      label: item.name === undefined || item.name === '' || hosts.has(item.name) ? of(item.id).label : item.name,
      full: `${item.kind} ${item.id}`,
      hue: -1,
    };
  };
  const directory = (path: string): string =>
    path
      .split('/')
      .filter((part, index, parts) => part !== 'members' && !(part === 'hosts' && hosts.has(parts[index + 1] ?? '')))
      .map((part) =>
        known.has(part) || hosts.has(part)
          ? of(part).label
          : part.length > 24 && !part.includes('.')
            ? shortId(part)
            : part,
      )
      .join('/');
  const source = (item: ReportSource) => {
    const path = item.path ?? item.artifact ?? '';
    const label = directory(path).replace(EXTENSION, '');
    const pointer = item.pointer ?? '';
    return {
      label,
      pointer,
      full: [path, pointer, item.bundle === undefined ? '' : `bundle ${item.bundle}`]
        .filter((part) => part !== '')
        .join(' · '),
    };
  };
  return { of, subject, directory, source };
};
