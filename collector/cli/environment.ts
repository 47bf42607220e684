/** Variables of etcdctl that are read. */
const used = ['ENDPOINTS', 'CACERT', 'CERT', 'KEY', 'USER', 'PASSWORD', 'INSECURE_SKIP_TLS_VERIFY'] as const;

/** Variables of etcdctl that mean nothing here, without a word. */
const silent = new Set([
  'API',
  'COMMAND_TIMEOUT',
  'DEBUG',
  'DIAL_TIMEOUT',
  'HEX',
  'KEEPALIVE_TIME',
  'KEEPALIVE_TIMEOUT',
  'MAX_REQUEST_BYTES',
  'MAX_RECV_BYTES',
  'WRITE_OUT',
]);

const prefix = 'ETCDCTL_';

/** Names of `ETCDCTL_` variables that are set and not understood. */
export const unknownVariables = (env: Readonly<Record<string, string | undefined>>): string[] =>
  Object.keys(env)
    .filter((name) => name.startsWith(prefix))
    .map((name) => name.slice(prefix.length))
    .filter((name) => !(used as readonly string[]).includes(name) && !silent.has(name))
    .map((name) => `${prefix}${name}`)
    .sort((a, b) => (a < b ? -1 : 1));
