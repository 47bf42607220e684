/* Generated from schemas/*.schema.json by `npm run generate`. Do not edit. */

/**
 * State of one planned item
 */
export type State = ("ok" | "partial" | "empty" | "failed" | "timeout" | "denied" | "unreachable" | "unsupported" | "not-applicable" | "skipped-by-user" | "skipped-by-budget" | "withheld")

/**
 * Schema name -> type
 */
export interface SchemaTypes {
bundle: Bundle
manifest: Manifest
report: Report
diff: Diff
signature: Signature
"redaction-report": RedactionReport
thresholds: Thresholds
policy: Policy
"access-map": AccessMapArtifact
"alarm-list": AlarmListArtifact
"apiserver-health": ApiserverHealthArtifact
"apiserver-metrics": ApiserverMetricsArtifact
"auth-state": AuthStateArtifact
"block-devices": BlockDevicesArtifact
cgroup: CgroupArtifact
"clock-offset": ClockOffsetArtifact
"crash-markers": CrashMarkersArtifact
"datadir-db": DatadirDbArtifact
"datadir-listing": DatadirListingArtifact
"datadir-snap": DatadirSnapArtifact
"datadir-wal": DatadirWalArtifact
dns: DnsArtifact
"endpoint-status": EndpointStatusArtifact
filesystems: FilesystemsArtifact
"fsync-probe": FsyncProbeArtifact
hashkv: HashkvArtifact
health: HealthArtifact
history: HistoryArtifact
"host-cpu": HostCpuArtifact
"host-os": HostOsArtifact
"host-processes": HostProcessesArtifact
keyspace: KeyspaceArtifact
"kube-events": KubeEventsArtifact
"kube-leases": KubeLeasesArtifact
"kube-nodes": KubeNodesArtifact
"kube-pods": KubePodsArtifact
livez: LivezArtifact
"member-list": MemberListArtifact
"net-config": NetConfigArtifact
plan: PlanArtifact
process: ProcessArtifact
psi: PsiArtifact
"read-latency": ReadLatencyArtifact
readyz: ReadyzArtifact
"server-certificates": ServerCertificatesArtifact
"server-config": ServerConfigArtifact
"server-limits": ServerLimitsArtifact
sockets: SocketsArtifact
"static-pods": StaticPodsArtifact
"tcp-connect": TcpConnectArtifact
"time-sync": TimeSyncArtifact
"tls-handshake": TlsHandshakeArtifact
usage: UsageArtifact
version: VersionArtifact
}
/**
 * Bundle header (bundle.json), first entry of the archive
 */
export interface Bundle {
/**
 * Identifies the format
 */
magic: "etcd-evidence"
/**
 * Bundle format version
 */
format: {
/**
 * Incompatible changes
 */
major: number
/**
 * Additive changes
 */
minor: number
}
/**
 * Random id, 128 bit hex
 */
bundleId: string
/**
 * Id shared by runs of one investigation
 */
series?: string
/**
 * Start of the collection
 */
createdAt: string
collector: {
/**
 * Program
 */
name: string
/**
 * Version
 */
version: string
}
/**
 * Redaction mode
 */
redaction: ("standard" | "secrets-only" | "none")
/**
 * User label of the scope
 */
label?: string
}
/**
 * Manifest (manifest.json): one entry per planned item; planned = sum of states
 */
export interface Manifest {
format: {
/**
 * Major
 */
major: number
/**
 * Minor
 */
minor: number
}
minReader: {
/**
 * Major
 */
major: number
/**
 * Minor
 */
minor: number
}
/**
 * As in bundle.json
 */
bundleId: string
/**
 * Series id
 */
series?: string
/**
 * Ids of merged bundles
 */
parents?: string[]
/**
 * Why the run ended
 */
endReason: ("finished" | "budget" | "signal" | "no-space" | "error")
collector: {
/**
 * Program
 */
name: string
/**
 * Version
 */
version: string
/**
 * Node version
 */
runtime: string
/**
 * OS and architecture
 */
platform: string
}
invocation: {
/**
 * default, quick, ...
 */
profile: string
/**
 * Allow-listed flags, never secrets
 */
flags: {
[k: string]: string
}
}
/**
 * Present when nothing was collected: the bundle was made from evidence of other tools
 */
imported?: {
/**
 * What was recognised
 */
sources: {
/**
 * Input, and the path within it after a colon
 */
file: string
/**
 * What it is, e.g. etcdctl endpoint status (table)
 */
form: string
/**
 * Items of the manifest that come from it
 */
items: number
}[]
/**
 * What was not used, and why
 */
left: {
/**
 * Input, and the path within it after a colon
 */
file: string
/**
 * Why, in words
 */
reason: string
}[]
/**
 * What was assumed: times, order, who a file is of
 */
notes: string[]
}
/**
 * Where the collector ran
 */
vantage: {
/**
 * Host token
 */
host: string
/**
 * Effective user id
 */
uid?: number
/**
 * Whether the run had root
 */
privileged: boolean
/**
 * Whether the run was in a container
 */
container: boolean
/**
 * Kernel release
 */
kernel: string
/**
 * IANA zone
 */
timezone: string
}
/**
 * Platform of the host where the collector ran; absent when none was recognised
 */
platform?: {
/**
 * Name of the profile, as in --platform
 */
name: string
/**
 * What was seen that speaks for it: paths, processes, flags
 */
evidence: string[]
/**
 * auto: recognised; flag: named with --platform
 */
detectedBy: ("auto" | "flag")
}
times: {
/**
 * Start
 */
startedAt: string
/**
 * End
 */
finishedAt: string
/**
 * Monotonic elapsed milliseconds
 */
elapsedMs: number
}
/**
 * All targets, unreachable ones too
 * 
 * Items: One target
 */
targets: {
/**
 * Kind
 */
kind: ("cluster" | "member" | "host" | "endpoint" | "collection")
/**
 * Id
 */
id: string
/**
 * Member name or host name
 */
name?: string
/**
 * Endpoint used, without userinfo
 */
endpoint?: string
/**
 * Advertised client URLs
 */
clientUrls?: string[]
/**
 * Peer URLs
 */
peerUrls?: string[]
/**
 * Learner in the member list
 */
isLearner?: boolean
/**
 * How it became a target
 */
discoveredBy: ("seed" | "member-list" | "process" | "vantage" | "flag")
/**
 * Whether it answered at least once; null when never asked
 */
reachable: (boolean | null)
/**
 * none, password, token
 */
auth?: string
/**
 * Whether TLS was used
 */
tls?: boolean
/**
 * Host token of a local member
 */
host?: string
}[]
limits: {
/**
 * Global budget
 */
budgetMs: number
/**
 * Default per-item timeout
 */
itemTimeoutMs: number
/**
 * Cap of stored bytes
 */
maxBytes: number
/**
 * Sampling rounds
 */
rounds: number
/**
 * Length of the sampling window
 */
windowMs: number
}
used: {
/**
 * Elapsed
 */
elapsedMs: number
/**
 * Bytes before compression
 */
bytesStored: number
/**
 * Requests sent by member
 */
requests: {
/**
 * Requests by round (`once` outside rounds)
 */
[k: string]: {
[k: string]: number
}
}
/**
 * Own CPU milliseconds
 */
cpuMs: number
/**
 * Own peak resident memory
 */
maxRssBytes: number
}
completeness: {
/**
 * Planned items
 */
planned: number
/**
 * Count by state
 */
states: {
[k: string]: number
}
}
/**
 * All planned items
 * 
 * Items: One planned item
 */
items: {
/**
 * Plan id
 */
id: string
/**
 * Probe
 */
probe: string
/**
 * Artifact kind
 */
kind: string
target: Target
/**
 * Sampling round, 0-based
 */
round?: number
state: State
/**
 * Reason code of a state other than ok
 */
reason?: string
/**
 * What happened, in words
 */
message?: string
/**
 * Start of the read
 */
startedAt?: string
/**
 * Duration
 */
durationMs?: number
/**
 * What was read
 */
source?: string
/**
 * gRPC status name
 */
grpcStatus?: string
/**
 * HTTP status
 */
httpStatus?: number
/**
 * Paths in the bundle, relative to the root
 */
paths: string[]
/**
 * Media type
 */
mediaType?: string
/**
 * Schema id of JSON artifacts
 */
schemaId?: string
/**
 * Bytes at the source
 */
bytesOriginal?: number
/**
 * Bytes stored
 */
bytesStored?: number
truncation?: {
/**
 * Bytes left out
 */
skippedBytes?: number
/**
 * What was left out
 */
description: string
}
/**
 * SHA-256 by path
 */
sha256?: {
[k: string]: string
}
/**
 * Sensitivity before redaction
 */
sensitivity: ("public" | "internal" | "sensitive")
/**
 * Cost
 */
cost: ("cheap" | "moderate" | "costly")
/**
 * Replacements made
 */
redactions?: number
/**
 * Access that was needed
 */
permission?: string
}[]
/**
 * Sampling rounds
 */
synchronisation: {
/**
 * Round
 */
round: number
/**
 * When the barrier opened
 */
barrierAt: string
/**
 * Start of each member’s first read after the barrier, milliseconds
 */
skewMs: {
[k: string]: number
}
}[]
redaction: {
/**
 * Mode
 */
mode: ("standard" | "secrets-only" | "none")
/**
 * Version of the rules
 */
ruleset: string
/**
 * Fingerprint of the series key, in mode standard; equal fingerprints mean comparable tokens
 */
keyFingerprint?: string
/**
 * Whether the finished archive was searched for everything the mode removes; one in which something was left is renamed *.quarantine
 */
verified: boolean
/**
 * Total replacements
 */
replacements: number
}
}
/**
 * A target
 */
export interface Target {
/**
 * What the probe was pointed at
 */
kind: ("cluster" | "member" | "host" | "endpoint" | "collection")
/**
 * Member id in hex, `endpoint-<slug>` for a seed whose member is unknown, host token, endpoint slug, `cluster` or `collection`
 */
id: string
}
/**
 * Report (report.json): the product; HTML and Markdown are views of it
 */
