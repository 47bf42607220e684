/** What became of one host. */
export type HostState =
  | 'ok'
  | 'partial'
  | 'unreachable'
  | 'auth-refused'
  | 'host-key-refused'
  | 'sudo-refused'
  | 'no-node'
  | 'no-program'
  | 'timed-out'
  | 'interrupted'
  | 'remote-exit'
  | 'not-a-bundle'
  | 'quarantined'
  | 'not-written';

interface StateProse {
  /** Half sentence for the table. */
  readonly happened: string;
  readonly next?: string;
}

/** What a state means and what to do about it. */
export const stateProse: Readonly<Record<HostState, StateProse>> = {
  ok: { happened: 'complete' },
  partial: {
    happened: 'a bundle with gaps',
    next: 'nothing, if the gaps are what is broken; the bundle itself says what is missing and why',
  },
  unreachable: {
    happened: 'no connection',
    next: 'a host that is down is a finding; else try ssh to it by hand, and look at --connect-timeout and the port',
  },
  'auth-refused': {
    happened: 'the host was reached and did not let us in',
    next: 'load the key into the agent, or name user and key in the ssh configuration; nothing here asks for a password',
  },
  'host-key-refused': {
    happened: 'the key of the host is not the one that is known, or none is known',
    next: 'check the fingerprint by another way and add it to known_hosts; nothing here accepts a key by itself',
  },
  'sudo-refused': {
    happened: 'sudo wants a password there',
    next: 'allow it without one for this user (NOPASSWD), connect as root, or leave --sudo out: the bundle then has gaps',
  },
  'no-node': {
    happened: 'there is no Node 20 or newer',
    next: 'name it with --remote-node, or send the executable: --program etcd-collect-linux-x64',
  },
  'no-program': {
    happened: 'the program could not be started there',
    next: 'check --remote-program, or --remote-dir where programs may be executed (not mounted noexec)',
  },
  'timed-out': {
    happened: 'not finished at the deadline',
    next: 'raise --deadline, or collect on that host by hand',
  },
  interrupted: { happened: 'interrupted before its bundle was here' },
  'remote-exit': { happened: 'the collector there ended without a bundle', next: 'see its last words below the table' },
  'not-a-bundle': {
    happened: 'what came back is no whole bundle, and was not kept',
    next: 'a login script that prints something breaks the stream; else the connection broke: try again',
  },
  quarantined: {
    happened: 'put aside: the finished bundle still holds what should have been removed',
    next: 'do not send it; report the rules, --redact-word names a text to remove',
  },
  'not-written': {
    happened: 'the bundle came and could not be written here',
    next: 'free space, or name another place with -o',
  },
};

/** A finding about one host, before its bundle is looked at. */
export interface Verdict {
  readonly state: HostState;
  /** For people; one line. */
  readonly detail?: string;
}
