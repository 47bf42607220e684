import type { Manifest } from '../../schemas/index.js';

const masking: Readonly<Record<Manifest['redaction']['mode'], string>> = {
  standard:
    'Secrets were removed; names, addresses, users, keys and paths of the place were replaced by tokens such as name-1f2e3d4c5b: the same\ntoken is the same thing, also in other bundles of this series. What they stand for is in the .map.json file that stayed with\nwhoever collected; `etcd-collect reveal REPORT --map FILE` turns a report back.',
  'secrets-only':
    'Secrets (passwords, tokens, private keys, user info in URLs) were replaced by "[secret removed]".\nNames and addresses were kept: this bundle is for use in house.',
  none: 'Nothing was masked, because it was asked for. Check it before it leaves the site.',
};

/** README.txt: for someone who has the bundle and no tool. */
export const readme = (manifest: Manifest): string => {
  const states = Object.entries(manifest.completeness.states)
    .map(([state, count]) => `  ${String(count).padStart(5)}  ${state}`)
    .join('\n');
  return `etcd evidence bundle, format ${manifest.format.major}.${manifest.format.minor}

Read-only evidence from an etcd cluster, collected ${manifest.times.startedAt} by ${manifest.collector.name} ${manifest.collector.version}.
It holds no keys and values of the store. The run ended: ${manifest.endReason}.

Diagnose it (offline):      etcd-analyze FILE.tar.gz
Check that it is whole:     sha256sum -c SHA256SUMS     (no SHA256SUMS: the bundle was cut off)

Where to look
  manifest.json     every planned read with its state, reason, time, paths and hashes
  members/<id>/     status, metrics of every sampling round, health, configuration, logs
  cluster/          membership as each member sees it, alarms
  hosts/<token>/    the machine, when the collector ran on one of the members
  history/          the last hours, when a Prometheus was named
  vantage/          DNS, TCP, TLS and clock as seen from the collector
  collection/       the plan, what could not be read and who can supply it, the run log

How to read the gaps
  A read that failed keeps its place as <path>.error.json with its state and reason.
  What does not apply (for example the host of a member on another machine) is in manifest.json only.
  64-bit numbers (ids, revisions, indexes, sizes) are strings, since many JSON readers would round them.

${manifest.completeness.planned} planned reads:
${states}

Masking
${masking[manifest.redaction.mode]}
`;
};