export interface Report {
/**
 * Format
 */
schema: "etcd-evidence/report/v1"
/**
 * Injected clock
 */
generatedAt: string
tool: {
/**
 * Program
 */
name: string
/**
 * Version
 */
version: string
}
verdict: {
/**
 * Verdict
 */
kind: ("intervene-now" | "investigate" | "transient" | "healthy" | "inconclusive")
/**
 * One line
 */
headline: string
/**
 * Why, in two or three sentences
 */
summary: string
/**
 * Criteria
 */
criteria: {
/**
 * Criterion
 */
id: string
/**
 * In words
 */
text: string
/**
 * null = could not be decided
 */
met: (boolean | null)
/**
 * It decided the verdict
 */
decisive: boolean
}[]
recovery: {
/**
 * Whether recovery is justified now
 */
justified: (boolean | null)
/**
 * Why
 */
text: string
}
}
diagnosis: {
/**
 * Ranked, first = most likely
 */
causes: ReportFinding[]
/**
 * Symptoms no cause explains
 */
symptoms: ReportFinding[]
/**
 * Risks
 */
risks: ReportFinding[]
/**
 * Notices
 */
notices: ReportFinding[]
}
/**
 * What to do, safest first
 */
actions: ReportStep[]
/**
 * What not to do
 */
doNot: string[]
/**
 * Who must act
 */
owners: {
/**
 * Who
 */
owner: string
/**
 * What for
 */
for: string
}[]
/**
 * Every rule
 */
outcomes: {
/**
 * Rule id
 */
rule: string
/**
 * Title
 */
title: string
/**
 * Category
 */
category: string
/**
 * Outcome
 */
outcome: ("pass" | "fail" | "not-applicable" | "inconclusive" | "error")
coverage: {
/**
 * Subjects observed
 */
observed: number
/**
 * Subjects
 */
total: number
/**
 * members, hosts, ...
 */
unit: string
/**
 * Missing
 */
missing: {
/**
 * Subject
 */
subject: string
/**
 * Why
 */
reason: string
}[]
}
/**
 * Reason
 */
reason?: string
}[]
coverage: {
/**
 * Planned items
 */
planned: number
/**
 * By state
 */
states: {
[k: string]: number
}
/**
 * Gaps
 */
gaps: {
/**
 * What
 */
what: string
/**
 * Target
 */
target: string
/**
 * State
 */
state: string
/**
 * Reason
 */
reason: string
/**
 * Who can supply it
 */
who?: string
/**
 * Command
 */
command?: string
}[]
/**
 * Sampling window
 */
windowSeconds: number
/**
 * Rounds
 */
rounds: number
/**
 * Present when evidence of other tools was imported: what it was, what was not used, what was assumed
 */
imported?: {
/**
 * One line per file and form
 */
sources: string[]
/**
 * What was not used, with the reason
 */
left: string[]
/**
 * What was assumed
 */
notes: string[]
}
/**
 * Largest skew in a round
 */
maxSkewMs: number
}
cluster: {
/**
 * Cluster ids seen
 */
clusterIds: string[]
/**
 * Voting members
 */
voters: number
/**
 * Learners
 */
learners: number
/**
 * Members that answered
 */
reachable: number
/**
 * Votes needed
 */
quorum: number
/**
 * Whether a majority commits
 */
hasQuorum: (boolean | null)
/**
 * Leader
 */
leader: (ReportSubject | null)
/**
 * Highest term
 */
term?: string
/**
 * Server versions
 */
versions: string[]
/**
 * Highest revision
 */
revision: (string | null)
}
/**
 * etcd and the control plane as API servers tell of them; absent when none answered
 */
kubernetes?: {
/**
 * One for each bundle that asked one
 */
apiServers: {
/**
 * URL
 */
server: string
/**
 * Version
 */
version?: string
requestP99?: ReportPercentile
/**
 * Requests to etcd that were counted, failed or not
 */
requests?: number
/**
 * Those that failed
 */
failed?: number
/**
 * What requests and failed are counted over
 */
basis?: ("window" | "since-start")
/**
 * Size of the database as etcd told it
 */
dbSizeBytes?: string
/**
 * Checks of readyz and livez that fail
 */
failing: string[]
}[]
/**
 * Pods of etcd and API server that restarted or are not ready
 */
pods: {
/**
 * etcd or kube-apiserver
 */
component: string
/**
 * Node
 */
node?: string
/**
 * Ready
 */
ready?: boolean
/**
 * Restarts that the kubelet counts
 */
restarts: number
/**
 * How its container ended last
 */
lastExit?: string
}[]
/**
 * Control-plane nodes with conditions of trouble
 */
ailingNodes: string[]
/**
 * Most frequent kinds of objects
 */
objects: {
/**
 * resource.group, or a prefix
 */
name: string
/**
 * Objects
 */
count: number
/**
 * Share of all, 0..1
 */
share: number
}[]
}
/**
 * Members
 */
members: {
/**
 * Id
 */
id: string
/**
 * Name
 */
name: string
/**
 * Endpoint
 */
endpoint?: string
/**
 * Role
 */
role: ("leader" | "follower" | "learner" | "candidate" | "unknown")
/**
 * Answered
 */
reachable: (boolean | null)
/**
 * In one word
 */
health: ("ok" | "degraded" | "failing" | "unreachable" | "unknown")
/**
 * Version
 */
version?: string
/**
 * Bytes
 */
dbSizeBytes?: string
/**
 * Bytes
 */
dbInUseBytes?: string
/**
 * Bytes
 */
quotaBytes?: string
/**
 * Index
 */
raftIndex?: string
/**
 * Index
 */
raftAppliedIndex?: string
/**
 * Term
 */
raftTerm?: string
/**
 * Revision
 */
revision?: string
lag?: {
/**
 * Entries behind the leader
 */
entries: number
/**
 * Error from sampling skew
 */
error: number
}
fsyncP99?: ReportPercentile
commitP99?: ReportPercentile
/**
 * Stalled or throttled, percent
 */
cpuStalledPercent?: number
/**
 * Process start
 */
startedAt?: string
/**
 * Host token
 */
host?: string
/**
 * Peer URLs in the member list
 */
peerUrls?: string[]
/**
 * Client URLs in the member list
 */
clientUrls?: string[]
/**
 * Errors
 */
errors: string[]
}[]
copies?: ReportCopies
timeline: {
/**
 * Start
 */
from: string
/**
 * End
 */
to: string
window: {
/**
 * Start
 */
from: string
/**
 * End
 */
to: string
}
/**
 * Lanes
 */
lanes: {
/**
 * Member id
 */
member: string
/**
 * Name
 */
name: string
/**
 * Events
 */
events: {
/**
 * Time
 */
at: string
/**
 * Signature id
 */
kind: string
/**
 * In words
 */
label: string
/**
 * How many in this bucket
 */
count: number
/**
 * Tone
 */
tone: ("election" | "warning" | "error" | "info")
}[]
/**
 * No log
 */
gaps: {
/**
 * From
 */
from: string
/**
 * To
 */
to: string
}[]
}[]
}
/**
 * What to do first, by which policy
 */
decision: {
/**
 * What comes first
 */
order: ("recover-first" | "act-first" | "diagnose-first" | "collect-first" | "nothing")
/**
 * In words
 */
text: string
/**
 * How long that may take before others are called
 */
limitMinutes?: number
policy: {
/**
 * Name of the policy
 */
name: string
/**
 * Where it comes from
 */
origin: ("built-in" | "file")
}
/**
 * Whom the policy says to call
 */
escalation: string[]
}
/**
 * Lines of the server logs that stand for the warnings and errors seen, the latest of each kind, oldest first
 */
logs: {
/**
 * Member id
 */
member: string
/**
 * Time of the line, where it has one
 */
time?: string
/**
 * Level
 */
level: string
/**
 * Id of the log signature; absent for an unknown message
 */
signature?: string
/**
 * Lines of this kind in the slice
 */
count: number
/**
 * The line, at most 400 characters
 */
text: string
/**
 * File in the bundle
 */
path: string
/**
 * Line number in the file, from 1
 */
line: number
/**
 * Bundle id
 */
bundle: string
}[]
charts: {
/**
 * WAL fsync
 */
walFsync: {
/**
 * Id
 */
member: string
/**
 * Name
 */
name: string
/**
 * window or since-start
 */
basis: string
/**
 * Buckets
 */
buckets: {
/**
 * Upper bound, null = +Inf
 */
leMs: (number | null)
/**
 * Observations
 */
count: number
}[]
}[]
/**
 * Backend commit
 */
backendCommit: {
/**
 * Id
 */
member: string
/**
 * Name
 */
name: string
/**
 * Basis
 */
basis: string
/**
 * Buckets
 */
buckets: {
/**
 * Upper bound
 */
leMs: (number | null)
/**
 * Observations
 */
count: number
}[]
}[]
/**
 * Links
 */
peerMatrix: {
/**
 * Id or `vantage`
 */
from: string
/**
 * Id
 */
to: string
/**
 * Mean
 */
ms: (number | null)
/**
 * peer RTT histogram, TCP connect
 */
basis: string
/**
 * Reachable
 */
ok: boolean
}[]
/**
 * Storage
 */
storage: {
/**
 * Id
 */
member: string
/**
 * Name
 */
name: string
/**
 * Bytes
 */
sizeBytes: string
/**
 * Bytes
 */
inUseBytes: string
/**
 * Bytes
 */
quotaBytes: string
}[]
}
/**
 * Configuration in force
 */
config: {
/**
 * Setting
 */
setting: string
/**
 * Values
 */
values: {
/**
 * Id
 */
member: string
/**
 * Value
 */
value: string
}[]
/**
 * Members differ
 */
differs: boolean
/**
 * Note
 */
note?: string
}[]
/**
 * Access map
 */
access: {
/**
 * What
 */
what: string
/**
 * Target
 */
target: string
/**
 * Access
 */
access: string
/**
 * By
 */
deniedBy?: string
/**
 * Who
 */
whoCanSupply?: string
/**
 * Command
 */
command?: string
}[]
/**
 * Thresholds used
 */
thresholds: {
/**
 * Id
 */
id: string
/**
 * Value
 */
value: string
/**
 * Source
 */
source: string
/**
 * Origin
 */
origin: ("built-in" | "override" | "scaled")
/**
 * The value that --thresholds replaced
 */
builtIn?: string
}[]
provenance: {
/**
 * Bundles
 */
bundles: {
/**
 * Id
 */
bundleId: string
/**
 * File
 */
file: string
/**
 * Time
 */
createdAt: string
/**
 * Version
 */
collector: string
/**
 * Mode
 */
redaction: string
/**
 * End
 */
endReason: string
/**
 * Whole and verified
 */
intact: boolean
/**
 * Damage found
 */
problems: string[]
/**
 * Host token
 */
vantage?: string
/**
 * The file was encrypted (age)
 */
encrypted?: boolean
/**
 * What is known about the signature of the bundle
 */
signature?: {
/**
 * verified: the content is what the key signed; not-checked: there is one, but no key to check it with was given; absent: there is none
 */
state: ("verified" | "not-checked" | "absent")
/**
 * SHA-256 of the public key (DER), hex; of an unchecked signature it is only what the file claims
 */
keyId?: string
}
}[]
/**
 * Rules
 */
rules: number
/**
 * Log signatures
 */
signatures: number
}
comparison?: Diff
}
/**
 * A finding in the diagnosis
 */
export interface ReportFinding {
/**
 * Rule id
 */
rule: string
/**
 * Title of the rule
 */
title: string
/**
 * One sentence with the facts
 */
message: string
/**
 * Category
 */
category: string
/**
 * Role
 */
role: ("cause" | "symptom" | "risk" | "notice")
/**
 * In the window, or only before it
 */
when: ("now" | "past")
/**
 * Severity
 */
severity: ("critical" | "high" | "warning" | "info")
confidence: {
/**
 * Word
 */
level: ("high" | "medium" | "low")
/**
 * 0..1
 */
score: number
}
/**
 * Subjects
 */
subjects: ReportSubject[]
/**
 * Evidence for
 */
evidence: ReportEvidence[]
/**
 * Evidence against
 */
contradictedBy: ReportEvidence[]
/**
 * Findings this one explains
 */
explains: {
/**
 * Rule id
 */
rule: string
/**
 * Title
 */
title: string
/**
 * Message
 */
message: string
/**
 * Subjects
 */
subjects: ReportSubject[]
/**
 * Severity
 */
severity: string
}[]
/**
 * Considered and ranked lower
 */
alternatives: {
/**
 * Rule id
 */
rule: string
/**
 * Title
 */
title: string
/**
 * Why it ranks lower
 */
why: string
}[]
/**
 * What would disprove it
 */
wouldDisprove: string[]
/**
 * Next evidence to get
 */
nextEvidence: {
/**
 * What
 */
what: string
/**
 * How
 */
command?: string
}[]
/**
 * Steps, safest first
 */
remedy: ReportStep[]
/**
 * What not to do
 */
doNot: string[]
/**
 * Who must act
 */
owner: ("operator" | "infrastructure" | "platform" | "vendor" | "application")
/**
 * Why an operator should care
 */
why: string
}
/**
 * Subject
 */
export interface ReportSubject {
/**
 * Kind
 */
kind: ("cluster" | "member" | "host" | "endpoint")
/**
 * Member id in hex, host token, endpoint slug or `cluster`
 */
id: string
/**
 * Member name
 */
name?: string
}
/**
 * One piece of evidence
 */
export interface ReportEvidence {
/**
 * Weight
 */
weight: ("necessary" | "supporting" | "contradicting")
/**
 * Whether it was observed
 */
state: ("present" | "absent" | "unknown")
/**
 * What was looked at
 */
text: string
/**
 * Observed value with unit
 */
observed?: string
/**
 * Threshold with unit
 */
limit?: string
/**
 * Where the threshold comes from
 */
limitSource?: string
/**
 * For contradicting evidence: why the cause stands all the same
 */
answer?: string
subject?: ReportSubject
/**
 * Sources
 */
source: ReportSource[]
}
/**
 * Where the evidence stands
 */
export interface ReportSource {
/**
 * Artifact kind
 */
artifact?: string
/**
 * Path in the bundle
 */
path?: string
/**
 * JSON pointer, metric name or line number
 */
pointer?: string
/**
 * Bundle id
 */
bundle?: string
}
/**
 * A step
 */
export interface ReportStep {
/**
 * What to do
 */
text: string
/**
 * Effect on the cluster
 */
tag: ("read-only" | "brief-interruption" | "restarts" | "disruptive" | "destructive")
/**
 * Command
 */
command?: string
/**
 * Rule it comes from
 */
rule?: string
/**
 * What the command needs: as whom, and where
 */
identity?: string
}
/**
 * A percentile as a bucket range
 */
export interface ReportPercentile {
/**
 * Lower bucket bound, ms
 */
loMs: number
/**
 * Upper bucket bound, ms; null = beyond the last bucket
 */
hiMs: (number | null)
/**
 * Observations
 */
count: number
/**
 * View
 */
basis: ("window" | "since-start")
}
/**
 * Copies of the data: data dirs that were read, ranked by the raft log they hold
 */
