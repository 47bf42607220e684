export const ETCD_LINES = ['3.4', '3.5', '3.6', '3.7'] as const;

/** A minor release line of etcd. */
export type EtcdLine = (typeof ETCD_LINES)[number];

/** Executables of one etcd release; `version` is what `etcd --version` says (such as 3.5.16). */
export type EtcdBinaries = { line: string; version: string; etcd: string; etcdctl: string; etcdutl?: string };

/** This machine cannot provide the wanted etcd. `remedy` says what to do about it. */
export class EtcdUnavailable extends Error {
  readonly line: string;
  readonly reason: string;
  readonly remedy: string;
  constructor(line: string, reason: string, remedy: string) {
    super(`etcd ${line} is not available: ${reason}. ${remedy}`);
    this.name = 'EtcdUnavailable';
    this.line = line;
    this.reason = reason;
    this.remedy = remedy;
  }
}
