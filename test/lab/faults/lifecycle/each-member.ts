import type { Member } from '../../cluster/cluster-types.js';
import { type Fault, fault } from '../types.js';

/**
 * Do something to one member after the other; `act` returns what takes it back, and the undo goes the other way round.
 * `between`: what an operator would wait for before going on to the next.
 */
export async function eachMember(
  members: readonly Member[],
  act: (member: Member) => Promise<() => Promise<void> | void>,
  between: () => Promise<void> = async () => undefined,
): Promise<Fault> {
  const undone: (() => Promise<void> | void)[] = [];
  for (const member of members) {
    if (undone.length > 0) await between();
    undone.unshift(await act(member));
  }
  return fault(async () => {
    for (const undo of undone) await undo();
  });
}

/** End a member in the ordinary way and start it again with its flags and `more`; returns what starts it as it was. */
export async function restartWith(member: Member, more: readonly string[] = []): Promise<() => Promise<void>> {
  const { flags } = member;
  await member.stop('SIGTERM');
  await member.start({ flags: [...flags, ...more] });
  return async () => {
    await member.stop('SIGTERM');
    await member.start({ flags });
  };
}
