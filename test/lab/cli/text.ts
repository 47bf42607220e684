import { join } from 'node:path';
import { columns } from '../../../collector/cli/tables.js';
import { packageRoot } from '../../../schemas/index.js';
import type { FaultDefinition, Param, Params } from '../fault.js';
import type { LoadDefinition } from '../load.js';
import type { Scenario } from '../scenario.js';
import type { Truth } from '../truth.js';
import type { Paint } from './paint.js';
import type { Cleared, ClusterStatus, InForce, MemberStatus, Status } from './protocol.js';

export const COMMAND = 'npm run lab --';

/** `0 s`, `12 s`, `29 min`, `3 h 5 min`. */
export const span = (ms: number): string => {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 120) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 120 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
};

/** For a shell: quoted only where it must be. */
export const shellWord = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;

const indented = (text: string, by = '  '): string => text.replace(/^/gm, by);

const settings = (params: Params): string =>
  Object.entries(params)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ');

const onWhom = ({ kind, members }: InForce): string =>
  kind === 'load' ? '' : ` on ${members.length === 0 ? 'the cluster' : members.join(', ')}`;

/** `#2 fault pause on m3, for 12 s (seconds=5)`. */
export const inForceLine = (entry: InForce, now: number): string => {
  const params = settings(entry.params);
  return `#${entry.number} ${entry.kind} ${entry.name}${onWhom(entry)}, for ${span(now - entry.since)}${params === '' ? '' : ` (${params})`}`;
};

/** What a report should say, line by line. */
export const truthLines = (truth: Truth): string => {
  const { causes, verdict, subject = 'target', also = {}, fromOneNode } = truth;
  const about = subject === 'target' ? ', about a member it was done to' : '';
  const cause = (ids: readonly string[]): string => (ids.length === 0 ? 'none' : ids.join(', or '));
  const lines = [
    `cause     ${cause(causes)}${causes.length === 0 ? '' : about}`,
    `verdict   ${verdict.join(', or ')}`,
    ...Object.entries(also).map(([id, why]) => `also      ${id}: ${why}`),
  ];
  if (fromOneNode !== undefined) {
    const { causes: seen, verdict: then, missing } = fromOneNode;
    lines.push(`one node  ${cause(seen)}; ${then.join(', or ')} (missing: ${missing})`);
  }
  return lines.join('\n');
};

/** The same in one line, without what else may be true. */
const truthLine = ({ causes, verdict }: Truth): string =>
  `a report should say: ${causes.length === 0 ? 'no cause' : causes.join(' or ')}; ${verdict.join(' or ')}`;

const shownMembers = (cluster: ClusterStatus): MemberStatus[] => cluster.members.filter(({ role }) => role !== 'spare');

const membersTable = ({ members, ...cluster }: ClusterStatus, paint: Paint): string => {
  const shown = shownMembers({ members, ...cluster });
  const rows = shown.map(({ name, role, pid, clientUrl, version, host }) => [
    ...[name, role, String(pid), clientUrl, version],
    host === undefined ? '' : `${host.name} (${host.device})`,
  ]);
  const [head = '', ...lines] = columns([['MEMBER', 'ROLE', 'PID', 'CLIENT URL', 'ETCD', 'HOST'], ...rows]).split('\n');
  const style = (role: MemberStatus['role'] | undefined) =>
    role === 'leader' ? 'green' : role === 'follower' || role === 'learner' ? undefined : 'red';
  return [
    paint('dim', head),
    ...lines.map((line, at) => {
      const colour = style(shown[at]?.role);
      return colour === undefined ? line : paint(colour, line);
    }),
  ].join('\n');
};

const titleOf = (status: Status): string => {
  const { cluster } = status;
  if (cluster === undefined) return `${status.name}: ${status.state}`;
  const members = shownMembers(cluster);
  const parts = [
    `etcd ${[...new Set(members.map(({ version }) => version))].join(' and ')}`,
    members.length === 1 ? 'one member' : `${members.length} members`,
    members.some(({ host }) => host !== undefined) ? 'a host each' : 'on loopback',
    ...(cluster.tls ? ['mutual TLS'] : []),
    ...(cluster.login === undefined ? [] : [`user ${cluster.login.user}`]),
  ];
  return `${status.name}: ${parts.join(', ')}`;
};

