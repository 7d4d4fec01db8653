import canonicalize from 'canonicalize';
import {
  GivenCommand,
  deriveId,
  idFieldsOf,
  isRefusal,
  isUuid,
  present,
  refuse,
  type CommandCatalogue,
  type CommandId,
  type CommandMeta,
  type Instant,
  type NamedKind,
  type Refusal,
} from '#kernel';
import {
  NAME_LENGTH_MAX,
  areRefusals,
  isName,
  readFields,
  readGiven,
  readObject,
  readWhen,
  recordedInstant,
  shown,
  withoutNulls,
  type Given,
  type Refusals,
  type When,
} from './given.js';

/** One line of a command file; anything longer is no command. */
export const LINE_BYTES_MAX = 256 * 1024;
const LINE_FIELDS = ['id', 'command', 'at', 'recordedAt', 'actor', 'data'] as const;

/** A line of a command file as it stands, before its fields are held against the command. */
export interface CommandLine extends Given {
  readonly id: string;
  readonly command: string;
  readonly recordedAt?: Instant;
}

/** The ids of what a command names. */
export interface Names {
  idOf(kind: NamedKind, name: string): string;
  commandIdOf(name: string): CommandId;
}

/** What a file calls things, and the ids they got: always the same for the same file. */
export class FileNames implements Names {
  private readonly known = new Map<string, { kind: NamedKind; name: string; id: string }>();

  constructor(readonly namespace: string) {}

  idOf(kind: NamedKind, name: string): string {
    if (isUuid(name.toLowerCase())) return name.toLowerCase();
    const id = deriveId('name', this.namespace, kind, name);
    this.known.set(`${kind} ${name}`, { kind, name, id });
    return id;
  }

  commandIdOf(name: string): CommandId {
    if (isUuid(name.toLowerCase())) return name.toLowerCase() as CommandId;
    return deriveId<'command'>('name', this.namespace, 'command', name);
  }

  all(): { kind: NamedKind; name: string; id: string }[] {
    return [...this.known.values()];
  }
}

/** Reads one line: `{"id", "command", "at", "recordedAt"?, "actor", "data"}`. */
export function readLine(text: string): CommandLine | Refusals {
  const value = readObject(text, 'line');
  if (areRefusals(value)) return value;
  const { id, command } = value;
  const refusals: Refusal[] = [];
  if (!isName(id)) {
    refusals.push(
      refuse('wrong-field', `id must be text of 1 to ${NAME_LENGTH_MAX} characters.`, {
        field: 'id',
      }),
    );
  }
  if (typeof command !== 'string') {
    refusals.push(
      refuse('wrong-field', 'command must be the name of a command.', { field: 'command' }),
    );
  }
  const recorded =
    value['recordedAt'] === undefined ? null : readWhen(value['recordedAt'], 'recordedAt');
  if (isRefusal(recorded)) refusals.push(recorded);
  const given = readGiven(value, LINE_FIELDS);
  if (areRefusals(given)) refusals.push(...given);
  const [first, ...more] = refusals;
  if (first !== undefined) return [first, ...more];
  return {
    ...(given as Given),
    id: id as string,
    command: command as string,
    ...(recorded !== null && { recordedAt: recordedInstant(recorded as When) }),
  };
}

/** The command of a line, checked field by field, with the file's names as ids. */
export function readCommand(
  line: CommandLine,
  catalogue: CommandCatalogue,
  names: Names,
  recordedAt: Instant,
): GivenCommand | Refusals {
  const commandClass = Object.hasOwn(catalogue, line.command) ? catalogue[line.command] : undefined;
  if (commandClass === undefined) {
    const known = Object.keys(catalogue).sort().join(', ');
    return [
      refuse(
        'no-such-command',
        `There is no command ${shown(line.command)}; there are: ${known}.`,
        {
          field: 'command',
        },
      ),
    ];
  }
  const data = withoutNulls(line.data);
  for (const [field, kind] of idFieldsOf(commandClass)) {
    const idOf = (name: unknown) => {
      if (!isName(name)) return name;
      return kind === 'entry' ? names.commandIdOf(name) : names.idOf(kind, name);
    };
    const given = data[field];
    if (given !== undefined) data[field] = Array.isArray(given) ? given.map(idOf) : idOf(given);
  }
  const command = readFields(commandClass, data);
  if (areRefusals(command)) return command;
  const { at, on, actor } = line;
  const commandId = names.commandIdOf(line.id);
  const canonical = canonicalize({ command: line.command, on, at, actor, data });
  const meta: CommandMeta = {
    commandId,
    correlationId: deriveId('correlation', commandId),
    actor,
    occurredOn: on,
    ...(at && { occurredAt: at }),
    recordedAt,
    canonical: present(canonical, 'a command is JSON'),
  };
  return Object.assign(command, { meta });
}
