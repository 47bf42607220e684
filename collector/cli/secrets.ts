import { errnoOf, UsageError } from '../errors.js';
import { readNamedFile } from '../named-file.js';

/** Enough for any password or token; a longer file is not one. */
const maxBytes = 16_384;

/** First line of a small file that a flag names. Throws UsageError without its content. */
export const readSecretFile = (flag: string, path: string, what: string): string => {
  let content: Buffer;
  try {
    content = readNamedFile(path, maxBytes + 1).content;
  } catch (error) {
    throw new UsageError(
      `${flag} ${path}: cannot be read (${errnoOf(error) ?? 'error'})`,
      'check the path and its mode',
    );
  }
  if (content.length > maxBytes)
    throw new UsageError(`${flag} ${path}: too long for a ${what}`, `put the ${what} alone in the file`);
  const [line = ''] = content.toString('utf8').split(/\r?\n/);
  if (line === '')
    throw new UsageError(`${flag} ${path}: the first line is empty`, `put the ${what} in the first line`);
  return line;
};

/** `ETCDCTL_USER` may be `user:password`, as with etcdctl. */
export const splitUser = (text: string): { readonly user: string; readonly password?: string } => {
  const at = text.indexOf(':');
  return at < 0 ? { user: text } : { user: text.slice(0, at), password: text.slice(at + 1) };
};

export interface AuthInput {
  readonly user?: string;
  readonly passwordFile?: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** User and password from flag, file and environment. Throws UsageError; passwords are never taken from arguments. */
export const resolveAuth = ({ user, passwordFile, env }: AuthInput): { user: string; password: string } | undefined => {
  if (user?.includes(':')) {
    throw new UsageError(
      '--user with a password: arguments can be seen by every user of this machine, so the password was not used',
      'write --user NAME with --password-file FILE, or set ETCDCTL_PASSWORD (or ETCDCTL_USER=NAME:PASSWORD)',
    );
  }
  const fromEnv = env.ETCDCTL_USER === undefined || env.ETCDCTL_USER === '' ? undefined : splitUser(env.ETCDCTL_USER);
  const name = user ?? fromEnv?.user;
  if (name === undefined || name === '') {
    if (passwordFile !== undefined) throw new UsageError('--password-file without a user', 'add --user NAME');
    return undefined;
  }
  const sameUser = user === undefined || user === fromEnv?.user;
  const password =
    passwordFile !== undefined
      ? readSecretFile('--password-file', passwordFile, 'password')
      : (env.ETCDCTL_PASSWORD ?? (sameUser ? fromEnv?.password : undefined));
  if (password === undefined || password === '') {
    throw new UsageError(`user ${name} has no password`, 'add --password-file FILE, or set ETCDCTL_PASSWORD');
  }
  return { user: name, password };
};