/** A running lab in `list`. */
export const statusText = (status: Status, now: number, paint: Paint): string => {
  const left = status.endsAt === 0 ? '' : `${span(status.endsAt - now)} left, `;
  const lines = [`${paint('bold', titleOf(status))}; ${left}daemon ${status.pid}`];
  if (status.cluster !== undefined) lines.push(indented(membersTable(status.cluster, paint)));
  if (status.scenario !== undefined) {
    const { id, title, members } = status.scenario;
    lines.push(`  scenario ${id}: ${title}${members.length === 0 ? '' : ` (on ${members.join(', ')})`}`);
    lines.push(`     ${truthLine(status.scenario.truth)}`);
  }
  for (const entry of status.inForce) {
    lines.push(`  ${entry.kind === 'fault' ? paint('yellow', inForceLine(entry, now)) : inForceLine(entry, now)}`);
    if (entry.truth !== undefined && status.scenario === undefined) lines.push(`     ${truthLine(entry.truth)}`);
  }
  if (status.inForce.length === 0 && status.state === 'running') lines.push('  nothing in force');
  for (const problem of status.problems) lines.push(paint('red', `  problem: ${problem}`));
  if (status.problems.length > 0) lines.push(`  see ${status.log}`);
  return lines.join('\n');
};

/** How to run etcd-collect by hand on the host of the first member. */
export const collectorCommand = (cluster: ClusterStatus): string => {
  const [first] = cluster.members;
  const { login } = cluster;
  const words = [
    ...(first?.host?.inside ?? []),
    ...(login === undefined ? [] : ['env', `ETCDCTL_PASSWORD=${login.password}`]),
    process.execPath,
    join(packageRoot, 'dist', 'collector', 'main.js'),
    ...['--endpoints', cluster.endpoints.join(','), '--redact', 'secrets-only', ...cluster.flags],
    ...(login === undefined ? [] : ['--user', login.user]),
    ...['-o', `/tmp/${first?.name ?? 'lab'}.tar.gz`],
  ];
  return words.map(shellWord).join(' ');
};

/** What `up` prints at the end: how to reach it and what to do with it. */
export const upText = (
  status: Status,
  now: number,
  paint: Paint,
  without: { readonly why: string; readonly faults: readonly string[] } | undefined,
): string => {
  const { cluster } = status;
  if (cluster === undefined) return statusText(status, now, paint);
  // Every later command has to say which lab, once there may be others.
  const which = status.name === 'lab' ? '' : ` --lab ${status.name}`;
  const rows: [string, string][] = [
    ['endpoints', cluster.endpoints.join(',')],
    ...(cluster.flags.length === 0 ? [] : [['access', cluster.flags.map(shellWord).join(' ')] as [string, string]]),
    ...(cluster.login === undefined
      ? []
      : [['login', `--user ${cluster.login.user}:${cluster.login.password}`] as [string, string]]),
    ['data, logs', cluster.dir],
    ['collect', `${COMMAND} collect${which}`],
    ['by hand', collectorCommand(cluster)],
    ['etcdctl', `${COMMAND} exec m1${which} -- etcdctl endpoint status -w table`],
    ['break it', `${COMMAND} fault pause --on leader${which}   (all: ${COMMAND} list faults)`],
    [
      'end it',
      `${COMMAND} down${status.name === 'lab' ? '' : ` ${status.name}`}   (by itself in ${span(status.endsAt - now)})`,
    ],
  ];
  const notes =
    without === undefined
      ? []
      : [
          '',
          `All members share this machine's network, disk and processes (${without.why}).`,
          without.faults.length === 0
            ? 'Faults that need more than that say so when they are asked for.'
            : `Not possible so: ${without.faults.join(', ')}; others that need more than that say so when they are asked for.`,
        ];
  return [
    statusText(status, now, paint),
    '',
    ...rows.map(([name, value]) => `${paint('dim', name.padEnd(11))} ${value}`),
    ...notes,
  ].join('\n');
};

