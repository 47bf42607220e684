import { UsageError } from '../errors.js';

/** A host that ssh is asked to reach; what it means (alias, address, user, port) the ssh configuration may say as well. */
export interface SshHost {
  /** As given, without the user. Unique. */
  readonly label: string;
  readonly host: string;
  readonly user?: string;
  readonly port?: number;
}

const form =
  /^(?:(?<user>[A-Za-z0-9_.][A-Za-z0-9_.@\\+-]*)@)?(?:\[(?<v6>[0-9A-Fa-f:][0-9A-Za-z:.%_-]*)\]|(?<name>[A-Za-z0-9_.][A-Za-z0-9_.-]*))(?::(?<port>\d{1,5}))?$/;

const advice = 'write host, user@host or [user@]host:port, an IPv6 address in brackets';

/** `[user@]host[:port]`. Nothing that ssh could take for an option, or a shell for more than a word, passes. Throws UsageError. */
const parseHost = (text: string): SshHost => {
  const { user, v6, name, port } = form.exec(text)?.groups ?? {};
  const host = v6 ?? name;
  const number = port === undefined ? undefined : Number(port);
  if (host === undefined || (number !== undefined && (number < 1 || number > 65_535)))
    throw new UsageError(`--ssh ${JSON.stringify(text)}: not a host`, advice);
  const shown = v6 === undefined ? host : `[${host}]`;
  return {
    label: number === undefined ? shown : `${shown}:${number}`,
    host,
    ...(user === undefined ? {} : { user }),
    ...(number === undefined ? {} : { port: number }),
  };
};

/** Hosts of a fan-out in the order given. Throws UsageError for one that is none, or that is named twice. */
export const parseHosts = (texts: readonly string[]): SshHost[] => {
  const hosts = texts.map(parseHost);
  const seen = new Set<string>();
  for (const { label } of hosts) {
    if (seen.has(label)) throw new UsageError(`--ssh: ${label} is named twice`, 'name every host once');
    seen.add(label);
  }
  return hosts;
};
