import { PENCE_FORMAT, type EventCatalogue, type EventDefinition } from '#kernel';

/** JSON Schema, as far as the shapes of events use it. */
interface Schema {
  readonly type?: string;
  readonly format?: string;
  readonly description?: string;
  readonly const?: string | number;
  readonly enum?: readonly string[];
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
}

/** What is documented together, under its heading. */
export interface Chapter {
  readonly title: string;
  readonly streams: string;
  readonly events: EventCatalogue;
}

/** Every event as Markdown: what it says, and field by field what it carries. */
export function eventCatalogueText(chapters: readonly Chapter[]): string {
  return `# The events

Generated from the code by \`npm run docs\`: do not edit.

Every fact in the log is one of these. Beside its own fields each carries its id, stream, version,
position, the command that caused it, who gave that command and for which organisation, the anchor
whose books it is in (none for facts of the directory), the day it happened, the moment it was
recorded, and the versions of the policies it was decided under. A field marked **p** is protected:
encrypted with the person's own key before it reaches the log. Money is whole pence.
\`npx wayledger schema events\` prints the same as JSON Schema.

${chapters.map(chapterText).join('\n')}`;
}

function chapterText({ title, streams, events }: Chapter): string {
  const all = Object.entries(events).map(([type, definition]) => eventText(type, definition));
  return `## ${title}\n\nIn streams \`${streams}\`.\n\n${all.join('\n')}`;
}

function eventText(type: string, { version, about, data, protectedData }: EventDefinition): string {
  const rows = [
    ...rowsOf(data, '', ''),
    ...(protectedData === undefined ? [] : rowsOf(protectedData, '', '**p**')),
  ];
  const fields =
    rows.length === 0
      ? 'No fields of its own.\n'
      : `| field | | what it is |\n| --- | --- | --- |\n${rows.join('\n')}\n`;
  return `### ${type}\n\n${about ?? ''} (version ${version})\n\n${fields}`;
}

/** A union's variants one after the other; a field that all have is told once. */
function rowsOf(schema: Schema, path: string, mark: string): string[] {
  const variants = schema.anyOf ?? [schema];
  const rows = variants.flatMap(({ properties = {}, required = [] }) =>
    Object.entries(properties).flatMap(([name, field]) => {
      const where = path === '' ? name : `${path}.${name}`;
      const optional = required.includes(name) ? '' : 'optional';
      const marks = [mark, optional].filter((each) => each !== '').join(' ');
      const row = `| \`${where}\` | ${marks} | ${kindOf(field)} |`;
      return [row, ...rowsOf(inner(field), field.items ? `${where}[]` : where, mark)];
    }),
  );
  return [...new Set(rows)];
}

function inner(field: Schema): Schema {
  return field.items ?? field;
}

function kindOf(field: Schema): string {
  const { type, format, description, anyOf, items } = field;
  if (field.const !== undefined) return `\`${String(field.const)}\``;
  if (field.enum !== undefined) return field.enum.map((word) => `\`${word}\``).join(', ');
  if (items !== undefined) return items.properties ? 'a list' : `a list: ${kindOf(items)}`;
  if (anyOf !== undefined) {
    return anyOf.some(({ properties }) => properties)
      ? 'one of several'
      : anyOf.map(kindOf).join(' or ');
  }
  if (description !== undefined) return description;
  if (format === PENCE_FORMAT) return 'pence';
  if (format === 'date-time') return 'an instant';
  const plain: Record<string, string> = {
    string: 'text',
    integer: 'a whole number',
    boolean: 'true or false',
    object: 'an object',
    null: 'nothing',
  };
  return plain[type ?? ''] ?? 'text';
}
