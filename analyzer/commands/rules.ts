import type { RuleDefinition } from '../rule.js';
import type { Command } from './command.js';

export const rulesCommand: Command = {
  usage: 'rules',
  summary: 'List the rules: category, id and title',
  options: (yargs) =>
    yargs.option('json', { type: 'boolean', describe: 'As JSON, with role, facts, thresholds and consequences' }),
  run: async (argv, { io }) => {
    const { rules } = await import('../rules/index.js');
    const definitions = rules as unknown as readonly RuleDefinition[];
    await io.stdout(
      argv.json === true
        ? `${JSON.stringify(
            definitions.map(({ id, title, category, role, scope, why, needs, wants, thresholds, explains, owner }) => ({
              id,
              title,
              category,
              role,
              scope,
              why,
              needs,
              wants,
              thresholds,
              explains,
              owner,
            })),
            null,
            2,
          )}\n`
        : definitions.map(({ id, title, category }) => `${category}\t${id}\t${title}\n`).join(''),
    );
    return 0;
  },
};
