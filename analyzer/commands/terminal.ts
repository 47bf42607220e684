import type { CliIo } from './command.js';

/** Text for a terminal: whatever a bundle brought along must not steer it. */
export const printable = (text: string): string => text.replace(/[^\P{C}\n\t]/gu, '\ufffd');

/** Colours only for a person at a terminal who did not forbid them. */
export const colourOn = (io: CliIo): boolean => io.stdoutIsTTY && (io.env.NO_COLOR ?? '') === '';
