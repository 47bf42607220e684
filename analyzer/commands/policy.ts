import { stringify } from 'yaml';
import { defaultPolicy } from '../knowledge/default-policy.js';
import type { Command } from './command.js';

export const policyCommand: Command = {
  usage: 'policy',
  summary: 'Print the policy that is in force without --policy, to be copied and changed',
  options: (yargs) => yargs,
  run: async (_argv, { io }) => {
    await io.stdout(`# What each entry means: etcd-analyze schema policy\n${stringify(defaultPolicy)}`);
    return 0;
  },
};
