import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** Labs that run side by side on this machine without spoiling each other's timings, by default: measured on two cores. */
const SLOTS = Math.max(1, Number(process.env.LAB_SLOTS ?? 2));

const ROOT = join(tmpdir(), 'etcd-lab-slots');

/** A place among the labs of this machine; `release` is safe to call twice. */
export interface Slot {
  readonly release: () => void;
}

const holderOf = (dir: string): number | undefined => {
  try {
    return Number(readFileSync(join(dir, 'pid'), 'utf8'));
  } catch {
    return undefined;
  }
};

const alive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

const tryTake = (name: string): Slot | undefined => {
  const dir = join(ROOT, name);
  mkdirSync(ROOT, { recursive: true });
  try {
    mkdirSync(dir);
  } catch {
    const holder = holderOf(dir);
    // Between its mkdir and its pid file a slot has no holder for a moment; only a dead one frees it.
    if (holder !== undefined && !alive(holder)) rmSync(dir, { recursive: true, force: true });
    return undefined;
  }
  writeFileSync(join(dir, 'pid'), String(process.pid));
  let held = true;
  return {
    release: () => {
      if (held) rmSync(dir, { recursive: true, force: true });
      held = false;
    },
  };
};

const take = async (name: string): Promise<Slot> => {
  for (;;) {
    const slot = tryTake(name);
    if (slot !== undefined) return slot;
    await sleep(200 + Math.random() * 200);
  }
};

/**
 * Wait for one of the machine's slots, or for all of them when `alone`. Slots of processes that ended are free.
 * Whoever wants to be alone takes the door first, so that nobody new comes in while the others finish.
 */
export const takeSlot = async (alone = false): Promise<Slot> => {
  const door = await take('door');
  try {
    if (alone) {
      const slots: Slot[] = [];
      for (let at = 0; at < SLOTS; at += 1) slots.push(await take(`slot-${at}`));
      return {
        release: () => {
          for (const slot of slots) slot.release();
        },
      };
    }
    for (;;) {
      for (let at = 0; at < SLOTS; at += 1) {
        const slot = tryTake(`slot-${at}`);
        if (slot !== undefined) return slot;
      }
      await sleep(200 + Math.random() * 200);
    }
  } finally {
    door.release();
  }
};
