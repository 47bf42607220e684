import type { Ports } from '../wiring.js';
import history from './cluster/history.js';
import fsyncProbe from './host/fsync-probe.js';

/** Every probe that is planned only when the user asked for it. */
export const allOptInProbes = [history, fsyncProbe] as const;

/** Those whose door is open: without its port a probe is not planned at all. */
export const optInProbes = ({ prometheus, scratch }: Pick<Ports, 'prometheus' | 'scratch'>) => [
  ...(prometheus === undefined ? [] : [history]),
  ...(scratch === undefined ? [] : [fsyncProbe]),
];
