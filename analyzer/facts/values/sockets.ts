/** TCP connections of a member with one peer, over the rounds in which they were read. */
export interface PeerSockets {
  readonly peer: string;
  /** Established connections in the last round. */
  readonly established: number;
  /** Rounds in which this member dialled the peer and had no answer yet (SYN_SENT). */
  readonly diallingRounds: number;
  /** Segments sent between the first and the last round on connections that are there in the last; null without tcp_info or with one round. */
  readonly segmentsOut: number | null;
  /** Those of them that were sent again. */
  readonly resent: number | null;
  /** Bytes received in the window over connections that this member dialled and that lived through it; null without tcp_info or with one round. */
  readonly receivedOverOwnCalls: number | null;
  /** No connection ended between the rounds, so that the two counts above are all there is. */
  readonly steady: boolean;
  /** Most time-outs in a row of one connection's retransmission timer, in any round. */
  readonly timeouts: number;
  /** Round trip by the kernel, ms: of each round the fastest connection that carries data, of the rounds the (upper) median; null when unknown. */
  readonly rttMs: number | null;
  /** Bytes received and not read by the member in every round: the least of the rounds. */
  readonly unreadBytes: number;
  /** Bytes sent and not acknowledged by the peer in every round: the least of the rounds. */
  readonly unackedBytes: number;
  /** Smallest path MTU of the connections, bytes. */
  readonly pmtu: number | null;
}

export interface Sockets {
  readonly rounds: number;
  /** First to last round; null with one. */
  readonly seconds: number | null;
  /** By inode: the sockets of this very process. */
  readonly own: boolean;
  /** tcp_info was there in the first and the last round. */
  readonly tcpInfo: boolean;
  readonly peers: readonly PeerSockets[];
  readonly clients: { readonly sockets: number; readonly unreadBytes: number; readonly unackedBytes: number };
  /** Bytes that the process left unread in every round, clients and peers together: the least of the rounds. */
  readonly unreadBytes: number;
  /** Connections that waited to be accepted in every round: the least of the rounds. */
  readonly waiting: number;
}
