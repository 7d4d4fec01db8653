import { Argument, type Command } from 'commander';
import { commandSchemas, eventSchemas } from '#engine';
import { print } from '../terminal/output.js';

export function addSchema(program: Command): void {
  program
    .command('schema')
    .summary('print the JSON Schema of all commands or events')
    .description('Prints the JSON Schema (draft 2020-12) of all commands or of all events.')
    .addArgument(new Argument('<what>', 'which schemas').choices(['commands', 'events']))
    .action(async (what: 'commands' | 'events') => {
      const schemas = what === 'commands' ? commandSchemas() : eventSchemas();
      await print(`${JSON.stringify(schemas, null, 2)}\n`);
    });
}