export interface ReportCopies {
/**
 * not-needed: a majority answers; start: quorum returns without recovery; restore: it cannot; cannot-tell
 */
decision: ("not-needed" | "start" | "restore" | "cannot-tell")
/**
 * Decision in words
 */
text: string
/**
 * Cluster it is about
 */
cluster?: string
/**
 * Voters known; 0 = none
 */
voters: number
/**
 * Where the voters are known from
 */
votersFrom?: ("member-list" | "copy")
/**
 * Votes needed
 */
needed: number
/**
 * Voters that answer or have a usable copy
 */
available: ReportSubject[]
/**
 * Voters whose copies are damaged, missing or not to be used
 */
lost: ReportSubject[]
/**
 * Voters of whose data too little was seen
 */
unseen: ReportSubject[]
/**
 * Members to start, newest first
 */
start: ReportSubject[]
/**
 * Newest commit index known; null = none
 */
newestCommit: ({
/**
 * Raft index
 */
index: string
/**
 * Who shows it
 */
by: string
} | null)
/**
 * Copies, best first
 * 
 * Items: One data dir
 */
rows: {
/**
 * 1 is the newest that can be used
 */
rank: number
member: ReportSubject
/**
 * wal: the files say so; target: they were read for this member
 */
memberFrom?: ("wal" | "target")
/**
 * Cluster id in the WAL
 */
cluster?: string
/**
 * Data dir
 */
place?: string
/**
 * Bundle it was read in
 */
bundle: string
/**
 * RFC 3339
 */
readAt?: string
/**
 * A process had the files open; null = not known
 */
inUse: (boolean | null)
/**
 * What the copy is to the cluster: current (newest of a voter), learner, superseded (the member has had entries that it lacks), removed (of a member that was removed), detached (went on alone, as after --force-new-cluster), foreign (of another cluster), unidentified
 */
standing: ("current" | "learner" | "superseded" | "removed" | "detached" | "foreign" | "unidentified")
/**
 * sound: all of it was read, no fault; repairable: etcd repairs it at its next start; damaged: etcd does not start from it; missing: it is not there; unknown: not all of it was seen
 */
state: ("sound" | "repairable" | "damaged" | "missing" | "unknown")
/**
 * Its member may be started on it as it is
 */
usable: boolean
/**
 * Why it is not sound, or not to be used
 */
reasons: string[]
/**
 * Write-ahead log
 */
wal: {
/**
 * sound: all of it was read, no fault; repairable: etcd repairs it at its next start; damaged: etcd does not start from it; missing: it is not there; unknown: not all of it was seen
 */
state: ("sound" | "repairable" | "damaged" | "missing" | "unknown")
/**
 * Why, in words; empty when there is nothing to say
 */
text: string
}
/**
 * Raft snapshots
 */
snapshots: {
/**
 * sound: all of it was read, no fault; repairable: etcd repairs it at its next start; damaged: etcd does not start from it; missing: it is not there; unknown: not all of it was seen
 */
state: ("sound" | "repairable" | "damaged" | "missing" | "unknown")
/**
 * Why, in words; empty when there is nothing to say
 */
text: string
}
/**
 * bbolt database
 */
database: {
/**
 * sound: all of it was read, no fault; repairable: etcd repairs it at its next start; damaged: etcd does not start from it; missing: it is not there; unknown: not all of it was seen
 */
state: ("sound" | "repairable" | "damaged" | "missing" | "unknown")
/**
 * Why, in words; empty when there is nothing to say
 */
text: string
}
/**
 * Term of the HardState
 */
term?: string
/**
 * Commit index of the HardState
 */
commit?: string
/**
 * Last entry before any damage
 */
lastEntry?: {
/**
 * Raft term
 */
term: string
/**
 * Raft index
 */
index: string
}
/**
 * Last entry that can be told apart behind the damage; etcd does not read it
 */
beyond?: {
/**
 * Raft term
 */
term: string
/**
 * Raft index
 */
index: string
}
/**
 * Newest raft snapshot that etcd would load
 */
snapshot?: {
/**
 * Raft term
 */
term: string
/**
 * Raft index
 */
index: string
}
/**
 * Consistent index of the database
 */
applied?: string
/**
 * Term of the consistent index
 */
appliedTerm?: string
/**
 * Newest revision in the database
 */
revision?: string
/**
 * Compaction finished last
 */
compactRevision?: string
/**
 * Voters it records
 */
voters?: string[]
/**
 * Entries that a recovery from this copy would lose
 */
lossEntries?: {
/**
 * Known to be committed and missing; null = unknown
 */
atLeast: (string | null)
/**
 * null = unseen copies may hold more
 */
atMost: (string | null)
}
/**
 * Revisions between its database and the newest one seen
 */
lossRevisions?: string
/**
 * What of it was not looked at
 */
unseen: string[]
}[]
/**
 * What must not be done now
 */
mustNot: string[]
/**
 * What to get next
 * 
 * Items: Evidence to get
 */
nextEvidence: {
/**
 * What
 */
what: string
/**
 * Command
 */
command?: string
}[]
/**
 * What this comparison cannot know
 */
limits: string[]
}
/**
 * Comparison of a case with a known-good baseline
 */
export interface Diff {
/**
 * Format
 */
schema: "etcd-evidence/diff/v1"
/**
 * Injected clock
 */
generatedAt: string
tool: {
/**
 * Program
 */
name: string
/**
 * Version
 */
version: string
}
/**
 * Known-good collections, oldest first; values are compared with the last, distributions and rates with each
 */
baseline: DiffSide[]
current: DiffSide
/**
 * Whether the cluster ids are equal; null when one side named none
 */
sameCluster: (boolean | null)
/**
 * End of the last baseline to the start of the current collection, s; negative when they overlap or the order is reversed
 */
secondsBetween: number
/**
 * Members of both sides
 */
members: {
/**
 * Member id in the baseline; null = added
 */
baseline: (string | null)
/**
 * Member id now; null = removed
 */
current: (string | null)
/**
 * Name, of now if there is one
 */
name: string
/**
 * How they were found to be the same place
 */
matchedBy: ("id" | "name" | "address" | null)
/**
 * Status
 */
status: ("same" | "replaced" | "added" | "removed")
/**
 * Whether the same process answered both times
 */
process: ("same" | "restarted" | "unknown")
}[]
/**
 * At least one change above `info`
 */
changed: boolean
/**
 * Worst first
 */
changes: DiffChange[]
/**
 * What was compared, by area
 */
compared: {
/**
 * Area
 */
area: ("membership" | "version" | "configuration" | "latency" | "load" | "size" | "host" | "certificate" | "log" | "finding")
/**
 * Values compared and found equal, or not provably different
 */
unchanged: number
/**
 * Changes above `info`
 */
changed: number
/**
 * Changes of no consequence
 */
info: number
}[]
/**
 * What could not be compared
 */
notCompared: {
/**
 * Area
 */
area: ("membership" | "version" | "configuration" | "latency" | "load" | "size" | "host" | "certificate" | "log" | "finding")
/**
 * What
 */
what: string
/**
 * Why not
 */
reason: string
}[]
/**
 * What to know when reading this: other clusters, other series keys
 */
notes: string[]
/**
 * Tests used, with their sources
 */
methods: {
/**
 * Test
 */
test: string
/**
 * What it decides here
 */
what: string
/**
 * Source
 */
source: string
}[]
/**
 * Numbers that decide what counts as changed
 */
limits: {
/**
 * Limit
 */
id: string
/**
 * Value with unit
 */
value: string
/**
 * Source
 */
source: string
}[]
}
/**
 * One collection: a bundle, or the bundles of several nodes taken at the same time
 */
export interface DiffSide {
/**
 * Bundles as named on the command line
 */
files: string[]
/**
 * Bundle ids
 */
bundles: string[]
/**
 * Start of the collection
 */
from: string
/**
 * End of the collection
 */
to: string
/**
 * Cluster ids the members named
 */
clusterIds: string[]
/**
 * Verdict of its report
 */
verdict: string
/**
 * Headline of its report
 */
headline: string
}
/**
 * One change
 */
export interface DiffChange {
/**
 * Stable id: area, what, subject
 */
id: string
/**
 * Area
 */
area: ("membership" | "version" | "configuration" | "latency" | "load" | "size" | "host" | "certificate" | "log" | "finding")
/**
 * Kind
 */
kind: ("new" | "gone" | "changed")
/**
 * `info` never changes the exit code
 */
significance: ("high" | "medium" | "low" | "info")
/**
 * For the cluster
 */
direction: ("worse" | "better" | "neutral")
/**
 * Whom it is about; several when the same holds for each
 */
subjects: DiffSubject[]
/**
 * What, in a few words
 */
title: string
/**
 * One sentence with the facts
 */
text: string
/**
 * Value in the baseline; null when there was none
 */
before: (string | null)
/**
 * Value now; null when there is none
 */
after: (string | null)
statistics?: DiffStatistics
baseline?: DiffDistribution
current?: DiffDistribution
}
/**
 * Subject
 */
export interface DiffSubject {
/**
 * Kind
 */
kind: ("cluster" | "member" | "host")
/**
 * Member id in hex, host token or `cluster`, as in the current case; of the baseline for what is gone
 */
id: string
/**
 * Name for people
 */
name: string
}
/**
 * What decided that it changed
 */
export interface DiffStatistics {
/**
 * Which test
 */
test: ("mann-whitney" | "newcombe" | "poisson-rates")
/**
 * Two-sided p value after the allowance for dependence; null for an interval
 */
p: (number | null)
/**
 * Effect in words: probability of superiority, difference of shares, ratio of rates
 */
effect: string
/**
 * Observations, baseline first, then current
 */
counts: number[]
}
/**
 * A latency distribution
 */
export interface DiffDistribution {
/**
 * What the observations are of: the sampling window, since the process started, or between the two collections
 */
basis: ("window" | "since-start" | "between")
/**
 * Observations
 */
count: number
/**
 * Buckets, not cumulative; the same bounds on both sides
 */
buckets: {
/**
 * Upper bound, ms; null = beyond the last
 */
leMs: (number | null)
/**
 * Observations in this bucket
 */
count: number
}[]
/**
 * Bucket of the median, in words
 */
p50: string
/**
 * Bucket of the p99, in words
 */
p99: string
}
/**
 * Detached signature, a file beside the bundle
 */
export interface Signature {
/**
 * Format of this file, and first line of what is signed
 */
format: "etcd-evidence/signature/v1"
/**
 * Signature algorithm (RFC 8032)
 */
algorithm: "ed25519"
/**
 * SHA-256 of the public key (DER, SubjectPublicKeyInfo), hex
 */
keyId: string
/**
 * SHA-256 of the file SHA256SUMS of the bundle, hex
 */
digest: string
/**
 * Ed25519 signature, base64, over the format, a newline, the digest in hex, a newline
 */
signature: string
}
/**
 * What redaction replaced and withheld in a bundle; no originals
 */
export interface RedactionReport {
/**
 * Redaction mode
 */
mode: ("standard" | "secrets-only" | "none")
/**
 * Versions of the rules, separated by blanks
 */
ruleset: string
/**
 * Fingerprint of the series key; equal fingerprints mean comparable tokens
 */
keyFingerprint?: string
/**
 * Replacements in the whole bundle
 */
replacements: number
/**
 * Names and addresses replaced in artifacts, by rule
 */
rules?: {
[k: string]: number
}
/**
 * The same by file
 */
files?: {
/**
 * Path below the root, as stored
 */
path: string
/**
 * Replacements by rule
 */
rules: {
[k: string]: number
}
}[]
/**
 * Items with replacements, secrets included
 */
items: {
/**
 * Id of the item in the manifest
 */
id: string
/**
 * Replacements
 */
redactions: number
}[]
/**
 * Ids of items that were left out because they could not be searched, or because something was left in them
 */
withheld: string[]
}
/**
 * Thresholds of a team, given to etcd-analyze with --thresholds
 */
export interface Thresholds {
/**
 * Format of this file
 */
schema: "etcd-evidence/thresholds/v1"
/**
 * Threshold id (etcd-analyze explain threshold:ID tells what it is) to its new value
 */
thresholds: {
[k: string]: {
/**
 * New value, in the unit of the threshold
 */
value: number
/**
 * Unit of the threshold, repeated so that a mistake is seen
 */
unit: string
/**
 * Why it differs here; the report shows it as the source of the threshold
 */
reason: string
}
}
}
/**
 * Policy of a team, given to etcd-analyze with --policy
 */
export interface Policy {
/**
 * Format of this file
 */
schema: "etcd-evidence/policy/v1"
/**
 * Name; the report says it
 */
name: string
/**
 * What makes the verdict intervene-now
 */
intervene: {
/**
 * A majority of the voters cannot commit, and a fault is confirmed
 */
quorumLost: boolean
/**
 * A cause took the last voter that could be lost without losing the quorum
 */
lastSpareLost: boolean
/**
 * Least confidence of a cause that is urgent
 */
minimumConfidence: ("medium" | "high")
/**
 * Rules whose cause is urgent here, beside those that are urgent everywhere
 */
alsoCauses: string[]
/**
 * Rules whose cause is never urgent here by itself; a lost quorum still is
 */
neverCauses: string[]
}
diagnosis: {
/**
 * How long to look for the cause before somebody else is called
 */
limitMinutes: number
}
/**
 * Whom to call; every entry whose conditions all hold is named in the report
 */
escalation: {
/**
 * Who, and how
 */
contact: string
/**
 * Only with one of these verdicts
 */
verdicts?: ("intervene-now" | "investigate" | "transient" | "healthy" | "inconclusive")[]
/**
 * Only when a cause is theirs to remove
 */
owners?: ("operator" | "infrastructure" | "platform" | "vendor" | "application")[]
/**
 * Only with one of these rules as a cause
 */
causes?: string[]
/**
 * Only when one of these kept evidence from the collector
 */
barriers?: ("permission" | "port" | "network" | "silent-server" | "certificate" | "auth-role" | "missing-binary" | "absent" | "other-host" | "policy" | "off-limits")[]
}[]
}
/**
 * What could be read from this vantage, what not, and who can supply it
 */
