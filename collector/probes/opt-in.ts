import type { Ports } from '../wiring.js';
import history from './cluster/history.js';

/** Every probe that is planned only when the user asked for it. */
export const allOptInProbes = [history] as const;

/** Those whose door is open: without its port a probe is not planned at all. */
export const optInProbes = ({ prometheus }: Pick<Ports, 'prometheus'>) => [
  ...(prometheus === undefined ? [] : [history]),
];
