import { analyzeCommand } from './analyze.js';
import type { Command } from './command.js';
import { diffCommand } from './diff.js';
import { explainCommand } from './explain.js';
import { importCommand } from './import.js';
import { policyCommand } from './policy.js';
import { rulesCommand } from './rules.js';
import { schemaCommand } from './schema.js';
import { showCommand } from './show.js';
import { triageCommand } from './triage.js';

/** Every command, in the order of the help. */
export const commands: readonly Command[] = [
  analyzeCommand,
  diffCommand,
  triageCommand,
  showCommand,
  importCommand,
  explainCommand,
  rulesCommand,
  schemaCommand,
  policyCommand,
];