export interface AccessMapArtifact {
/**
 * Entries
 */
entries: {
/**
 * What
 */
what: string
/**
 * Artifact kinds
 */
kinds: string[]
target: Target
/**
 * Access
 */
access: ("full" | "partial" | "none")
/**
 * permission, authentication, network, absence, platform
 */
deniedBy?: string
/**
 * Reason in words
 */
reason?: string
/**
 * Who
 */
whoCanSupply?: string
/**
 * Command that would get it
 */
command?: string
/**
 * What stood in the way: permission on the host, a closed port, the network, a server that accepts and never answers, a TLS certificate, a user or role of etcd, a tool that is not installed, something that is not there, another host, a rule of this program, or the platform itself
 */
barrier?: ("permission" | "port" | "network" | "silent-server" | "certificate" | "auth-role" | "missing-binary" | "absent" | "other-host" | "policy" | "off-limits")
/**
 * As whom it was read or tried: uid N on the host, certificate and user towards etcd
 */
identity?: string
}[]
/**
 * Name of the recognised platform, as in --platform; absent when none was
 */
platform?: string
/**
 * Under which identities the run read
 */
vantage?: {
/**
 * User id of the collector
 */
uid?: number
/**
 * Subject of the client certificate, most specific part first
 */
certificate?: string
/**
 * Named by flags or environment, or found at its place on the platform
 */
certificateFrom?: ("given" | "platform")
/**
 * User of etcd's authentication
 */
user?: string
}
}
/**
 * Maintenance.Alarm GET, asked once per cluster and last (it is a raft proposal)
 */
export interface AlarmListArtifact {
/**
 * Member that answered; all zero in an import that does not show it
 */
askedMember: string
/**
 * Active alarms
 */
alarms: {
/**
 * Member the alarm names; all zero in 3.5 CORRUPT
 */
memberId: string
/**
 * NOSPACE, CORRUPT or a number this collector does not know
 */
alarm: string
}[]
/**
 * Request time
 */
elapsedMs: number
}
/**
 * Version, livez and readyz of the API server, with its own checks of etcd
 */
export interface ApiserverHealthArtifact {
/**
 * Base URL that was asked
 */
server: string
/**
 * Whose kubeconfig led there: --kubeconfig, KUBECONFIG, or that of the control-plane node
 */
kubeconfigFrom: ("flag" | "environment" | "platform")
/**
 * gitVersion of GET /version
 */
version?: string
/**
 * GET /livez?verbose and /readyz?verbose, those that were answered
 */
probes: {
/**
 * URL path
 */
path: string
/**
 * HTTP status; 500 when a check fails
 */
statusCode: number
/**
 * Checks that the server names; `etcd` and `etcd-readiness` are about its etcd
 */
checks: {
/**
 * Check
 */
name: string
/**
 * Passed
 */
ok: boolean
/**
 * Reason, which the server mostly withholds
 */
reason?: string
}[]
/**
 * Time of the answer, ms
 */
elapsedMs: number
}[]
}
/**
 * What the API server's /metrics says of etcd and of itself: listed families, other labels added up
 */
export interface ApiserverMetricsArtifact {
/**
 * Base URL that was asked
 */
server: string
/**
 * Whose kubeconfig led there: --kubeconfig, KUBECONFIG, or that of the control-plane node
 */
kubeconfigFrom: ("flag" | "environment" | "platform")
/**
 * Start of the read
 */
scrapedAt: string
/**
 * Bytes of the answer that were read
 */
bytesRead: number
/**
 * The whole answer was read
 */
complete: boolean
/**
 * Families that were found
 */
families: {
/**
 * Name as the server writes it
 */
name: string
/**
 * Prometheus type
 */
type: ("histogram" | "counter" | "gauge")
/**
 * Upper bounds of the buckets of a histogram, without +Inf
 */
bounds?: number[]
/**
 * Series, added up over labels that are not kept; values are Prometheus's 64-bit floats
 */
series: {
/**
 * Kept labels; `resource` is resource.group whichever labels the version has
 */
labels: {
[k: string]: string
}
/**
 * Value of a counter or gauge
 */
value?: number
/**
 * Sum of the observations of a histogram
 */
sum?: number
/**
 * Number of observations of a histogram
 */
count?: number
/**
 * Observations up to each bound, cumulative
 */
buckets?: number[]
}[]
/**
 * Samples left out because there were too many series
 */
cutSamples?: number
}[]
/**
 * Time of the answer, ms
 */
elapsedMs: number
}
/**
 * Whether authentication is on, learnt without a raft proposal
 */
export interface AuthStateArtifact {
/**
 * null when it could not be told
 */
enabled: (boolean | null)
/**
 * Which answer told
 */
determinedBy: string
/**
 * Status of the anonymous read
 */
grpcStatus?: string
/**
 * Message
 */
detail?: string
}
/**
 * Block devices under data and WAL dirs
 */
export interface BlockDevicesArtifact {
/**
 * Devices, the file system’s own first
 */
devices: {
/**
 * Kernel name, as in diskstats
 */
name: string
/**
 * major:minor
 */
device: string
/**
 * Whole disk of a partition
 */
parent?: string
/**
 * Lower devices (dm, md, the device that holds the file of a loop device)
 */
slaves?: string[]
/**
 * queue/rotational
 */
rotational?: boolean
/**
 * Active scheduler
 */
scheduler?: string
/**
 * write back or write through
 */
writeCache?: string
/**
 * Model
 */
model?: string
/**
 * Size
 */
sizeBytes?: string
/**
 * Queue depth
 */
nrRequests?: number
/**
 * Vendor of the device, where it says one
 */
vendor?: string
/**
 * Kernel driver of the disk: virtio_blk, nvme, sd, vmw_pvscsi ...
 */
driver?: string
/**
 * Commands that the device takes at once (SCSI); nrRequests is that of the block layer
 */
queueDepth?: number
/**
 * Largest request in force, KiB
 */
maxSectorsKb?: number
/**
 * Latency target of write-back throttling, us; 0 is off, absent where the kernel has none
 */
wbtLatUsec?: number
/**
 * Whether a single write can be forced to the medium; without it every sync is a flush of the whole cache
 */
fua?: boolean
/**
 * Smallest unit that can be addressed, bytes
 */
logicalBlockBytes?: number
/**
 * Smallest unit that is written without reading first, bytes
 */
physicalBlockBytes?: number
/**
 * Whether the device takes discards
 */
discard?: boolean
/**
 * Whether the medium can be removed
 */
removable?: boolean
/**
 * State of the device as its driver sees it: running, live, offline, blocked ...
 */
state?: string
/**
 * Of a device-mapper device
 */
mapper?: {
/**
 * Name, as in /dev/mapper
 */
name: string
/**
 * What made it, from the start of its uuid: LVM, CRYPT-LUKS2, mpath, DMRAID ...
 */
type?: string
/**
 * Suspended: every request waits
 */
suspended?: boolean
}
/**
 * Of an md device
 */
raid?: {
/**
 * raid1, raid5 ...
 */
level?: string
/**
 * clean, active, write-pending ...
 */
arrayState?: string
/**
 * Missing devices
 */
degraded?: number
/**
 * idle, resync, recover, check ...
 */
syncAction?: string
}
/**
 * File behind a loop device
 */
backingFile?: string
/**
 * Members whose data or WAL is on it
 */
members: string[]
}[]
}
/**
 * Limits, throttling and pressure of the cgroups a local etcd process is in, leaf first
 */
export interface CgroupArtifact {
/**
 * 1 or 2
 */
version: number
/**
 * Leaf first, root last
 */
levels: {
/**
 * Cgroup path
 */
path: string
cpu?: {
/**
 * CFS quota per period; null = no limit
 */
quotaUs?: (string | null)
/**
 * Period
 */
periodUs?: string
/**
 * cpu.weight or cpu.shares
 */
weight?: string
/**
 * Periods elapsed
 */
nrPeriods?: string
/**
 * Periods throttled
 */
nrThrottled?: string
/**
 * Throttled time, microseconds
 */
throttledUs?: string
}
memory?: {
/**
 * Limit; null = none
 */
limitBytes?: (string | null)
/**
 * Usage
 */
usageBytes?: string
/**
 * memory.events or failcnt / oom_control counters
 */
events?: {
[k: string]: string
}
}
io?: {
/**
 * io.max or blkio.throttle.* lines
 */
max?: string
/**
 * io.stat lines
 */
stat?: string
}
pressure?: {
/**
 * cpu.pressure
 */
cpu?: string
/**
 * io.pressure
 */
io?: string
/**
 * memory.pressure
 */
memory?: string
}
}[]
}
/**
 * Clock of a member’s host against the collector, from HTTP Date headers (1 s resolution)
 */
export interface ClockOffsetArtifact {
/**
 * Samples
 */
samples: {
/**
 * Request sent
 */
sentAt: string
/**
 * Answer received
 */
receivedAt: string
/**
 * Date header
 */
serverDate: string
}[]
/**
 * Interval that contains server minus collector clock; null without samples or when the samples contradict each other
 */
offsetMs: ({
/**
 * Lower bound
 */
min: number
/**
 * Upper bound
 */
max: number
} | null)
}
/**
 * How a local member ended before: panics in its logs, exits of its container or unit, core files
 */
export interface CrashMarkersArtifact {
/**
 * Ends found in the logs, oldest first within each log
 */
markers: {
/**
 * panic: of etcd's code; runtime-error: of the Go runtime (out of memory, concurrent map writes); signal: SIGSEGV, SIGBUS, SIGQUIT; fatal: etcd gave up in an orderly way; stopped: it was told to end
 */
kind: ("panic" | "runtime-error" | "signal" | "fatal" | "stopped")
/**
 * First line, at most 300 characters
 */
line: string
/**
 * Time in the line itself; a dump of the Go runtime has none
 */
at?: string
/**
 * Without a time of its own: that of the last line before it that has one
 */
notBefore?: string
/**
 * Without a time of its own: that of the next line that has one, often of the next start
 */
notAfter?: string
/**
 * First functions of the stack, without arguments
 */
frames?: string[]
/**
 * File or unit
 */
log: string
/**
 * 0 is the current log, 1 the one before
 */
generation: number
}[]
/**
 * What was searched
 */
logs: {
/**
 * File or unit
 */
log: string
/**
 * 0 is the current log
 */
generation: number
/**
 * Bytes searched, at the end of the log
 */
bytes: number
/**
 * Size of the file
 */
size?: string
/**
 * Last change of the file
 */
modified?: string
/**
 * Why it could not be searched
 */
error?: string
}[]
/**
 * Containers of the member that the runtime still knows, newest first
 */
containers: {
/**
 * Container id, first 12 digits
 */
id: string
/**
 * Restarts before this one
 */
attempt?: number
/**
 * CONTAINER_RUNNING, CONTAINER_EXITED ...
 */
state: string
/**
 * Of an exited one: 2 is a panic, 137 SIGKILL, 143 SIGTERM
 */
exitCode?: number
/**
 * Completed, Error, OOMKilled
 */
reason?: string
/**
 * Start
 */
startedAt?: string
/**
 * End
 */
finishedAt?: string
}[]
/**
 * systemd units of the member
 */
units: {
/**
 * Unit
 */
name: string
/**
 * Chosen properties as systemctl show prints them: ActiveState, SubState, Result, NRestarts, ExecMainCode, ExecMainStatus, times
 */
properties: {
[k: string]: string
}
}[]
/**
 * Core files by name and size; nothing of their content
 */
coreFiles: {
/**
 * Path
 */
path: string
/**
 * Size, bytes
 */
size: string
/**
 * Last change
 */
modified?: string
}[]
/**
 * kernel.core_pattern
 */
corePattern?: string
/**
 * Tools that were asked
 */
asked: {
/**
 * Tool
 */
what: string
/**
 * missing: not on this host
 */
state: ("ok" | "missing" | "failed")
/**
 * Why not
 */
message?: string
}[]
}
/**
 * The database file: bbolt structure, etcd's own records and revisions; never a key, a value, a user or a role
 */
