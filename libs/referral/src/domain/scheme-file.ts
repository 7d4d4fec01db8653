import { Compile } from 'typebox/compile';
import { LineCounter, isMap, isNode, isSeq, parseDocument, visit, type Document } from 'yaml';
import { SchemeRefused, schemeShape, type Scheme } from './scheme.js';
import { incoherence, type Mistake } from './scheme-coherence.js';

const validator = Compile(schemeShape);

/** @throws SchemeRefused */
export function parseScheme(text: string, file: string): Scheme {
  const lines = new LineCounter();
  const options = { lineCounter: lines, schema: 'core', prettyErrors: false } as const;
  const document = parseDocument(text, options);
  const placed = (offset: number) => `${file}, line ${lines.linePos(offset).line}`;
  const [broken] = document.errors;
  if (broken !== undefined) throw new SchemeRefused(`${placed(broken.pos[0])}: ${broken.message}`);
  visit(document, {
    Alias(_key, { source, range }) {
      throw new SchemeRefused(
        `${placed(range?.[0] ?? 0)}: *${source}: write it out, not as an alias`,
      );
    },
  });
  const value: unknown = document.toJS();
  const mistake = validator.Check(value) ? incoherence(value) : firstMistake(value);
  if (mistake === null) return value as Scheme; // Checked two lines above.
  const { path, reason } = mistake;
  const key = path.length === 0 ? '' : `, key "${path.join('.')}"`;
  throw new SchemeRefused(`${placed(offsetInYaml(document, path))}${key}: ${reason}`);
}

function firstMistake(value: unknown): Mistake {
  const [error] = validator.Errors(value);
  if (error === undefined) return { path: [], reason: 'is not a scheme' };
  const path = error.instancePath
    .split('/')
    .slice(1)
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));
  switch (error.keyword) {
    case 'boolean': // What the validator says of a key that additionalProperties does not allow.
      return { path, reason: 'is not a known key' };
    case 'required': {
      const [missing = ''] = error.params.requiredProperties;
      return { path: [...path, missing], reason: 'is missing' };
    }
    case 'minItems':
      return { path, reason: 'must not be an empty list: name something, or leave it out' };
    case 'enum':
      return { path, reason: `must be one of: ${error.params.allowedValues.join(', ')}` };
    default:
      return { path, reason: error.message };
  }
}

/** Where in a file a key or an item of a list is written, or the nearest thing around it there. */
export function offsetInYaml(document: Document.Parsed, path: readonly string[]): number {
  let node: unknown = document.contents;
  let offset = document.contents?.range[0] ?? 0;
  for (const key of path) {
    const pair = isMap(node) ? node.items.find((item) => String(item.key) === key) : undefined;
    const written = isSeq(node) ? node.items[Number(key)] : pair?.key;
    if (!isNode(written)) return offset;
    offset = written.range?.[0] ?? offset;
    node = pair === undefined ? written : pair.value;
  }
  return offset;
}
