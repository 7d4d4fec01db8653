import { plainToInstance } from 'class-transformer';
import { validateSync, type ValidationError } from 'class-validator';
import canonicalize from 'canonicalize';
import {
  ACTOR_ROLES,
  GivenCommand,
  dayOf,
  deriveId,
  idFieldsOf,
  isCivilDate,
  isRefusal,
  isSlug,
  isUuid,
  messageOf,
  parseInstant,
  present,
  refuse,
  startOfDay,
  type Actor,
  type ActorRole,
  type CivilDate,
  type CommandCatalogue,
  type CommandId,
  type CommandMeta,
  type Instant,
  type NamedKind,
  type Refusal,
} from '#kernel';

/** One line of a command file; anything longer is no command. */
export const LINE_BYTES_MAX = 256 * 1024;
export const NAME_LENGTH_MAX = 200;
const LINE_FIELDS = ['id', 'command', 'at', 'recordedAt', 'actor', 'data'] as const;

/** A line of a command file as it stands, before its fields are held against the command. */
export interface CommandLine {
  readonly id: string;
  readonly command: string;
  readonly on: CivilDate;
  readonly at?: Instant;
  readonly recordedAt?: Instant;
  readonly actor: Actor;
  readonly data: Readonly<Record<string, unknown>>;
}

/** A name of a file's own and the id it stands for. */
export interface GivenName {
  readonly kind: NamedKind;
  readonly name: string;
  readonly id: string;
}

/** The ids of what a file calls things: always the same for the same file. */
export class FileNames {
  constructor(
    readonly namespace: string,
    /** Collects every name met, where somebody wants to know them: a long file has many. */
    private readonly given?: Map<string, GivenName>,
  ) {}

  idOf(kind: NamedKind, name: string): string {
    if (isUuid(name.toLowerCase())) return name.toLowerCase();
    const id = deriveId('name', this.namespace, kind, name);
    this.given?.set(`${kind} ${name}`, { kind, name, id });
    return id;
  }

  commandIdOf(name: string): CommandId {
    if (isUuid(name.toLowerCase())) return name.toLowerCase() as CommandId;
    return deriveId<'command'>('name', this.namespace, 'command', name);
  }
}

/** Reads one line: `{"id", "command", "at", "recordedAt"?, "actor", "data"}`. */
export function readLine(text: string): CommandLine | readonly [Refusal, ...Refusal[]] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    // The parser's own words quote the line, and there may be a person in it.
    const [, at] = /position (\d+)/u.exec(messageOf(error)) ?? [];
    const where = at === undefined ? '' : `: it breaks at character ${Number(at) + 1}`;
    return [refuse('not-json', `The line is not JSON${where}.`)];
  }
  if (!isObject(value)) return [refuse('not-an-object', 'The line is not a JSON object.')];
  const refusals: Refusal[] = [];
  for (const field of Object.keys(value)) {
    if (!(LINE_FIELDS as readonly string[]).includes(field)) {
      const known = LINE_FIELDS.join(', ');
      refusals.push(
        refuse('unknown-field', `There is no field ${shown(field)}; there are: ${known}.`, {
          field: shown(field),
        }),
      );
    }
  }
  const { id, command, data } = value;
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
  if (!isObject(data))
    refusals.push(refuse('wrong-field', 'data must be an object.', { field: 'data' }));
  const happened = readWhen(value['at'], 'at');
  const recorded =
    value['recordedAt'] === undefined ? null : readWhen(value['recordedAt'], 'recordedAt');
  const actor = readActor(value['actor']);
  for (const part of [happened, recorded, actor]) if (isRefusal(part)) refusals.push(part);
  const [first, ...more] = refusals;
  if (first !== undefined) return [first, ...more];
  const when = happened as When;
  return {
    id: id as string,
    command: command as string,
    on: when.on,
    ...(when.at && { at: when.at }),
    ...(recorded !== null && { recordedAt: recordedInstant(recorded as When) }),
    actor: actor as Actor,
    data: data as Record<string, unknown>,
  };
}

interface When {
  readonly on: CivilDate;
  readonly at?: Instant;
}