export interface DatadirDbArtifact {
/**
 * Database file
 */
path: string
/**
 * A process has the file open
 */
inUse: boolean
/**
 * Bytes
 */
size: string
/**
 * Page size, bytes
 */
pageSize: number
/**
 * Of the machine that wrote it
 */
byteOrder: ("little" | "big")
/**
 * Both meta pages
 */
metas: {
/**
 * Page
 */
page: (0 | 1)
/**
 * bbolt accepts it
 */
valid: boolean
/**
 * Why not
 */
problem?: ("unreadable" | "magic" | "version" | "checksum")
/**
 * Format version
 */
version?: number
/**
 * Page size, bytes
 */
pageSize?: number
/**
 * Root page
 */
root?: string
/**
 * Page of the free list; absent when etcd keeps none on disk
 */
freelist?: string
/**
 * Pages in the file, used or free
 */
highWater?: string
/**
 * Transaction
 */
txid?: string
}[]
/**
 * Meta page that counts; absent when none is valid and etcd cannot open the file
 */
inForce?: (0 | 1)
/**
 * The file is shorter than its high-water mark
 */
truncated: boolean
/**
 * Whether the file changed while it was read
 */
consistency: {
/**
 * Of the records below
 */
state: ("still" | "live-moved")
/**
 * Of buckets and problems: after live-moved a problem may be a page that was rewritten meanwhile
 */
pages: ("still" | "live-moved")
}
/**
 * How much was read
 */
coverage: {
/**
 * Bytes read
 */
bytesRead: string
/**
 * Time taken, ms
 */
elapsedMs: number
/**
 * All of it was read
 */
complete: boolean
/**
 * What ended the reading early
 */
stoppedBy?: ("bytes" | "time" | "interrupted")
}
/**
 * Free list on disk
 */
freelist: {
/**
 * absent: etcd keeps none on disk, its default on Linux
 */
state: ("absent" | "read" | "broken" | "not-read")
/**
 * Free pages listed
 */
pages?: string
}
/**
 * Pages reached from the root, when all of it was read
 */
pagesInUse?: string
/**
 * Buckets
 */
buckets: {
/**
 * Bucket
 */
name: ("key" | "meta" | "lease" | "alarm" | "cluster" | "members" | "members_removed" | "auth" | "authUsers" | "authRoles" | "other")
/**
 * Inside the root page
 */
inline: boolean
/**
 * Root page; 0 when inline
 */
rootPage: string
/**
 * Levels
 */
depth: number
/**
 * Branch pages
 */
branchPages: number
/**
 * Leaf pages
 */
leafPages: number
/**
 * Leaf pages read: the figures below are of these
 */
leafPagesRead: number
/**
 * Overflow pages
 */
overflowPages: number
/**
 * Keys
 */
keys: string
/**
 * Bytes of keys
 */
keyBytes: string
/**
 * Bytes of values
 */
valueBytes: string
/**
 * Share of the leaf pages in use, 0 to 1
 */
leafFill?: number
/**
 * All pages were read, without a problem
 */
complete: boolean
}[]
/**
 * Buckets that are none of etcd's
 */
unknownBuckets: number
/**
 * First 50 problems of pages
 */
problems: {
/**
 * Kind
 */
kind: ("wrong-id" | "wrong-type" | "out-of-range" | "beyond-file" | "unreadable" | "element-outside-page" | "keys-out-of-order" | "key-outside-range" | "referenced-twice" | "uneven-depth" | "too-deep" | "empty-page" | "nested-bucket")
/**
 * Page
 */
page: string
/**
 * Bucket; empty for the root
 */
bucket: string
}[]
/**
 * Problems in all
 */
problemCount: number
/**
 * Raft index applied last
 */
consistentIndex?: string
/**
 * Term of that index (3.5 and later)
 */
term?: string
/**
 * Raft configuration (3.5 and later)
 */
confState?: {
/**
 * Voting members
 * 
 * Items: Member
 */
voters: string[]
/**
 * Learners
 * 
 * Items: Member
 */
learners: string[]
/**
 * Voters of the outgoing half of a joint configuration
 * 
 * Items: Member
 */
votersOutgoing?: string[]
}
/**
 * Compaction asked for last
 */
scheduledCompactRevision?: string
/**
 * Compaction finished last
 */
finishedCompactRevision?: string
/**
 * Storage version (3.6 and later)
 */
storageVersion?: string
/**
 * Cluster version
 */
clusterVersion?: string
/**
 * Downgrade under way
 */
downgrade?: {
/**
 * Enabled
 */
enabled: boolean
/**
 * Target version
 */
targetVersion?: string
}
/**
 * Membership
 * 
 * Items: A member as the file records it
 */
members: {
/**
 * Member
 */
id: string
/**
 * Name; absent while it has not started
 */
name?: string
/**
 * Peer URLs
 */
peerUrls: string[]
/**
 * Client URLs
 */
clientUrls: string[]
/**
 * Learner
 */
isLearner?: boolean
}[]
/**
 * Members removed, at most 100
 * 
 * Items: Member
 */
removedMembers: string[]
/**
 * Alarms
 */
alarms: {
/**
 * Member
 */
memberId: string
/**
 * NOSPACE, CORRUPT or another
 */
alarm: string
}[]
/**
 * Authentication
 */
auth?: {
/**
 * On; absent when it was never switched
 */
enabled?: boolean
/**
 * Auth revision
 */
revision?: string
/**
 * Users
 */
users?: string
/**
 * Roles
 */
roles?: string
}
/**
 * Oldest revision kept
 */
lowestRevision?: {
/**
 * Main revision
 */
main: string
/**
 * Sub revision
 */
sub: string
/**
 * A deletion
 */
tombstone: boolean
}
/**
 * Newest revision: the revision of the store
 */
highestRevision?: {
/**
 * Main revision
 */
main: string
/**
 * Sub revision
 */
sub: string
/**
 * A deletion
 */
tombstone: boolean
}
/**
 * Deletions among the keys read
 */
tombstones: string
/**
 * Keys of the bucket `key` that are no revision
 */
malformedRevisions: string
/**
 * Records of etcd's own that are there and cannot be understood, by bucket and name
 */
malformed: string[]
}
/**
 * Names and sizes below the data dir and WAL dir; contents are never read
 */
export interface DatadirListingArtifact {
/**
 * Data dir
 */
dataDir: string
/**
 * Separate WAL dir
 */
walDir?: string
/**
 * Entries
 */
entries: {
/**
 * Relative to the data dir, or `wal:` + relative to a separate WAL dir
 */
path: string
/**
 * Type
 */
type: ("file" | "directory" | "link" | "other")
/**
 * Bytes
 */
size: string
/**
 * Allocated bytes
 */
allocated?: string
/**
 * Modification time
 */
mtime: string
/**
 * Octal mode
 */
mode: string
/**
 * Owner
 */
uid?: number
}[]
/**
 * More entries than the cap
 */
truncated: boolean
}
/**
 * Raft snapshots on disk: checksums, raft state and membership; nothing else of their contents
 */
export interface DatadirSnapArtifact {
/**
 * Snapshot directory
 */
dir: string
/**
 * A process has the files open
 */
inUse: boolean
/**
 * Files in the directory
 */
files: {
/**
 * *.snap
 */
snapshots: number
/**
 * *.snap.broken, set aside by etcd
 */
broken: number
/**
 * *.snap.db, received from a leader
 */
databases: number
/**
 * *.tmp and db.tmp*, left by an interrupted write or defragmentation
 */
temporary: number
/**
 * Anything else but the database
 */
other: number
}
/**
 * How much was read
 */
coverage: {
/**
 * Bytes read
 */
bytesRead: string
/**
 * Time taken, ms
 */
elapsedMs: number
/**
 * All of it was read
 */
complete: boolean
/**
 * What ended the reading early
 */
stoppedBy?: ("bytes" | "time" | "interrupted")
}
/**
 * Newest first, at most 20
 */
snapshots: {
/**
 * File name
 */
name: string
/**
 * Bytes
 */
size: string
/**
 * Renamed to .broken by etcd
 */
setAside: boolean
/**
 * Raft index
 */
index?: string
/**
 * Raft term
 */
term?: string
/**
 * Configuration at that index
 */
confState?: {
/**
 * Voting members
 * 
 * Items: Member
 */
voters: string[]
/**
 * Learners
 * 
 * Items: Member
 */
learners: string[]
/**
 * Voters of the outgoing half of a joint configuration
 * 
 * Items: Member
 */
votersOutgoing?: string[]
}
/**
 * Bytes of the state inside
 */
dataBytes?: string
/**
 * Membership in the state inside
 */
membership?: {
/**
 * Members
 * 
 * Items: A member as the file records it
 */
members: {
/**
 * Member
 */
id: string
/**
 * Name; absent while it has not started
 */
name?: string
/**
 * Peer URLs
 */
peerUrls: string[]
/**
 * Client URLs
 */
clientUrls: string[]
/**
 * Learner
 */
isLearner?: boolean
}[]
/**
 * Members removed, the last 100
 * 
 * Items: Member
 */
removed: string[]
/**
 * Cluster version
 */
clusterVersion?: string
}
/**
 * Why etcd would not load it, or why its name is wrong
 */
problem?: {
/**
 * Kind
 */
kind: ("empty" | "malformed" | "crc-mismatch" | "read-error" | "too-large" | "name-mismatch")
/**
 * Checksum in the file, hex
 */
recordedCrc?: string
/**
 * Checksum of the data, hex
 */
computedCrc?: string
}
}[]
/**
 * Databases received with a snapshot, newest first, at most 20
 */
databases: {
/**
 * File name
 */
name: string
/**
 * Bytes
 */
size: string
/**
 * Raft index in the name
 */
index: string
/**
 * One of its meta pages is valid
 */
readable: boolean
/**
 * Raft index applied to it
 */
consistentIndex?: string
/**
 * Term of that index
 */
term?: string
/**
 * Highest revision in it
 */
revision?: string
}[]
}
/**
 * Write-ahead log on disk: records, checksums, raft state; never an entry's payload
 */
export interface DatadirWalArtifact {
/**
 * WAL directory
 */
dir: string
/**
 * A process has the files open: what was read may be a moment in the middle of a write
 */
inUse: boolean
/**
 * Files in the directory
 */
files: {
/**
 * WAL segments
 */
segments: number
/**
 * Preallocated segments to come, *.tmp
 */
temporary: number
/**
 * Copies that a repair left, *.broken
 */
broken: number
/**
 * Anything else
 */
other: number
}
/**
 * How much was read
 */
coverage: {
/**
 * Bytes read
 */
bytesRead: string
/**
 * Time taken, ms
 */
elapsedMs: number
/**
 * All of it was read
 */
complete: boolean
/**
 * What ended the reading early
 */
stoppedBy?: ("bytes" | "time" | "interrupted")
/**
 * Segments read, in part or whole; the newest come first
 */
segmentsRead: number
}
/**
 * Checksums over all that was read: intact; torn-tail (etcd repairs it); in-flight (being written); broken; not-read
 */
chain: ("intact" | "torn-tail" | "in-flight" | "broken" | "not-read")
/**
 * Problems, in the order of the log
 */
problems: {
/**
 * File name
 */
segment: string
/**
 * torn-tail: etcd cuts it off at its next start; corruption: etcd refuses to start; in-flight: at the end of a WAL being written; unreadable: could not be read
 */
class: ("torn-tail" | "corruption" | "in-flight" | "unreadable")
/**
 * What is wrong with the frame
 */
kind: ("frame-beyond-file" | "truncated-length" | "crc-mismatch" | "crc-chain" | "malformed-record" | "unknown-record" | "metadata-conflict" | "record-too-large" | "read-error")
/**
 * Byte offset of the frame in the segment
 */
offset: string
/**
 * A 512-byte sector of the frame is all zero
 */
zeroSector: boolean
/**
 * Checksum in the file, hex
 */
recordedCrc?: string
/**
 * Checksum of the data, hex
 */
computedCrc?: string
}[]
/**
 * Sequence numbers that are missing between segments
 */
sequenceGaps: {
/**
 * Last one before
 */
after: number
/**
 * First one behind
 */
before: number
}[]
/**
 * Whose log it is
 */
metadata?: {
/**
 * Member the files belong to
 */
nodeId: string
/**
 * Cluster the files belong to
 */
clusterId: string
}
/**
 * Last HardState before any problem
 */
hardState?: {
/**
 * Current term
 */
term: string
/**
 * Member voted for in that term; absent when none
 */
vote?: string
/**
 * Commit index
 */
commit: string
}
/**
 * Oldest entry read
 */
firstEntry?: {
/**
 * Raft index
 */
index: string
/**
 * Raft term
 */
term: string
}
/**
 * Newest entry before any problem
 */
lastEntry?: {
/**
 * Raft index
 */
index: string
/**
 * Raft term
 */
term: string
}
/**
 * Entries by type, those replaced later included
 */
entries: {
/**
 * EntryNormal
 */
normal: number
/**
 * EntryConfChange
 */
confChange: number
/**
 * EntryConfChangeV2
 */
confChangeV2: number
/**
 * Any other type
 */
unknown: number
}
/**
 * Entries that a later leader replaced
 */
entriesReplaced: number
/**
 * Raft indexes that are missing and that no snapshot record explains
 */
entryGaps: {
/**
 * Last one before
 */
after: string
/**
 * First one behind
 */
before: string
}[]
/**
 * The log as runs of entries of one term, the newest 1000
 */
terms: {
/**
 * Term
 */
term: string
/**
 * First index
 */
first: string
/**
 * Last index
 */
last: string
}[]
/**
 * Snapshot records, the newest 100
 */
snapshots: {
/**
 * Raft index
 */
index: string
/**
 * Term
 */
term: string
/**
 * Configuration (3.5 and later)
 */
confState?: {
/**
 * Voting members
 * 
 * Items: Member
 */
voters: string[]
/**
 * Learners
 * 
 * Items: Member
 */
learners: string[]
/**
 * Voters of the outgoing half of a joint configuration
 * 
 * Items: Member
 */
votersOutgoing?: string[]
}
}[]
/**
 * Membership changes in the log, the newest 500, committed or not
 */
confChanges: {
/**
 * Raft index
 */
index: string
/**
 * Term
 */
term: string
/**
 * Change
 */
type: ("add-node" | "remove-node" | "update-node" | "add-learner" | "unknown")
/**
 * Member changed
 */
memberId: string
}[]
/**
 * Segments by sequence
 */
segments: {
/**
 * File name
 */
name: string
/**
 * Sequence number in the name
 */
sequence: number
/**
 * Raft index in the name
 */
startIndex: string
/**
 * Bytes, preallocated space included; absent when it could not be opened
 */
size?: string
/**
 * How much of it was read
 */
state: ("read" | "partial" | "not-read" | "denied" | "unreadable")
/**
 * Offset after the last sound frame
 */
dataEnd?: string
/**
 * What follows there: a length of zero (preallocated space), the end of the file, a problem, or the end of the budget
 */
end?: ("zero" | "end-of-file" | "problem" | "budget")
/**
 * Records before any problem, by type
 */
records?: {
/**
 * Metadata
 */
metadata: number
/**
 * Entries
 */
entry: number
/**
 * HardState
 */
state: number
/**
 * Checksum records
 */
crc: number
/**
 * Snapshot records
 */
snapshot: number
}
/**
 * Entries before any problem, by type
 */
entries?: {
/**
 * EntryNormal
 */
normal: number
/**
 * EntryConfChange
 */
confChange: number
/**
 * EntryConfChangeV2
 */
confChangeV2: number
/**
 * Any other type
 */
unknown: number
}
/**
 * Checksum that the segment continues, hex
 */
seedCrc?: string
/**
 * Checksum after the last sound record, hex
 */
finalCrc?: string
/**
 * First entry of the log as this segment leaves it
 */
firstEntry?: {
/**
 * Raft index
 */
index: string
/**
 * Raft term
 */
term: string
}
/**
 * Last entry of the log as this segment leaves it
 */
lastEntry?: {
/**
 * Raft index
 */
index: string
/**
 * Raft term
 */
term: string
}
/**
 * Last HardState before any problem
 */
hardState?: {
/**
 * Current term
 */
term: string
/**
 * Member voted for in that term; absent when none
 */
vote?: string
/**
 * Commit index
 */
commit: string
}
/**
 * First problem in the segment; figures of the segment are from before it
 */
problem?: {
/**
 * What is wrong with the frame
 */
kind: ("frame-beyond-file" | "truncated-length" | "crc-mismatch" | "crc-chain" | "malformed-record" | "unknown-record" | "metadata-conflict" | "record-too-large" | "read-error")
/**
 * Byte offset of the frame in the segment
 */
offset: string
/**
 * A 512-byte sector of the frame is all zero
 */
zeroSector: boolean
/**
 * Checksum in the file, hex
 */
recordedCrc?: string
/**
 * Checksum of the data, hex
 */
computedCrc?: string
}
/**
 * What can still be told apart behind the problem; etcd does not read it
 */
beyond?: {
/**
 * Records
 */
records: number
/**
 * Records whose checksum does not continue the one before
 */
mismatches: number
/**
 * Last entry
 */
lastEntry?: {
/**
 * Raft index
 */
index: string
/**
 * Raft term
 */
term: string
}
/**
 * Last HardState
 */
hardState?: {
/**
 * Current term
 */
term: string
/**
 * Member voted for in that term; absent when none
 */
vote?: string
/**
 * Commit index
 */
commit: string
}
}
/**
 * Space behind the data
 */
tail?: {
/**
 * Bytes looked at
 */
checked: string
/**
 * Offset of the first byte that is not zero: data behind a lost write, which etcd would overwrite
 */
nonZeroAt?: string
}
}[]
}
/**
 * Resolution of one endpoint host
 */
