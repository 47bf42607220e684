import type { Ports } from '../wiring.js';
import history from './cluster/history.js';
import keyspaceProbe from './cluster/keyspace.js';
import fsyncProbe from './host/fsync-probe.js';

/** Every probe that is planned only when the user asked for it. */
export const allOptInProbes = [history, fsyncProbe, keyspaceProbe] as const;

/** Those whose door is open: without it a probe is not planned at all. */
export const optInProbes = ({ prometheus, scratch, keyspace }: Pick<Ports, 'prometheus' | 'scratch' | 'keyspace'>) => [
  ...(prometheus === undefined ? [] : [history]),
  ...(scratch === undefined ? [] : [fsyncProbe]),
  ...(keyspace === undefined ? [] : [keyspaceProbe]),
];