/** What was done, to whom, and what a report should say. */
export const faultText = (entry: InForce, lab: string, paint: Paint): string =>
  [
    paint('bold', `#${entry.number} ${entry.title}`),
    `  done      ${entry.name}${onWhom(entry)}${Object.keys(entry.params).length === 0 ? '' : ` (${settings(entry.params)})`}`,
    ...(entry.truth === undefined ? [] : [indented(truthLines(entry.truth))]),
    `  undo      ${COMMAND} clear ${entry.number}${lab === 'lab' ? '' : ` --lab ${lab}`}`,
  ].join('\n');

export const clearedText = ({ cleared, servesAfter, notServing }: Cleared, now: number, paint: Paint): string => {
  if (cleared.length === 0) return 'Nothing to clear.';
  const lines = cleared.map((entry) => {
    const { report } = entry;
    const did =
      report === undefined
        ? ''
        : `; ${report.done} calls done, ${report.failed} failed, p50 ${report.p50.toFixed(1)} ms, p99 ${report.p99.toFixed(1)} ms${report.lastError === undefined ? '' : `, last error: ${report.lastError}`}`;
    return `cleared ${inForceLine(entry, now)}${did}`;
  });
  if (servesAfter !== undefined) lines.push(`All running members serve (after ${servesAfter.toFixed(1)} s).`);
  if (notServing !== undefined)
    lines.push(paint('yellow', `Not all running members serve yet: ${notServing}`), `Look again with: ${COMMAND} list`);
  return lines.join('\n');
};

const paramLines = (params: Readonly<Record<string, Param>>): string[] =>
  Object.entries(params).map(([name, param]) => `--set ${name}=${param.default}   ${param.about}`);

interface Item {
  readonly name: string;
  readonly title: string;
  readonly params: FaultDefinition['params'];
}

/** `name  title` and, indented, the parameters with their defaults and what `noteOf` says. */
export const catalogueText = <T extends Item>(
  items: readonly T[],
  paint: Paint,
  noteOf: (item: T) => readonly string[] = () => [],
): string =>
  items
    .map((item) => {
      const lines = [...noteOf(item), ...paramLines(item.params)];
      return [`${paint('bold', item.name)}  ${item.title}`, ...lines.map((line) => paint('dim', `    ${line}`))].join(
        '\n',
      );
    })
    .join('\n');

/** All scenarios, family by family. */
export const scenariosText = (all: readonly Scenario[], paint: Paint): string =>
  [...new Set(all.map(({ family }) => family))]
    .map((family) => {
      const own = all.filter((scenario) => scenario.family === family);
      return [paint('bold', family), ...own.map(({ id, title }) => `  ${id}  ${title}`)].join('\n');
    })
    .join('\n');

export const faultPage = (definition: FaultDefinition, paint: Paint): string =>
  [
    `${paint('bold', definition.name)}  ${definition.title}`,
    `  done to   ${definition.on === 'cluster' ? 'the whole cluster' : 'the members of --on (default follower)'}`,
    ...(definition.cluster === undefined
      ? []
      : [
          `  needs     a cluster from: ${COMMAND} up --for ${definition.name}   (${JSON.stringify(definition.cluster)})`,
        ]),
    ...paramLines(definition.params).map((line) => `  ${line}`),
    indented(truthLines(definition.truth)),
  ].join('\n');

export const loadPage = (definition: LoadDefinition, paint: Paint): string => catalogueText([definition], paint);

export const scenarioPage = (scenario: Scenario, truth: Truth, paint: Paint): string => {
  const { loads = [{ load: 'kubernetes' }], faults } = scenario;
  const withParams = (name: string, params: Params | undefined): string =>
    `${name}${params === undefined ? '' : ` (${settings(params)})`}`;
  return [
    `${paint('bold', scenario.id)}  ${scenario.title}`,
    `  family    ${scenario.family}`,
    `  loads     ${loads.map(({ load, params }) => withParams(load, params)).join(', ') || 'none'}`,
    ...faults.map(
      ({ fault, on = 'follower', params }) =>
        `  fault     ${withParams(fault, params)} on ${typeof on === 'number' ? `m${on + 1}` : on}`,
    ),
    ...(scenario.over === undefined ? [] : [`  over      taken back ${scenario.over} s before one would collect`]),
    ...(scenario.versions === undefined ? [] : [`  versions  ${scenario.versions.join(', ')}`]),
    indented(truthLines(truth)),
  ].join('\n');
};
