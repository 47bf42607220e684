/**
 * One scenario on one release line, as its own process: `take.js SCENARIO LINE DIRECTORY [STRENGTH]`.
 * Plays it, runs the real collector on the node of every member at once, and leaves the bundles and `taken.json` in the directory.
 * Exit code 0, 3 when this machine cannot have the fault (`taken.json` says why), 1 otherwise.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../../schemas/index.js';
import { isEtcdLine } from '../../support/etcd-binaries.js';
import { watchMachine } from '../../support/machine.js';
import { run } from '../../support/run.js';
import { accessOf, filesOf } from '../access.js';
import type { Cluster, Member } from '../cluster/cluster-types.js';
import { FaultUnsupported } from '../faults/types.js';
import { type Played, play } from '../play.js';
import { scenarioById } from '../registry.js';
import { resolve, rolesOf } from '../resolve.js';
import type { Scenario } from '../scenario.js';
import { takeSlot } from '../slots.js';
import type { Taken, TakenNode } from './taken.js';

/** The collector's own bound for its default window is 60 s; far above that it hangs. */
const COLLECT_LIMIT_MS = 120_000;

const collectOn = async (cluster: Cluster, member: Member, dir: string): Promise<TakenNode> => {
  const file = `${member.name}.tar.gz`;
  const access = accessOf(cluster);
  const command = [
    process.execPath,
    join(packageRoot, 'dist', 'collector', 'main.js'),
    ...[
      '--endpoints',
      cluster.endpoints().join(','),
      '--progress',
      'none',
      '--redact',
      'secrets-only',
      ...access.flags,
    ],
    ...filesOf(member),
    ...['-o', join(dir, file)],
  ];
  const [program = '', ...args] = cluster.hosts?.[member.index]?.inside(command) ?? command;
  const env = Object.fromEntries(Object.entries(process.env).filter(([key]) => !key.startsWith('ETCDCTL_')));
  const started = performance.now();
  const ran = await run(program, args, { timeoutMs: COLLECT_LIMIT_MS, env: { ...env, ...access.env } });
  const seconds = (performance.now() - started) / 1000;
  return { member: member.name, file, exit: ran.code, seconds, stderr: ran.stderr.slice(-2000) };
};

const nodesOf = async (scenario: Scenario, played: Played): Promise<readonly Member[]> => {
  const { cluster } = played;
  if (cluster.hosts === undefined) return cluster.members.slice(0, 1);
  const members = [...cluster.members, ...(cluster.spares ?? []).filter((spare) => spare.pid !== 0)];
  if (scenario.without === undefined) return members;
  const left = resolve(cluster, await rolesOf(cluster), scenario.without);
  return members.filter((member) => !left.includes(member));
};

const main = async (): Promise<number> => {
  const [id = '', line = '', dir = '', strength = '1'] = process.argv.slice(2);
  if (!isEtcdLine(line) || dir === '') throw new Error('usage: take.js SCENARIO LINE DIRECTORY [STRENGTH]');
  const scenario = scenarioById(id);
  mkdirSync(dir, { recursive: true });
  const say = (text: string): void => {
    process.stderr.write(`${id} on ${line}: ${text}\n`);
  };
  const slot = await takeSlot(scenario.alone === true);
  let played: Played | undefined;
  const write = (taken: Taken): void => writeFileSync(join(dir, 'taken.json'), `${JSON.stringify(taken, null, 2)}\n`);
  const base = { scenario: id, family: scenario.family, title: scenario.title, line, strength: Number(strength) };
  try {
    played = await play(scenario, { version: line, strength: Number(strength), onStep: say });
    const { cluster, targets, truth } = played;
    const nodes = await nodesOf(scenario, played);
    say(`collecting on ${nodes.map(({ name }) => name).join(', ')}`);
    const machine = watchMachine();
    const taken = await Promise.all(nodes.map((member) => collectOn(cluster, member, dir)));
    // A user has one node that works; on none of the targets, where there is another.
    const outside =
      nodes.find((member) => member.running && !targets.includes(member)) ?? nodes.find((member) => member.running);
    write({
      ...base,
      versions: cluster.members.map((member) => member.version || cluster.binaries.version),
      members: [...cluster.members, ...(cluster.spares ?? [])].map(({ name, id: hex, address }) => ({
        name,
        id: hex,
        address,
      })),
      targets: targets.map(({ name }) => name),
      truth,
      machine: machine.stop(),
      nodes: taken,
      one: (outside ?? nodes[0])?.name ?? '',
    });
    return 0;
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    say(problem);
    write({ ...base, problem, unsupported: error instanceof FaultUnsupported });
    return error instanceof FaultUnsupported ? 3 : 1;
  } finally {
    await played?.end();
    slot.release();
  }
};

process.exit(await main());