export interface DnsArtifact {
/**
 * Host
 */
host: string
/**
 * An IP literal, no lookup done
 */
literal: boolean
/**
 * Answers
 */
addresses: {
/**
 * Address
 */
address: string
/**
 * 4 or 6
 */
family: number
}[]
/**
 * Time
 */
elapsedMs: number
/**
 * Error code
 */
error?: string
}
/**
 * Maintenance.Status of one member in one round
 */
export interface EndpointStatusArtifact {
/**
 * Answering member
 */
memberId: string
/**
 * Cluster; all zero in an import that does not show it
 */
clusterId: string
/**
 * Store revision in the header; absent in an import that does not show it
 */
revision?: string
/**
 * Server version
 */
version: string
/**
 * Backend file size, bytes
 */
dbSize: string
/**
 * Bytes in use
 */
dbSizeInUse?: string
/**
 * Leader known to this member; all zero = none; absent in an import that does not show it
 */
leader?: string
/**
 * Committed index
 */
raftIndex: string
/**
 * Applied index
 */
raftAppliedIndex?: string
/**
 * Raft term
 */
raftTerm: string
/**
 * Alarms and errors as reported
 */
errors: string[]
/**
 * Learner
 */
isLearner: boolean
/**
 * 3.6+
 */
storageVersion?: string
/**
 * 3.6+; unreliable before 3.6.6
 */
dbSizeQuota?: string
/**
 * 3.6+
 */
downgradeInfo?: {
/**
 * Downgrade job active
 */
enabled: boolean
/**
 * Target version
 */
targetVersion: string
}
/**
 * Request time
 */
elapsedMs: number
}
/**
 * File systems that hold data and WAL dirs
 */
export interface FilesystemsArtifact {
/**
 * One per directory
 */
filesystems: {
/**
 * Member
 */
memberId: string
/**
 * Which directory
 */
role: ("data" | "wal")
/**
 * Directory
 */
path: string
/**
 * Mount point
 */
mountPoint: string
/**
 * Type
 */
fsType: string
/**
 * Mount source
 */
source: string
/**
 * Mount options
 */
options: string[]
/**
 * major:minor
 */
device: string
/**
 * Size
 */
totalBytes: string
/**
 * Free for unprivileged users
 */
availableBytes: string
/**
 * Free
 */
freeBytes: string
/**
 * Inodes
 */
inodesTotal: string
/**
 * Free inodes
 */
inodesFree: string
}[]
}
/**
 * fdatasync times measured by the collector beside data and WAL dirs (--allow-load)
 */
export interface FsyncProbeArtifact {
/**
 * One for each file system, the one with the WAL first
 */
measurements: {
/**
 * Data and WAL dirs on this file system
 */
dirs: {
/**
 * Member
 */
memberId: string
/**
 * What the dir is for
 */
role: ("data" | "wal")
}[]
/**
 * Directory in which the nameless temporary file was made
 */
dir: string
/**
 * As the member sees it
 */
mountPoint: string
/**
 * File system
 */
fsType: string
/**
 * major:minor
 */
device: string
/**
 * Bytes of one append
 */
writeBytes: number
/**
 * Appends that were synced
 */
writes: number
/**
 * Bytes written
 */
bytes: number
/**
 * Duration, ms
 */
elapsedMs: number
/**
 * Which limit ended it; with time, fewer appends were measured than the limit of bytes allows
 */
ended: ("bytes" | "time" | "signal" | "error")
/**
 * How long an append had not come back at the end, ms: a lower bound of its duration, not in the latency
 */
pendingMs?: number
/**
 * errno that ended it
 */
error?: string
/**
 * Of fdatasync alone, ms, with the scheduling of the collector in it; a quantile is absent when there are too few values for it
 */
latency: {
/**
 * Mean
 */
meanMs?: number
/**
 * Median
 */
p50Ms?: number
/**
 * From 10 values on
 */
p90Ms?: number
/**
 * From 100 values on
 */
p99Ms?: number
/**
 * From 1000 values on
 */
p999Ms?: number
/**
 * Largest
 */
maxMs?: number
}
/**
 * Cumulative, with the bounds of etcd_disk_wal_fsync_duration_seconds; what is above the last bound is in writes only
 */
histogram: {
/**
 * Upper bound, ms
 */
leMs: number
/**
 * Values up to it
 */
count: number
}[]
}[]
/**
 * File systems on which nothing was written
 */
refused: {
/**
 * Data or WAL dir, as the member sees it
 */
path: string
/**
 * What stood against it
 */
reason: string
}[]
}
/**
 * Maintenance.HashKV of one member, asked at common revisions
 */
export interface HashkvArtifact {
/**
 * Member
 */
memberId: string
/**
 * Samples
 */
samples: {
/**
 * Revision asked for (the smallest of all members just before)
 */
requestedRevision: string
/**
 * Store revision in the header
 */
headerRevision: string
/**
 * CRC32 of the key-value store up to the revision
 */
hash: string
/**
 * Compact revision
 */
compactRevision: string
/**
 * Revision the hash covers (3.6+)
 */
hashRevision?: string
/**
 * When
 */
at: string
/**
 * Request time
 */
elapsedMs: number
}[]
}
/**
 * GET /health
 */
export interface HealthArtifact {
/**
 * URL path
 */
path: string
/**
 * HTTP status
 */
statusCode: number
/**
 * Body, cut at 64 KiB
 */
body: string
/**
 * Parsed verbose lines
 */
checks?: {
/**
 * Check
 */
name: string
/**
 * Passed
 */
ok: boolean
/**
 * Reason
 */
reason?: string
}[]
/**
 * Request time
 */
elapsedMs: number
}
/**
 * One question to a Prometheus about the last hours, with its series
 */
export interface HistoryArtifact {
/**
 * What was asked for, e.g. wal-fsync-p99
 */
name: string
/**
 * PromQL as it was sent
 */
query: string
/**
 * Unit of the values: bytes, seconds, count, per second, 0 or 1
 */
unit: string
/**
 * How to read the values; a counter starts again at 0 with its process
 */
type: ("gauge" | "counter" | "rate" | "quantile")
/**
 * Time of the first point
 */
start: string
/**
 * Distance of two points, s
 */
stepSeconds: number
/**
 * Length of every array of values
 */
points: number
/**
 * Window of rates and quantiles before each point, s
 */
rateWindowSeconds?: number
/**
 * How the series were told to be of this cluster: by etcd_server_id, by the address in the instance label, by matchers of the user alone, or not at all
 */
chosenBy: ("member-id" | "address" | "matchers" | "everything")
/**
 * Series of the answer, in its order
 */
series: {
/**
 * Allow-listed labels
 */
labels: {
[k: string]: string
}
/**
 * Member whose etcd_server_id the same instance and job have; absent when that was not seen
 */
memberId?: string
/**
 * Value at start + index * stepSeconds; null where there is none (no scrape, no observation, NaN or infinite)
 */
values: (number | null)[]
}[]
/**
 * Names of labels that were left out
 */
droppedLabels?: string[]
/**
 * Series left out because their kept labels equal those of an earlier one
 */
duplicates?: number
/**
 * Series left out because there were too many
 */
cutSeries?: number
/**
 * Warnings of the server, the first few
 */
warnings?: string[]
/**
 * Time of the answer, ms
 */
elapsedMs: number
}
/**
 * Processors of a host
 */
export interface HostCpuArtifact {
/**
 * Online logical CPUs
 */
logicalCpus: number
/**
 * Model name
 */
model: string
/**
 * Current MHz of the first CPU
 */
mhz?: number
}
/**
 * Operating system of a host
 */
export interface HostOsArtifact {
/**
 * Host name
 */
hostname: string
/**
 * PRETTY_NAME
 */
os: string
/**
 * Kernel release
 */
kernel: string
/**
 * Architecture
 */
arch: string
/**
 * Uptime
 */
uptimeSeconds: number
/**
 * Boot id
 */
bootId: string
/**
 * Hypervisor hint from DMI
 */
virtualization?: string
/**
 * Collector in a container
 */
container: boolean
/**
 * Host time
 */
time: string
/**
 * Zone
 */
timezone: string
/**
 * Physical memory
 */
memoryTotalBytes?: string
/**
 * Swap
 */
swapTotalBytes?: string
}
/**
 * CPU and I/O counters of the busiest processes of a host in one round
 */
export interface HostProcessesArtifact {
/**
 * Unit of tick counters
 */
clockTicksPerSecond: number
/**
 * Whether /proc/<pid>/io of others could be read
 */
ioReadable: boolean
/**
 * All processes with any CPU or I/O, capped
 */
processes: {
/**
 * Process id
 */
pid: number
/**
 * Start time
 */
startTicks: string
/**
 * comm, at most 15 characters
 */
command: string
/**
 * User + system CPU
 */
cpuTicks: string
/**
 * Resident memory
 */
rssBytes: string
/**
 * Fetched from storage
 */
readBytes?: string
/**
 * Sent to storage
 */
writeBytes?: string
}[]
/**
 * Capped
 */
truncated: boolean
}
/**
 * Number of keys by prefix (--allow-load --keyspace); no key and no value
 */
export interface KeyspaceArtifact {
/**
 * Member that counted
 */
askedMember: string
/**
 * Whether it led; a follower is asked where there is one
 */
isLeader: boolean
/**
 * Root of an API server that was found; absent when there is none
 */
root?: string
/**
 * Prefixes with keys, in the order they were counted
 */
prefixes: {
/**
 * Prefix
 */
prefix: string
/**
 * Keys below it
 */
count: string
/**
 * Time of the answer, ms
 */
elapsedMs: number
}[]
/**
 * Prefixes without any key
 */
empty?: number
/**
 * Keys in the whole store, counted last; absent when that was not reached
 */
total?: string
/**
 * Total without the prefixes above; writes meanwhile make it inexact
 */
others?: string
/**
 * Bytes in use in the database of that member; sizes by prefix are not known
 */
dbSizeInUse?: string
/**
 * Revision of the first answer
 */
firstRevision?: string
/**
 * Revision of the last answer
 */
lastRevision?: string
/**
 * Prefixes that were not reached
 */
notCounted: string[]
/**
 * slow: an answer took so long that the server was left alone
 */
ended: ("finished" | "time" | "slow" | "error")
/**
 * Duration with pauses, ms
 */
elapsedMs: number
}
/**
 * Recent events about pods of etcd and of the API server, listed fields only
 */