function readWhen(value: unknown, field: string): When | Refusal {
  if (typeof value === 'string') {
    if (isCivilDate(value)) return { on: value };
    const at = parseInstant(value);
    if (at !== null) return { on: dayOf(at), at };
  }
  return refuse(
    'not-a-date',
    `${field} must be a date that exists (2026-04-10) or an instant with its offset ` +
      '(2026-04-10T09:30:00+01:00).',
    { field },
  );
}

/** A day alone counts from its beginning in London. */
function recordedInstant({ on, at }: When): Instant {
  return at ?? startOfDay(on);
}

function readActor(value: unknown): Actor | Refusal {
  const shape =
    'actor must be {"id": text, "role": one of ' +
    `${ACTOR_ROLES.join(', ')}, "organisation": slug}`;
  if (!isObject(value)) return refuse('wrong-field', `${shape}.`, { field: 'actor' });
  const { id, role, organisation, ...others } = value;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) {
    return refuse('unknown-field', `${shape}; there is no ${shown(unknown)}.`, {
      field: `actor.${shown(unknown)}`,
    });
  }
  if (!isName(id)) {
    return refuse('wrong-field', `${shape}.`, { field: 'actor.id' });
  }
  if (typeof role !== 'string' || !(ACTOR_ROLES as readonly string[]).includes(role)) {
    return refuse('wrong-field', `${shape}.`, { field: 'actor.role' });
  }
  if (typeof organisation !== 'string' || !isSlug(organisation)) {
    return refuse('wrong-field', `${shape}.`, { field: 'actor.organisation' });
  }
  return { id, role: role as ActorRole, organisation };
}

/** The command of a line, checked field by field, with the file's names as ids. */
export function readCommand(
  line: CommandLine,
  catalogue: CommandCatalogue,
  names: FileNames,
  recordedAt: Instant,
): GivenCommand | readonly [Refusal, ...Refusal[]] {
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
  const command = plainToInstance(commandClass, data);
  const errors = validateSync(command, { whitelist: true, forbidNonWhitelisted: true });
  const [first, ...more] = errors.flatMap((error) => refusalsOf(error, []));
  if (first !== undefined) return [first, ...more];
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

function refusalsOf(error: ValidationError, path: readonly string[]): Refusal[] {
  const field = [...path, shown(error.property)].join('.');
  const own = Object.entries(error.constraints ?? {}).map(([rule, message]) =>
    rule === 'whitelistValidation'
      ? refuse('unknown-field', `There is no field ${field} in this command.`, { field })
      : refuse('wrong-field', sentence(field, error.value, message), { field }),
  );
  // One reason a field: the first that fails says what to do.
  const below = (error.children ?? []).flatMap((child) =>
    refusalsOf(child, [...path, error.property]),
  );
  return [...own.slice(0, 1), ...below];
}

function sentence(field: string, value: unknown, message: string): string {
  if (value === undefined) return `${field} is missing: it ${lead(message)}.`;
  return `${field} ${lead(message)}.`;
}

/** Messages of the library begin with the property's name, ours do not. */
function lead(message: string): string {
  return message.replace(/^\$?\w+ (?=must|should|each|is )/u, '').replace(/\.$/u, '');
}

/** Null is how many programs write "nothing was said". */
function withoutNulls(value: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, item]) => item !== null)
      .map(([key, item]) => [key, stripped(item)]),
  );
}

function stripped(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(stripped);
  return isObject(value) ? withoutNulls(value) : value;
}

/** What a file may call its commands and things. */
function isName(value: unknown): value is string {
  return (
    typeof value === 'string' &&
    value.trim() !== '' &&
    value.length <= NAME_LENGTH_MAX &&
    value.isWellFormed()
  );
}

const PLAIN_NAME = /^[A-Za-z][\w.-]{0,39}$/u;

/**
 * A name that somebody else chose, for a sentence: only where it is a plain one. In a file whose
 * columns slipped, a person may stand where a field's name should.
 */
function shown(name: string): string {
  return PLAIN_NAME.test(name) ? name : '(not shown: not a plain name)';
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
