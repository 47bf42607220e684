/** Splits `host:port` or `[v6]:port`; the port defaults to etcd's client port 2379. */
export const splitHostPort = (hostPort: string): { host: string; port: number } => {
  const [, v6, name, digits] = /^(?:\[([^\]]+)\]|([^:]*))(?::(\d+))?$/.exec(hostPort) ?? [];
  return { host: v6 ?? name ?? hostPort, port: digits === undefined ? 2379 : Number(digits) };
};

/** The reverse: brackets around IPv6. */
export const joinHostPort = (host: string, port: number): string =>
  `${host.includes(':') ? `[${host}]` : host}:${port}`;
