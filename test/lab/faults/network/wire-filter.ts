import { runOk } from '../../../support/run.js';
import { systemTool } from '../../../support/tools.js';
import type { Cluster, Member } from '../../cluster/cluster-types.js';
import { linkPortOf } from '../../link/link.js';
import { type Fault, FaultUnsupported, fault } from '../types.js';

export const PEER_PORT = 2380;

/** What to do with packets of one member, as nftables matches and verdicts (`tcp dport 2380 drop`), one line each. */
export type WireRules = {
  readonly member: Pick<Member, 'index' | 'name'>;
  /** What the member sends. */
  readonly from?: readonly string[];
  /** What is on its way to the member. */
  readonly to?: readonly string[];
  /** Matches only, of TCP that the member sends and that is answered with a reset. A link in use on that cable does not pass here. */
  readonly refused?: readonly string[];
};

let serial = 0;

/**
 * Treat packets on the cables between members and the bridge, outside of the members' hosts: a sender knows nothing of it, and no
 * host has a rule to show. Needs `netns` or `hosts`, root and nft; throws `FaultUnsupported`.
 */
export async function filterWire(
  cluster: Pick<Cluster, 'lab' | 'netns'>,
  name: string,
  rules: readonly WireRules[],
): Promise<Fault> {
  const { netns, lab } = cluster;
  if (netns === undefined) throw new FaultUnsupported(name, 'start the cluster with netns or hosts: true (as root)');
  const nft = await systemTool('nft', 'nftables');
  if (nft === undefined) throw new FaultUnsupported(name, 'nft is not installed');
  serial += 1;
  const table = `${netns.bridge}_${serial}`;
  const vethOf = (member: WireRules['member']): string => {
    const veth = netns.members[member.index]?.veth;
    if (veth === undefined) throw new FaultUnsupported(name, `${member.name} has no cable of its own`);
    return veth;
  };
  const portsOf = (member: WireRules['member']): string => `{ "${vethOf(member)}", "${linkPortOf(vethOf(member))}" }`;
  const from = rules.flatMap(({ member, from: all = [] }) => all.map((rule) => `iifname ${portsOf(member)} ${rule}`));
  const to = rules.flatMap(({ member, to: all = [] }) => all.map((rule) => `oifname ${portsOf(member)} ${rule}`));
  const chain = (title: string, hook: string, lines: readonly string[]): string[] => [
    ` chain ${title} {`,
    `  type filter hook ${hook} priority 0;`,
    ...lines.map((line) => `  ${line}`),
    ' }',
  ];
  // A bridge cannot refuse on every kernel, a device can; only its ingress does, so it is the dialler's.
  const refusing = rules.flatMap(({ member, refused = [] }) =>
    refused.length === 0
      ? []
      : chain(
          `refuse_${member.name}`,
          `ingress device "${vethOf(member)}"`,
          refused.map((match) => `${match} counter reject with tcp reset`),
        ),
  );
  const tables = [
    { family: 'bridge', lines: [...chain('from', 'prerouting', from), ...chain('to', 'postrouting', to)] },
    { family: 'netdev', lines: refusing },
  ].filter(({ lines }) => lines.length > 0);
  const text = tables.flatMap(({ family, lines }) => [`table ${family} ${table} {`, ...lines, '}']);
  const removals = tables.map(({ family }) => `delete table ${family} ${table}`);
  for (const removal of removals) lab.onEnd(`${nft} ${removal}`);
  try {
    await runOk(nft, ['-f', '-'], { input: `${text.join('\n')}\n` });
  } catch (error) {
    throw new FaultUnsupported(name, error instanceof Error ? error.message : String(error));
  }
  return fault(async () => {
    await runOk(nft, ['-f', '-'], { input: `${removals.join('\n')}\n` });
  });
}

/** Matches for what goes between the peer port of a member and another one's, whoever dialled. */
export const PEER_TRAFFIC = [`tcp dport ${PEER_PORT}`, `tcp sport ${PEER_PORT}`] as const;

/** Addresses of the others as an nftables set. */
export const othersOf = (cluster: Cluster, member: Member): string => {
  const all = [...cluster.members, ...cluster.spares];
  return `{ ${all
    .filter(({ index }) => index !== member.index)
    .map(({ address }) => address)
    .join(', ')} }`;
};
