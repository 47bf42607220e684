import { procText } from '../../host-texts.js';
import { needsLinux } from '../../local-files.js';
import { defineProbe } from '../../probe.js';

const paths = ['/proc/net/dev', '/proc/net/snmp', '/proc/net/netstat'];

export default defineProbe({
  kind: 'net-counters',
  scope: 'host',
  title: 'Interface and TCP counters of the host',
  reads: paths.join(', '),
  permission: 'none',
  impact: 'read-only',
  cost: 'cheap',
  phase: 'round',
  appliesTo: needsLinux,
  source: () => paths.join(', '),
  run: async ({ files }) => {
    const texts = await Promise.all(paths.map((path) => procText(files, path)));
    const content = paths.map((path, index) => `# ${path}\n${(texts[index] ?? '').trimEnd()}\n`).join('');
    return { state: 'ok', source: paths.join(', '), parts: [{ content }] };
  },
});
