import type { AttemptStats, Counter, Gauge, Latency } from './common.js';

export interface PeerLink {
  readonly from: string;
  readonly to: string;
  readonly rtt: Latency | null;
  readonly sendFailures: Counter | null;
  readonly receiveFailures: Counter | null;
  readonly disconnects: Counter | null;
  /** 1 while `from` holds the link active. */
  readonly active: Gauge | null;
  readonly sentBytes: Counter | null;
  readonly receivedBytes: Counter | null;
}

/** TCP connects to one address from where a collector ran. */
export interface TcpConnects {
  readonly endpoint: string;
  readonly member: string | null;
  readonly role: 'client' | 'peer' | 'advertised' | 'unknown';
  readonly stats: AttemptStats;
  readonly bundleId: string;
  /** Host of the collector. */
  readonly vantage: string | null;
}

export interface PeerMatrix {
  /** Directions measured by the members themselves. */
  readonly links: readonly PeerLink[];
  /** To addresses at which members are read or dialled by their peers: they say how the network does. */
  readonly tcp: readonly TcpConnects[];
  /** To client URLs of the member list at which nobody read the member: they say whether the list is right. */
  readonly advertised: readonly TcpConnects[];
  /** Mean RTT a member measures to the others, that the others measure to it, and of the links without it: one inflated host, or one link. */
  readonly members: readonly {
    readonly member: string;
    readonly toOthersMs: number | null;
    readonly fromOthersMs: number | null;
    readonly amongOthersMs: number | null;
    readonly activePeers: number | null;
    readonly expectedPeers: number;
  }[];
  /** Receive failures whose sender is an address instead of a member id. */
  readonly unattributedReceiveFailures: readonly {
    readonly member: string;
    readonly from: string;
    readonly counter: Counter;
  }[];
}

export interface ClockOffsets {
  /** Server minus collector clock, ms. */
  readonly endpoints: readonly {
    readonly endpoint: string;
    readonly member: string | null;
    readonly minMs: number;
    readonly maxMs: number;
    readonly vantage: string | null;
  }[];
  /** Smallest difference between two clocks that the intervals prove, ms. */
  readonly provenSpreadMs: number | null;
  /** Drift logged by the members' own probers. */
  readonly logged: readonly {
    readonly member: string;
    readonly count: number;
    readonly inWindow: number;
    readonly worstSeconds: number | null;
    readonly last: number | null;
  }[];
}

export interface CertificateSighting {
  readonly by: 'handshake' | 'file';
  /** Endpoint of the handshake, member of the file. */
  readonly where: string;
  readonly member: string | null;
  readonly role: 'client' | 'peer' | 'advertised' | 'unknown';
  /** Flag that names the file. */
  readonly flag: string | null;
  readonly leaf: boolean;
  readonly path: string;
}

export interface CertificateValue {
  readonly fingerprint: string;
  readonly subject: string;
  readonly issuer: string;
  /** Epoch ms; null when the text is no date. */
  readonly notBefore: number | null;
  readonly notAfter: number | null;
  /** Relative to the collection; negative = expired then. */
  readonly daysLeft: number | null;
  /** Negative = valid in the future only. */
  readonly daysSinceStart: number | null;
  readonly isCA: boolean;
  readonly selfSigned: boolean;
  readonly dnsNames: readonly string[];
  readonly ipAddresses: readonly string[];
  readonly extKeyUsage: readonly string[];
  readonly keyType: string | null;
  readonly keyBits: number | null;
  readonly seen: readonly CertificateSighting[];
}

export interface Certificates {
  /** Soonest end first. */
  readonly certificates: readonly CertificateValue[];
  readonly handshakes: readonly {
    readonly endpoint: string;
    readonly member: string | null;
    readonly role: 'client' | 'peer' | 'advertised' | 'unknown';
    readonly serverName: string;
    readonly ok: boolean;
    readonly authorized: boolean | null;
    readonly authorizationError: string | null;
    readonly error: string | null;
    readonly protocol: string | null;
    readonly elapsedMs: number;
    /** Whether the leaf names the dialled host; null without a leaf or with a tokenised name. */
    readonly nameMatches: boolean | null;
    readonly fingerprint: string | null;
    readonly path: string;
  }[];
  readonly unreadable: readonly { readonly member: string; readonly flag: string; readonly error: string }[];
}