export interface KubeEventsArtifact {
/**
 * When they were read
 */
readAt: string
/**
 * All pages were read; events live an hour by default
 */
complete: boolean
/**
 * Events, newest first
 */
events: {
/**
 * What the pod runs
 */
component: ("etcd" | "kube-apiserver")
/**
 * Namespace
 */
namespace: string
/**
 * Pod
 */
name: string
/**
 * Normal or Warning
 */
type: string
/**
 * Reason in one word
 */
reason: string
/**
 * Message, cut at 300 characters
 */
message?: string
/**
 * How often
 */
count?: number
/**
 * First time
 */
first?: string
/**
 * Last time
 */
last?: string
}[]
/**
 * Older events that were left out because there were too many
 */
left?: number
}
/**
 * Leader-election leases of the control plane, whose renewals are writes to etcd
 */
export interface KubeLeasesArtifact {
/**
 * When they were read, by the clock of the collector
 */
readAt: string
/**
 * The same by the clock of the API server
 */
serverTime?: string
/**
 * Leases of kube-controller-manager, kube-scheduler, cloud-controller-manager, and one for each API server
 */
leases: {
/**
 * Name; `apiserver` for an identity of an API server
 */
name: string
/**
 * Node that holds it
 */
holder?: string
/**
 * Changes of the holder since the lease was made
 */
transitions?: number
/**
 * How long it is valid, s
 */
durationSeconds?: number
/**
 * When the holder got it
 */
acquiredAt?: string
/**
 * Last renewal
 */
renewedAt?: string
}[]
}
/**
 * Control-plane nodes as the API server knows them, listed fields only
 */
export interface KubeNodesArtifact {
/**
 * When they were read
 */
readAt: string
/**
 * Nodes with a control-plane role
 */
nodes: {
/**
 * Name
 */
name: string
/**
 * Creation
 */
createdAt?: string
/**
 * Cordoned
 */
unschedulable?: boolean
/**
 * Version of the kubelet
 */
kubeletVersion?: string
/**
 * Container runtime and its version
 */
containerRuntime?: string
/**
 * Kernel
 */
kernelVersion?: string
/**
 * Operating system
 */
osImage?: string
/**
 * Processors, as a Kubernetes quantity
 */
cpu?: string
/**
 * Memory, as a Kubernetes quantity
 */
memory?: string
/**
 * Conditions; the messages are not kept
 */
conditions: {
/**
 * Ready, MemoryPressure, DiskPressure, ...
 */
type: string
/**
 * True, False or Unknown
 */
status: string
/**
 * Reason in one word
 */
reason?: string
/**
 * Last change
 */
since?: string
/**
 * Last heartbeat
 */
heartbeatAt?: string
}[]
/**
 * Taints with a key of Kubernetes itself, as key:effect
 */
taints: string[]
/**
 * Number of other taints
 */
otherTaints?: number
}[]
}
/**
 * Pods of etcd and of the API server as the API server knows them, listed fields only
 */
export interface KubePodsArtifact {
/**
 * When they were read
 */
readAt: string
/**
 * Pods
 */
pods: {
/**
 * What it runs
 */
component: ("etcd" | "kube-apiserver")
/**
 * Namespace
 */
namespace: string
/**
 * Name
 */
name: string
/**
 * Node
 */
node?: string
/**
 * Pending, Running, Succeeded, Failed or Unknown
 */
phase?: string
/**
 * Condition Ready
 */
ready?: boolean
/**
 * When the kubelet took it on
 */
startedAt?: string
/**
 * Containers
 */
containers: {
/**
 * Name
 */
name: string
/**
 * Tag of the image; registry and path are not kept
 */
imageTag?: string
/**
 * Passes its readiness probe
 */
ready?: boolean
/**
 * Restarts that the kubelet counts; it forgets them with the old containers
 */
restarts: number
state?: ContainerState
lastState?: ContainerState
}[]
}[]
}
/**
 * State of a container
 */
export interface ContainerState {
/**
 * Which state
 */
kind: ("waiting" | "running" | "terminated")
/**
 * Error, OOMKilled, CrashLoopBackOff, Completed, ...
 */
reason?: string
/**
 * Exit code; 137 is SIGKILL
 */
exitCode?: number
/**
 * Signal
 */
signal?: number
/**
 * Start
 */
startedAt?: string
/**
 * End
 */
finishedAt?: string
}
/**
 * GET /livez?verbose (3.4.29+, 3.5.11+)
 */
export interface LivezArtifact {
/**
 * URL path
 */
path: string
/**
 * HTTP status
 */
statusCode: number
/**
 * Body, cut at 64 KiB
 */
body: string
/**
 * Parsed verbose lines
 */
checks?: {
/**
 * Check
 */
name: string
/**
 * Passed
 */
ok: boolean
/**
 * Reason
 */
reason?: string
}[]
/**
 * Request time
 */
elapsedMs: number
}
/**
 * Serializable Cluster.MemberList: the membership as one member sees it
 */
export interface MemberListArtifact {
/**
 * Answering member; all zero in an import that does not show it
 */
memberId: string
/**
 * Cluster; all zero in an import that does not show it
 */
clusterId: string
/**
 * Raft term in the header
 */
raftTerm: string
/**
 * Always false: a local read that works without quorum
 */
linearizable: boolean
/**
 * Members
 */
members: {
/**
 * Member
 */
id: string
/**
 * Name, empty when never started
 */
name: string
/**
 * Peer URLs
 */
peerURLs: string[]
/**
 * Client URLs, empty when never started
 */
clientURLs: string[]
/**
 * Learner
 */
isLearner: boolean
}[]
/**
 * Request time
 */
elapsedMs: number
}
/**
 * Interfaces, routes to peers and name resolution of the host
 */
export interface NetConfigArtifact {
/**
 * Those on the way to peers and physical ones first
 */
interfaces: {
/**
 * Name, as in net-counters
 */
name: string
/**
 * MTU, bytes
 */
mtu?: number
/**
 * up, down, unknown, lowerlayerdown ...
 */
operState?: string
/**
 * Whether the link is there
 */
carrier?: boolean
/**
 * How often the link came or went since boot
 */
carrierChanges?: number
/**
 * Link speed, Mbit/s; absent where the driver knows none (virtual ones)
 */
speedMbps?: number
/**
 * full or half
 */
duplex?: string
/**
 * Length of the transmit queue, packets
 */
txQueueLen?: number
/**
 * Kernel driver of the device
 */
driver?: string
/**
 * Without a device behind it: bridge, veth, bond, vlan, tunnel
 */
virtual: boolean
/**
 * Bond or bridge it belongs to
 */
master?: string
/**
 * Interfaces below it (bond, vlan)
 */
lower?: string[]
/**
 * Error counters of the driver that are not 0, by their kernel name
 */
errors: {
/**
 * Unsigned 64-bit integer as a decimal string (JSON numbers lose precision above 2^53)
 */
[k: string]: string
}
}[]
/**
 * Interfaces left out because there were too many
 */
omittedInterfaces?: number
/**
 * The way to each peer on another host by the main table; rules of policy routing are not looked at
 */
routes: {
/**
 * Peer
 */
memberId: string
/**
 * Address of its peer URL
 */
address: string
/**
 * local: the address is of this host; none: no route
 */
via: ("link" | "gateway" | "local" | "none")
/**
 * Interface out
 */
interface?: string
/**
 * Next hop
 */
gateway?: string
/**
 * Length of the matching prefix; 0 is the default route
 */
prefix?: number
/**
 * MTU set on the route, bytes
 */
routeMtu?: number
/**
 * MTU in force towards it: of the route, else of the interface
 */
mtu?: number
}[]
/**
 * /etc/resolv.conf
 */
resolver?: {
/**
 * In order; resolvers use the first three
 */
nameservers: string[]
/**
 * Search list
 */
search: string[]
/**
 * ndots:5, timeout:2 ...
 */
options: string[]
}
/**
 * The hosts line of /etc/nsswitch.conf
 */
nsswitchHosts?: string
/**
 * Lines of /etc/hosts about hosts of members, and no others
 */
hosts: {
/**
 * Address
 */
address: string
/**
 * Names
 */
names: string[]
}[]
/**
 * What could not be read
 */
problems: string[]
}
/**
 * All planned reads
 */
export interface PlanArtifact {
/**
 * Items
 */
items: PlanItem[]
}
/**
 * One planned read
 */
export interface PlanItem {
/**
 * Stable id: kind@target[#round][/instance]
 */
id: string
/**
 * Probe name (= artifact kind)
 */
probe: string
target: Target
/**
 * Sampling round, 0-based
 */
round?: number
/**
 * What is read, in words
 */
reads: string
/**
 * RPC, URL path, file or command
 */
source: string
/**
 * How sensitive the answer is before redaction
 */
sensitivity: ("public" | "internal" | "sensitive")
/**
 * What access is needed
 */
permission: string
/**
 * Effect on the target
 */
impact: ("read-only" | "adds-load")
/**
 * Expected cost
 */
cost: ("cheap" | "moderate" | "costly")
/**
 * Per-item timeout, milliseconds
 */
timeoutMs: number
}
/**
 * Counters of a local etcd process in one round
 */
export interface ProcessArtifact {
/**
 * Process id
 */
pid: number
/**
 * R, S, D, T (stopped), Z
 */
state: string
/**
 * Start time in clock ticks after boot
 */
startTicks: string
/**
 * Unit of tick counters
 */
clockTicksPerSecond: number
/**
 * Threads
 */
threads: number
/**
 * User CPU
 */
utimeTicks: string
/**
 * System CPU
 */
stimeTicks: string
/**
 * Resident memory
 */
rssBytes: string
/**
 * Swapped
 */
swapBytes?: string
/**
 * Major faults since start
 */
majorFaults: string
/**
 * Delay waiting for block I/O since start
 */
blkioDelayTicks?: string
/**
 * Open descriptors
 */
openFds?: number
io?: {
/**
 * Fetched from storage
 */
readBytes: string
/**
 * Sent to storage
 */
writeBytes: string
/**
 * Truncated page cache
 */
cancelledWriteBytes?: string
}
schedstat?: {
/**
 * Time on CPU
 */
runNs: string
/**
 * Time runnable but waiting
 */
waitNs: string
/**
 * Time slices
 */
slices: string
}
/**
 * Inode of the network namespace
 */
netNamespace?: string
/**
 * Raw counters of the process’s network namespace
 */
net?: {
/**
 * /proc/<pid>/net/dev
 */
dev?: string
/**
 * /proc/<pid>/net/snmp
 */
snmp?: string
/**
 * /proc/<pid>/net/netstat
 */
netstat?: string
}
}
/**
 * Pressure stall information of a host in one round
 */
export interface PsiArtifact {
/**
 * /proc/pressure/cpu
 */
cpu?: {
some: PressureLine
full?: PressureLine
}
/**
 * /proc/pressure/io
 */
io?: {
some: PressureLine
full?: PressureLine
}
/**
 * /proc/pressure/memory
 */
memory?: {
some: PressureLine
full?: PressureLine
}
}
/**
 * One line of a pressure file
 */
export interface PressureLine {
/**
 * Percent of time stalled, 10 s average
 */
avg10: number
/**
 * 60 s average
 */
avg60: number
/**
 * 300 s average
 */
avg300: number
/**
 * Total stall time since boot, microseconds
 */
totalUs: string
}
/**
 * Latency of small count-only reads, connect time apart
 */
export interface ReadLatencyArtifact {
/**
 * Time until the gRPC channel was ready
 */
connectMs?: (number | null)
/**
 * Local reads
 */
serializable: LatencyAttempt[]
/**
 * Reads through the read index (need quorum)
 */
linearizable: LatencyAttempt[]
}
/**
 * One timed attempt
 */
export interface LatencyAttempt {
/**
 * Elapsed milliseconds
 */
ms: number
/**
 * Whether the attempt succeeded
 */
ok: boolean
/**
 * gRPC status name or errno
 */
code?: string
/**
 * Message, secrets removed
 */
error?: string
}
/**
 * GET /readyz?verbose (3.4.29+, 3.5.11+)
 */
export interface ReadyzArtifact {
/**
 * URL path
 */
path: string
/**
 * HTTP status
 */
statusCode: number
/**
 * Body, cut at 64 KiB
 */
body: string
/**
 * Parsed verbose lines
 */
checks?: {
/**
 * Check
 */
name: string
/**
 * Passed
 */
ok: boolean
/**
 * Reason
 */
reason?: string
}[]
/**
 * Request time
 */
elapsedMs: number
}
/**
 * Certificates named by the flags of a local etcd process; keys are never read
 */
