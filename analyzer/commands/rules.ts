import type { Command } from './command.js';

export const rulesCommand: Command = {
  usage: 'rules',
  summary: 'List the rules: category, id and title',
  options: (yargs) => yargs,
  run: async (_argv, { io }) => {
    const { rules } = await import('../rules/index.js');
    await io.stdout(rules.map(({ id, title, category }) => `${category}\t${id}\t${title}\n`).join(''));
    return 0;
  },
};
