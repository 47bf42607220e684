import { isIP } from 'node:net';
import { UsageError } from '../errors.js';
import { joinHostPort } from '../ports/host-port.js';

/** etcd's client port when an endpoint names none. */
const CLIENT_PORT = 2379;

/** An address the user or etcd named; `url` is `scheme://host:port` without userinfo or path. */
export interface Address {
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
  readonly url: string;
  readonly hostPort: string;
}

/** The command line names an endpoint this program cannot use. The message says what to write instead. */
export class EndpointUsageError extends UsageError {
  constructor(message: string) {
    super(message, 'correct --endpoints or --metrics-endpoints');
    this.name = 'EndpointUsageError';
  }
}

/**
 * One `--endpoints` entry as etcdctl reads it: `host:port`, `http://` or `https://`; without a scheme TLS is used when
 * TLS flags are given. Throws EndpointUsageError.
 */
export const parseSeed = (raw: string, tlsGiven: boolean): Address => {
  const text = raw.trim();
  if (/^unixs?:/.test(text)) {
    throw new EndpointUsageError('unix sockets are not supported as endpoints: give the host:port of a client URL');
  }
  const address = /^https?:\/\//.test(text)
    ? parseUrl(text)
    : text.includes('://')
      ? undefined
      : parseUrl(`${tlsGiven ? 'https' : 'http'}://${text}`);
  if (address === undefined) {
    throw new EndpointUsageError(
      `"${text.replace(/\/\/[^/@]*@/, '//')}" is no endpoint: give host:port, http://host:port or https://host:port`,
    );
  }
  return address;
};

/** A URL of the member list or of a flag; undefined when it is none over TCP (`unix://`, broken text). */
export const parseUrl = (raw: string): Address | undefined => {
  const [, scheme, authority = ''] = /^(https?):\/\/([^/?#]*)/.exec(raw.trim()) ?? [];
  const [, v6, name, digits] =
    /^(?:[^@]*@)?(?:\[([0-9a-fA-F:.%a-z]+)\]|([^:\s]+))(?::(\d{1,5}))?$/.exec(authority) ?? [];
  const host = v6 ?? name;
  const port = digits === undefined ? CLIENT_PORT : Number(digits);
  if (scheme === undefined || host === undefined || port < 1 || port > 65_535) return undefined;
  const hostPort = joinHostPort(host, port);
  return { host, port, tls: scheme === 'https', url: `${scheme}://${hostPort}`, hostPort };
};

/** Address nobody can dial: the wildcard a server listens on. */
export const isUnspecified = (host: string): boolean => host === '0.0.0.0' || /^[0:]+$/.test(host);

export const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));

/** For comparing: `localhost` is the loopback address. */
export const canonical = ({ host, port }: Pick<Address, 'host' | 'port'>): string =>
  joinHostPort(host === 'localhost' || host === '::1' ? '127.0.0.1' : host.toLowerCase(), port);

/** Several URLs in one flag value, comma separated. */
export const parseUrls = (list: string | undefined): readonly Address[] =>
  (list ?? '').split(',').flatMap((entry) => {
    const address = parseUrl(entry);
    return address === undefined ? [] : [address];
  });