export interface ServerCertificatesArtifact {
/**
 * Files
 */
files: {
/**
 * Flag that names the file
 */
flag: string
/**
 * Path
 */
path: string
/**
 * Certificates in file order
 */
chain: Certificate[]
/**
 * Why it could not be read
 */
error?: string
}[]
}
/**
 * A parsed X.509 certificate; never a key
 */
export interface Certificate {
/**
 * Distinguished name of the subject, RFC 2253 style, one line
 */
subject: string
/**
 * Distinguished name of the issuer
 */
issuer: string
/**
 * Serial number, hex
 */
serialNumber: string
/**
 * Start of validity
 */
notBefore: string
/**
 * End of validity
 */
notAfter: string
/**
 * SAN DNS names
 */
dnsNames: string[]
/**
 * SAN IP addresses
 */
ipAddresses: string[]
/**
 * SAN URIs
 */
uris?: string[]
/**
 * basicConstraints CA flag
 */
isCA: boolean
/**
 * Extended key usages: serverAuth, clientAuth or an OID
 */
extKeyUsage: string[]
/**
 * Subject equals issuer and the certificate verifies with its own key
 */
selfSigned: boolean
/**
 * SHA-256 fingerprint, colon separated hex
 */
fingerprint256: string
/**
 * Public key type: rsa, ec, ed25519
 */
keyType?: string
/**
 * Public key size in bits (RSA modulus or curve)
 */
keyBits?: number
}
/**
 * Configuration in force of a local etcd process: allow-listed flags, environment and config file
 */
export interface ServerConfigArtifact {
/**
 * Process id
 */
pid: number
/**
 * Base name
 */
executable: string
/**
 * Start of the process
 */
startedAt?: string
/**
 * User
 */
uid?: number
/**
 * How the process was matched to the member
 */
discoveredBy: string
/**
 * Flags without dashes, allow-listed
 */
flags: {
[k: string]: string
}
/**
 * ETCD_* and GOMAXPROCS / GOGC / GOMEMLIMIT, allow-listed
 */
env: {
[k: string]: string
}
/**
 * Path of the config file
 */
configFile?: string
/**
 * Allow-listed values of the config file
 */
configFileValues: {
[k: string]: string
}
/**
 * Names present but not on the allow-list; values never read
 */
omitted: string[]
/**
 * Data dir in force
 */
dataDir?: string
/**
 * WAL dir in force
 */
walDir?: string
}
/**
 * Limits and scheduling of a local etcd process
 */
export interface ServerLimitsArtifact {
/**
 * Limits
 */
limits: {
/**
 * As in /proc/<pid>/limits
 */
name: string
/**
 * Soft limit
 */
soft: string
/**
 * Hard limit
 */
hard: string
/**
 * Unit
 */
unit: string
}[]
/**
 * OOM adjustment
 */
oomScoreAdj?: number
/**
 * Nice value
 */
nice?: number
/**
 * Cpus_allowed_list
 */
cpusAllowed?: string
/**
 * I/O class
 */
ioClass?: string
}
/**
 * TCP sockets of a local member, in its network namespace
 */
export interface SocketsArtifact {
/**
 * Ports the member listens on, from its settings
 */
ports: {
/**
 * Client ports
 */
client: number[]
/**
 * Peer ports
 */
peer: number[]
/**
 * Ports of metrics and health alone
 */
metrics: number[]
}
/**
 * inode: sockets held by the process itself; port: descriptors could not be read, so other members in the same namespace may be among them
 */
attributedBy: ("inode" | "port")
/**
 * The table was longer than what is read of it
 */
truncated?: boolean
/**
 * Connections by role
 */
groups: {
/**
 * client and metrics: accepted on these ports; peer-in: accepted on the peer port; peer-out: dialled to a peer
 */
role: ("client" | "peer-in" | "peer-out" | "metrics")
/**
 * Number of connections
 */
sockets: number
/**
 * Connections by TCP state
 */
states: {
[k: string]: number
}
/**
 * Received and not read by etcd, all together, bytes
 */
rxQueueBytes: number
/**
 * Largest of them
 */
rxQueueMaxBytes: number
/**
 * Sent and not acknowledged, all together, bytes
 */
txQueueBytes: number
/**
 * Largest of them
 */
txQueueMaxBytes: number
/**
 * Connections whose retransmission timer ran out without an answer since
 */
retransmitting: number
/**
 * Addresses with the most connections, at most ten
 */
topRemotes?: {
/**
 * Address
 */
address: string
/**
 * Connections
 */
sockets: number
}[]
}[]
/**
 * Listening sockets
 */
listeners: {
/**
 * Address
 */
address: string
/**
 * Port
 */
port: number
/**
 * Connections that wait to be accepted
 */
waiting: number
}[]
/**
 * Connections with peers that are not in TIME_WAIT, at most 200
 */
peers: {
/**
 * Who dialled: out is this member
 */
direction: ("in" | "out")
/**
 * Peer, when its address tells
 */
memberId?: string
/**
 * host:port of this end
 */
local: string
/**
 * host:port of the other end
 */
remote: string
/**
 * TCP state
 */
state: string
/**
 * Received and not read, bytes
 */
rxQueueBytes: number
/**
 * Sent and not acknowledged, bytes
 */
txQueueBytes: number
/**
 * Timeouts of the retransmission timer in a row
 */
retransmits: number
/**
 * From ss, of the kernel's tcp_info; absent fields are zero or unknown to that kernel
 */
tcp?: {
/**
 * Smoothed round-trip time, ms
 */
rttMs?: number
/**
 * Its mean deviation, ms
 */
rttVarMs?: number
/**
 * Smallest seen lately, ms
 */
minRttMs?: number
/**
 * Retransmission timeout, ms
 */
rtoMs?: number
/**
 * Doublings of that timeout
 */
backoff?: number
/**
 * Congestion window, segments
 */
cwnd?: number
/**
 * Slow-start threshold, segments
 */
ssthresh?: number
/**
 * Segments in flight
 */
unacked?: number
/**
 * Segments taken for lost
 */
lost?: number
/**
 * Retransmitted segments in flight
 */
retransInFlight?: number
/**
 * Retransmitted segments since the connection began
 */
retransTotal?: number
/**
 * Segment size, bytes
 */
mss?: number
/**
 * Path MTU, bytes
 */
pmtu?: number
/**
 * Since the last data sent, ms
 */
lastSendMs?: number
/**
 * Since the last data received, ms
 */
lastReceiveMs?: number
/**
 * Since the last acknowledgement, ms
 */
lastAckMs?: number
/**
 * Waiting to be sent, bytes
 */
notSentBytes?: number
/**
 * Bytes sent, retransmissions included
 */
bytesSent?: string
/**
 * Bytes sent again
 */
bytesRetransmitted?: string
/**
 * Bytes received
 */
bytesReceived?: string
/**
 * Segments sent
 */
segmentsOut?: string
/**
 * Segments received
 */
segmentsIn?: string
}
}[]
/**
 * Whether ss could be asked for round-trip times and retransmissions
 */
ss: {
/**
 * cut: not all of its output came; not-asked: there is no connection with a peer
 */
state: ("ok" | "cut" | "missing" | "failed" | "not-asked")
/**
 * Why not
 */
message?: string
}
}
/**
 * Static pods of etcd and of the API server as written on this node, listed fields only
 */
export interface StaticPodsArtifact {
/**
 * One for each manifest that was read
 */
pods: {
/**
 * Container
 */
component: ("etcd" | "kube-apiserver")
/**
 * Manifest
 */
path: string
/**
 * Last change of the file
 */
modified?: string
/**
 * Tag of the image; registry and path are not kept
 */
imageTag?: string
/**
 * Allow-listed flags without dashes
 */
flags: {
[k: string]: string
}
/**
 * Names of flags whose values were left out
 */
omitted: string[]
/**
 * Priority class
 */
priorityClass?: string
/**
 * Requests of cpu, memory and ephemeral-storage
 */
requests?: {
[k: string]: string
}
/**
 * Limits of the same
 */
limits?: {
[k: string]: string
}
/**
 * Probes of the kubelet
 */
probes?: {
/**
 * Which probe
 */
kind: ("liveness" | "readiness" | "startup")
/**
 * URL without host, or exec
 */
asks?: string
/**
 * Before the first, s
 */
initialDelaySeconds?: number
/**
 * From one to the next, s
 */
periodSeconds?: number
/**
 * Longest answer, s
 */
timeoutSeconds?: number
/**
 * Failures in a row that count
 */
failureThreshold?: number
/**
 * Successes in a row that count
 */
successThreshold?: number
}[]
}[]
}
/**
 * TCP connect times to one endpoint
 */
export interface TcpConnectArtifact {
/**
 * Host
 */
host: string
/**
 * Port
 */
port: number
/**
 * Attempts
 */
attempts: LatencyAttempt[]
}
/**
 * Time synchronisation of the host
 */
export interface TimeSyncArtifact {
/**
 * Who gave the figures below; absent when nobody did
 */
source?: ("chrony" | "systemd-timesyncd")
/**
 * Whether the clock is kept in step; absent when nothing here can tell
 */
synchronised?: boolean
/**
 * What says so: chrony, the kernel's flag (through timedatectl), or the file that systemd-timesyncd touches, which proves a synchronisation since boot only
 */
synchronisedBy?: ("chrony" | "kernel" | "timesyncd-mark")
/**
 * Whether a service of time synchronisation is switched on (timedatectl)
 */
ntpEnabled?: boolean
/**
 * Whether the hardware clock runs in local time
 */
localRtc?: boolean
/**
 * Local clock minus the time of the source, ms, as the daemon estimates it: positive is ahead
 */
offsetMs?: number
/**
 * Distance from a reference clock; 16 is unsynchronised
 */
stratum?: number
/**
 * Source of the time
 */
server?: string
/**
 * Leap status in the words of the daemon
 */
leap?: string
/**
 * Round trip to the reference clock, ms
 */
rootDelayMs?: number
/**
 * Error gathered on the way, ms; delay / 2 + dispersion bounds the error of the clock
 */
rootDispersionMs?: number
/**
 * Scatter of the offsets, ms
 */
jitterMs?: number
/**
 * Rate error of the local clock, parts per million; positive is fast
 */
frequencyPpm?: number
/**
 * Last time the source was heard, or the mark was touched
 */
lastUpdate?: string
/**
 * Clock of the kernel: tsc, kvm-clock, hpet ...
 */
clocksource?: string
/**
 * Others it could use
 */
availableClocksources?: string[]
/**
 * Processes seen here that set clocks
 */
daemons: string[]
/**
 * What was asked, and whether it could tell
 */
asked: {
/**
 * Command or file
 */
what: string
/**
 * missing: not on this host
 */
state: ("ok" | "missing" | "failed")
/**
 * Why not
 */
message?: string
}[]
}
/**
 * TLS handshake with one endpoint, verified apart from the connection
 */
export interface TlsHandshakeArtifact {
/**
 * Host
 */
host: string
/**
 * Port
 */
port: number
/**
 * Name that was verified
 */
serverName: string
/**
 * Handshake completed
 */
ok: boolean
/**
 * Certificate verifies for the name with the given CA; null when the handshake did not complete
 */
authorized: (boolean | null)
/**
 * OpenSSL verify code
 */
authorizationError?: string
/**
 * Handshake error
 */
error?: string
/**
 * TLS version
 */
protocol?: string
/**
 * Cipher
 */
cipher?: string
/**
 * ALPN
 */
alpn?: string
/**
 * A client certificate was sent
 */
clientCertificate: boolean
/**
 * Handshake time without connect
 */
elapsedMs: number
/**
 * Presented chain, leaf first
 */
chain: Certificate[]
}
/**
 * Own footprint of the collector
 */
export interface UsageArtifact {
/**
 * Wall time
 */
elapsedMs: number
/**
 * User CPU
 */
cpuUserMs: number
/**
 * System CPU
 */
cpuSystemMs: number
/**
 * Peak resident memory
 */
maxRssBytes: number
/**
 * Bytes before compression
 */
bytesStored: number
/**
 * Bytes that storage had to deliver for the process (ru_inblock), without what the page cache had
 */
storageReadBytes?: number
/**
 * Bytes that the process gave to storage (ru_oublock) until this file was made, before the bundle was written
 */
storageWrittenBytes?: number
/**
 * How far the collector gave way to the other processes of the host. Absent: it ran as it was started
 */
priority?: {
/**
 * Nice value of the process while it read
 */
nice: number
/**
 * I/O class while it read; unchanged: ionice is missing or refused, the system has no I/O classes, or the host was short of I/O
 */
ioClass: ("idle" | "unchanged")
/**
 * What tasks of the host waited for; of that the collector gave up nothing, else it would not have ended in time
 */
shortOf?: ("cpu" | "io")[]
}
/**
 * Requests by member
 */
requests: {
/**
 * By round
 */
[k: string]: {
[k: string]: number
}
}
}
/**
 * GET /version
 */
export interface VersionArtifact {
/**
 * Server version
 */
etcdserver: string
/**
 * Cluster version
 */
etcdcluster: string
/**
 * Storage version (3.6+)
 */
storage?: string
}
