import { loadSchema, type SchemaName, schemaNames } from '../../schemas/index.js';
import { nearest } from '../nearest.js';
import type { Command } from './command.js';
import { list, UsageError } from './flags.js';

export const schemaCommand: Command = {
  usage: 'schema [name]',
  summary: 'Print the JSON Schema of a document or artifact; without a name, list them',
  examples: [['$0 schema report', 'what --format json writes']],
  options: (yargs) => yargs.positional('name', { type: 'string', describe: 'Name of the schema' }),
  run: async (argv, { io }) => {
    const [name] = list(argv.name);
    if (name === undefined) {
      await io.stdout(`${[...schemaNames, 'common'].join('\n')}\n`);
      return 0;
    }
    const known = [...schemaNames, 'common' as const].find((each) => each === name);
    if (known === undefined) {
      const near = nearest(name, schemaNames);
      throw new UsageError(
        `There is no schema ${JSON.stringify(name)}.${near.length > 0 ? ` Near it: ${near.join(', ')}.` : ' List them with `etcd-analyze schema`.'}`,
      );
    }
    await io.stdout(`${JSON.stringify(loadSchema(known as SchemaName | 'common'), null, 2)}\n`);
    return 0;
  },
};
