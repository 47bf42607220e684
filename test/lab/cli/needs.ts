import type { ClusterOptions } from '../cluster/cluster-types.js';
import type { FaultDefinition } from '../fault.js';

const nameOfFlag = (flag: string): string => flag.replace(/^-+/, '').split('=')[0] ?? '';

const lackingFlags = (wanted: readonly string[] = [], have: readonly string[] = []): string[] => {
  const names = new Set(have.map(nameOfFlag));
  return wanted.filter((flag) => !names.has(nameOfFlag(flag))).map((flag) => `the flag ${flag}`);
};

/** MiB; disks of the usual size count as large. */
const smallestDisk = (hosts: ClusterOptions['hosts']): number =>
  typeof hosts === 'number' ? hosts : typeof hosts === 'object' ? Math.min(...hosts) : Number.POSITIVE_INFINITY;

/** What a cluster started with `have` lacks for a fault that wants `wanted`, in words; empty when it has everything. */
export const lacking = (wanted: ClusterOptions, have: ClusterOptions): string[] => {
  const found: string[] = [];
  const needs = (missing: boolean, text: string): void => {
    if (missing) found.push(text);
  };
  const hasHosts = have.hosts !== undefined && have.hosts !== false;
  const wantsHosts = wanted.hosts !== undefined && wanted.hosts !== false;
  needs(wantsHosts && !hasHosts, 'a host per member');
  needs(
    wantsHosts &&
      hasHosts &&
      typeof wanted.hosts !== 'boolean' &&
      smallestDisk(have.hosts) > smallestDisk(wanted.hosts),
    `disks of ${smallestDisk(wanted.hosts)} MiB`,
  );
  needs(wanted.netns === true && !hasHosts && have.netns !== true, 'a network namespace per member');
  needs(wanted.peerProxy === true && have.peerProxy !== true, 'relays in front of the peer ports');
  needs((wanted.size ?? 0) > (have.size ?? 3), `${wanted.size} members`);
  needs((wanted.spares ?? 0) > (have.spares ?? 0), `${wanted.spares} spare member${wanted.spares === 1 ? '' : 's'}`);
  needs(wanted.tls === 'mtls' && have.tls !== 'mtls', 'TLS');
  needs(wanted.auth !== undefined && have.auth === undefined, 'authentication');
  needs(wanted.metricsUrls === true && have.metricsUrls !== true && have.tls !== 'mtls', 'listeners for metrics');
  needs(wanted.certificates !== undefined && have.certificates === undefined, 'certificates of its own');
  needs(wanted.version !== undefined && wanted.version !== (have.version ?? '3.5'), `etcd ${wanted.version}`);
  needs(wanted.memberVersions !== undefined && have.memberVersions === undefined, 'members of different versions');
  found.push(...lackingFlags(wanted.flags, have.flags));
  for (const [index, flags] of Object.entries(wanted.memberFlags ?? {})) {
    const own = [...(have.flags ?? []), ...(have.memberFlags?.[Number(index)] ?? [])];
    found.push(...lackingFlags(flags, own).map((text) => `${text} on m${Number(index) + 1}`));
  }
  for (const name of Object.keys(wanted.env ?? {}))
    needs(have.env?.[name] === undefined, `the environment variable ${name}`);
  return found;
};

/** It cannot be had on members that share this machine's network and disks. */
export const wantsOwnHosts = ({ cluster }: FaultDefinition): boolean =>
  cluster !== undefined && lacking({ hosts: cluster.hosts ?? false, netns: cluster.netns ?? false }, {}).length > 0;
