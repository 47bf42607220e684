import type { Member } from '../cluster/cluster-types.js';
import { type Fault, fault } from './types.js';

/** Do the same to several members, one after the other; `undo` goes backwards. When one fails, those before it are taken back. */
export async function onEach(members: readonly Member[], apply: (member: Member) => Promise<Fault>): Promise<Fault> {
  const done: Fault[] = [];
  const undo = async (): Promise<void> => {
    for (const each of done.splice(0).reverse()) await each.undo();
  };
  try {
    for (const member of members) done.push(await apply(member));
  } catch (error) {
    await undo();
    throw error;
  }
  return fault(undo);
}
