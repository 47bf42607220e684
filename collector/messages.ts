import type { ReasonCode } from './probe.js';

/** Help for one reason, as three short sentences without a full stop. */
export interface ReasonProse {
  readonly happened: string;
  readonly means: string;
  readonly next: string;
}

const prose: Record<ReasonCode, ReasonProse> = {
  'connection-refused': {
    happened: 'nothing listens on the port',
    means: 'the process is down, or listens elsewhere; the other members still show how they see it',
    next: 'look for the process on that host, and compare its --listen-client-urls with the endpoint',
  },
  'connection-timeout': {
    happened: 'no answer to the TCP connection',
    means: 'packets are dropped on the way or the host is down; nothing from this target is in the bundle',
    next: 'check firewall rules and the host, or run the collector on that host',
  },
  'connection-reset': {
    happened: 'the connection was closed by the other side',
    means: 'the answer is missing or incomplete',
    next: 'check whether the process restarted, and whether a proxy or load balancer sits in between',
  },
  'no-route': {
    happened: 'there is no route to the address',
    means: 'nothing from this target is in the bundle',
    next: 'run the collector from a network that reaches the address',
  },
  'name-not-resolved': {
    happened: 'the host name does not resolve here',
    means: 'nothing from this target is in the bundle',
    next: 'check DNS on this machine, or give the address itself in --endpoints',
  },
  'tls-untrusted': {
    happened: 'the server certificate is not signed by the given CA',
    means: 'nothing that needs TLS was read from this target; the presented chain is under vantage/',
    next: 'give the CA of the cluster with --cacert',
  },
  'tls-name-mismatch': {
    happened: 'the server certificate does not name the host that was dialled',
    means: 'nothing that needs TLS was read from this target; its names are under vantage/',
    next: 'dial a name of the certificate, or give it with --server-name',
  },
  'tls-expired': {
    happened: 'a certificate is outside its validity',
    means: 'clients that check certificates cannot talk to this target either',
    next: 'compare the dates under vantage/ with the clock, and renew the certificate',
  },
  'tls-client-certificate': {
    happened: 'the server refused our client certificate, or wants one',
    means: 'nothing that needs TLS was read from this target',
    next: 'give a certificate that the cluster trusts with --cert and --key',
  },
  'tls-protocol': {
    happened: 'both sides did not agree on TLS',
    means: 'nothing was read from this target',
    next: 'check http:// against https:// in --endpoints, and what else may listen on the port',
  },
  'not-answering': {
    happened: 'the port accepts connections but the server never answered',
    means: 'the process is stopped, hung or starved; this is evidence in itself',
    next: 'look at the state of the process on that host (stopped, blocked on disk, out of CPU)',
  },
  'stopped-answering': {
    happened: 'the server answered before and then fell silent',
    means: 'the process hung or was stopped during the run; earlier samples are in the bundle',
    next: 'look at the state of the process on that host',
  },
  'auth-required': {
    happened: 'the cluster wants a user for this read',
    means: 'the item is missing; status and metrics do not need a user',
    next: 'give --user and --password-file (or ETCDCTL_USER, ETCDCTL_PASSWORD)',
  },
  'auth-failed': {
    happened: 'user or password was refused',
    means: 'reads that need a user are missing; status and metrics were still asked for',
    next: 'check user and password',
  },
  'permission-denied': {
    happened: 'the user may not do this read',
    means: 'the item is missing',
    next: 'use a user that may (in etcd the root role, in Kubernetes as the access map says), or leave it out knowingly',
  },
  'no-quorum': {
    happened: 'the read needs agreement of a majority and did not get it in time',
    means: "the cluster has no working leader from this member's view, or is very slow; local reads are in the bundle",
    next: 'treat it as a finding: the analyzer weighs it with the status of every member',
  },
  'not-supported-by-server': {
    happened: 'this server version does not offer it',
    means: 'nothing is lost: other evidence covers it',
    next: 'nothing to do',
  },
  'not-for-learner': {
    happened: 'a learner does not answer this read',
    means: 'nothing is lost: voters answer it',
    next: 'nothing to do',
  },
  'http-status': {
    happened: 'the HTTP answer was an error',
    means: 'the item is missing or only the error page was kept',
    next: 'check which port serves metrics and health (--metrics-endpoints)',
  },
  'malformed-answer': {
    happened: 'the answer is not what this read returns',
    means: 'the item is missing; something else than etcd may listen there',
    next: 'check what listens on the port',
  },
  'too-large': {
    happened: 'the source is larger than this item may be',
    means: 'the item is missing',
    next: 'get the file by hand if it matters',
  },
  'file-missing': {
    happened: 'the file does not exist',
    means: 'the item is missing',
    next: 'check the path',
  },
  'file-access': {
    happened: 'this user may not read the file',
    means: 'the item is missing',
    next: 'run the collector as root on that host',
  },
  'not-local': {
    happened: 'the member does not run on this machine',
    means: 'its host, configuration and logs are not in this bundle',
    next: 'run the collector on that host too; the analyzer takes several bundles of one cluster',
  },
  'no-such-process': {
    happened: 'the process is gone',
    means: 'counters of the process end here; it may have crashed or been restarted',
    next: 'look at the log and the restart count',
  },
  'not-this-platform': {
    happened: 'this system does not have it',
    means: 'nothing is lost that could be read here',
    next: 'nothing to do',
  },
  'schema-mismatch': {
    happened: 'the answer does not fit the format of the bundle',
    means: 'the item is left out, since no reader could trust it',
    next: 'report it as a defect of the collector, with the message',
  },
  'redaction-failed': {
    happened: 'the item could not be searched for secrets',
    means: 'it was withheld rather than stored unchecked',
    next: 'get it by hand and check it before it leaves the site',
  },
  'item-timeout': {
    happened: 'the read did not finish in its time',
    means: 'the item is missing; the rest of the run was not held up',
    next: 'raise --timeout if the target is only slow',
  },
  'budget-exhausted': {
    happened: 'the time of the whole run was used up first',
    means: 'the item is missing',
    next: 'raise --budget, or lower --rounds or --window',
  },
  interrupted: {
    happened: 'the run was interrupted before the item was done',
    means: 'the item is missing; what was read before is in the bundle',
    next: 'run again and let it finish',
  },
  'size-cap': {
    happened: 'the bundle reached its size, or the disk its end',
    means: 'the item is missing or shortened; the newest part is kept first',
    next: 'write to a file system with more room (-o), or lower --max-log-bytes',
  },
  'not-asked': {
    happened: 'the flags left it out',
    means: 'the item is missing on purpose',
    next: 'run without the flag that leaves it out',
  },
  'target-unreachable': {
    happened: 'the target did not answer earlier in this run, so it was not asked again',
    means: 'the item is missing; the first failure of this target says why',
    next: 'see the other items of the target',
  },
  'write-blocked': {
    happened: 'the call is not on the list of reads and was stopped before it left',
    means: 'nothing was sent to the cluster',
    next: 'report it as a defect of the collector',
  },
  'prometheus-answer': {
    happened: 'the Prometheus did not answer the query as asked',
    means: 'its history or a part of it is missing; what the members said themselves is not affected',
    next: 'see the message of the item, and check --prometheus, --prometheus-token-file and --prometheus-match',
  },
  'load-refused': {
    happened: 'the load that was allowed was not started, since it could do harm here',
    means: 'the measurement is missing; the message of the item says what stood against it',
    next: 'read the measurements of etcd itself instead, or remove what stands against it',
  },
  'no-kubeconfig': {
    happened: 'there is no kubeconfig to ask an API server with',
    means: "the API server's view of etcd is missing; what the members said themselves is not affected",
    next: 'where Kubernetes is on top of this etcd, give --kubeconfig FILE',
  },
  'kubeconfig-unusable': {
    happened: 'the kubeconfig cannot be used',
    means: "the API server's view of etcd is missing; what the members said themselves is not affected",
    next: 'see the message of the item; --kubeconfig names another one, --no-kubernetes leaves the API server out',
  },
  unexpected: {
    happened: 'the probe itself broke',
    means: 'the item is missing; the others are not affected',
    next: 'report it as a defect of the collector, with collection/log.jsonl',
  },
};

/** What a reason means, in words for people. */
export const explain = (reason: ReasonCode): ReasonProse => prose[reason];

/** Every reason code, for checks and documentation. */
export const reasonCodes = Object.keys(prose) as readonly ReasonCode[];

/** Narrows a string of a manifest to a reason code. */
export const isReasonCode = (text: string): text is ReasonCode => Object.hasOwn(prose, text);
