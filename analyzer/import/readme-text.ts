import type { Manifest } from '../../schemas/index.js';

/** README.txt of an imported bundle: for someone who has it and no tool. */
export const readmeText = ({
  imported,
  format,
  collector,
}: Manifest): string => `etcd evidence bundle, format ${format.major}.${format.minor}

Made by ${collector.name} ${collector.version} from evidence of other tools; etcd-collect never ran here.
NOTHING WAS MASKED: names, addresses, and whatever the logs hold. Before it leaves the site:
  etcd-collect redact FILE.tar.gz -o OUT.tar.gz

Diagnose it (offline):      etcd-analyze FILE.tar.gz
Check that it is whole:     sha256sum -c SHA256SUMS

Imported
${(imported?.sources ?? []).map(({ file, form }) => `  ${file}: ${form}`).join('\n')}

Not used
${(imported?.left ?? []).map(({ file, reason }) => `  ${file}: ${reason}`).join('\n') || '  nothing'}

manifest.json says which file every item comes from, what its form does not show, and what was assumed.
`;
