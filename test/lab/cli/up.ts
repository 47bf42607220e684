import { UsageError } from '../../../collector/errors.js';
import { run } from '../../support/run.js';
import { hostsObstacle } from '../cluster/hosts.js';
import type { ClusterOptions } from '../cluster/cluster-types.js';
import { clusterOptionsOf } from '../play.js';
import { faultByName, faults, scenarioById } from '../registry.js';
import type { Scenario } from '../scenario.js';
import { LabError } from './errors.js';
import { wantsOwnHosts } from './needs.js';
import type { UpOptions } from './options.js';
import type { StartOrder } from './protocol.js';

/** What `up` starts when nothing else is asked for. A spare costs little, and many faults of the membership need one. */
export const PLAIN: ClusterOptions = { size: 3, spares: 1, hosts: true };

/** What will be started, and why without hosts when it is. */
export interface Plan {
  readonly order: StartOrder;
  readonly noHosts?: string;
}

/** Faults that members on loopback cannot have, by their own declaration. */
export const impossibleWithoutHosts = (): string[] => faults.filter(wantsOwnHosts).map(({ name }) => name);

const scenarioOf = (options: UpOptions, id: string | undefined): Scenario => {
  if (id === undefined) {
    const steps = options.fitFor.map((fault) => ({ fault }));
    return { id: 'up', title: '', family: '', faults: steps, cluster: options.cluster };
  }
  const scenario = scenarioById(id);
  return { ...scenario, cluster: { ...scenario.cluster, ...options.cluster } };
};

const lineFor = ({ id, versions, cluster }: Scenario): ClusterOptions['version'] => {
  const wanted = cluster?.version;
  if (versions === undefined) return wanted;
  if (wanted !== undefined && !versions.includes(wanted))
    throw new UsageError(`${id} makes no sense on ${wanted}`, `use --version ${versions.join(' or ')}`);
  return wanted ?? (versions.includes('3.5') ? '3.5' : versions[0]);
};

/** Why this machine cannot have hosts, or undefined. Root of a container often may not make namespaces or loop devices. */
const machineObstacle = async (): Promise<string | undefined> => {
  const obstacle = await hostsObstacle();
  if (obstacle !== undefined) return obstacle;
  const namespaces = await run('unshare', ['--mount', '--net', '--pid', '--uts', '--fork', 'true']);
  if (namespaces.code !== 0) return `this root may not make namespaces (${namespaces.stderr.trim()})`;
  const loops = await run('losetup', ['--find']);
  return loops.code === 0 ? undefined : `no loop device can be had (${loops.stderr.trim()})`;
};

/** Decide how the cluster is built. Throws LabError when this machine cannot have what was asked for. */
export const planUp = async (
  options: UpOptions,
  scenarioId: string | undefined,
  wantsHosts: boolean | undefined,
  obstacleOf: () => Promise<string | undefined> = machineObstacle,
): Promise<Plan> => {
  const scenario = scenarioOf(options, scenarioId);
  const version = lineFor(scenario);
  const merged: ClusterOptions = { ...PLAIN, ...clusterOptionsOf(scenario, version) };
  const base = {
    name: options.name,
    ttlMs: options.ttlMs,
    loads: options.loads ?? [],
    ...(scenarioId === undefined ? {} : { scenario: scenarioId }),
  };
  const obstacle = wantsHosts === false ? '--no-hosts' : await obstacleOf();
  if (obstacle === undefined) return { order: { ...base, cluster: merged } };
  if (wantsHosts === true) throw new LabError('impossible', obstacle, 'run it as root, or leave --hosts out');
  const needing = scenario.faults.map(({ fault }) => faultByName(fault)).find(wantsOwnHosts);
  if (needing !== undefined)
    throw new LabError('impossible', `${needing.name} needs a host per member: ${obstacle}`, 'run it as root');
  // Loopback has no links of its own; the relays are how members can be cut off all the same.
  return { order: { ...base, cluster: { ...merged, hosts: false, netns: false, peerProxy: true } }, noHosts: obstacle };
};
