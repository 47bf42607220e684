import type { MachineRecord } from '../support/machine.js';

interface MachineTruth {
  readonly rule: string;
  readonly holds: (machine: MachineRecord) => boolean;
}

/**
 * What is true of the machine a lab runs on, whatever the lab does: not a right answer, and no false alarm either.
 * The limits say when the machine surely is that way by its own counters; they are not those of the rules.
 */
const truths: readonly MachineTruth[] = [
  // A tenth of all CPU time, in five seconds, is beyond what quiet hypervisors take.
  { rule: 'cpu-steal', holds: ({ stealPercent }) => stealPercent >= 10 },
  // Somebody else had half of the machine, which one lab with its load may need.
  { rule: 'cpu-starvation-host', holds: ({ foreignPercent }) => foreignPercent >= 50 },
];

/** Ids of rules that may speak because of the machine. */
export const trueOfMachine = (machine: MachineRecord | undefined): readonly string[] =>
  machine === undefined ? [] : truths.filter(({ holds }) => holds(machine)).map(({ rule }) => rule);
