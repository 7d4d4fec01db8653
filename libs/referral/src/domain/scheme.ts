import { Compile } from 'typebox/compile';
import { LineCounter, isMap, isNode, isSeq, parseDocument, visit, type Document } from 'yaml';
import { shape, type CivilDate, type Slug, type Static } from '#kernel';
import { ROUTES } from './words.js';

const need = () => shape.word(['needed', 'not-needed']);

/** Policy as data, one file a scheme; a referral keeps the version it was received under. */
const schemeShape = shape.object(
  {
    name: shape.slug('scheme'),
    version: shape.integer({ minimum: 1 }),
    /** The first day on which referrals are received under this version. */
    from: shape.date(),
    label: shape.text('what people read instead of "social prescribing"'),
    /** Who may refer; any other route is refused with a reason. */
    routes: shape.array(shape.word(ROUTES)),
    /** Whether a referral must bring a name and a way to reach the person. */
    identity: need(),
    /** Whether the caseload asks for consent until it is recorded; it stops no fact. */
    consent: need(),
    /** Whether somebody must be assigned before anything is prescribed. */
    linkWorker: need(),
    /** Whether a missed session may be held another day: it leaves its number open, at no cost. */
    makeUpSessions: shape.optional(shape.word(['allowed'])),
    clocks: shape.object(
      {
        /** Days from the referral until the first contact is due. */
        firstContactDays: shape.optional(shape.integer({ minimum: 1 })),
        /** Months from one contact of the follow-up clock to the next. */
        followUpMonths: shape.optional(shape.integer({ minimum: 1 })),
        /** Days from the offer of a place until it lapses; absent: it is kept. */
        placeDays: shape.optional(shape.integer({ minimum: 1 })),
        /** Days without a live prescription and without a fact until a referral closes itself. */
        quietDays: shape.optional(shape.integer({ minimum: 1 })),
      },
      { additionalProperties: false },
    ),
  },
  { additionalProperties: false },
);
export type Scheme = Static<typeof schemeShape>;
/** The scheme a referral is pinned to. */
export type SchemeOf = (pinned: { readonly name: Slug; readonly version: number }) => Scheme;
const validator = Compile(schemeShape);

/** A scheme file that cannot be used; the message names file, line and key. */
export class SchemeRefused extends Error {
  override readonly name = 'SchemeRefused';
}

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
  if (validator.Check(value)) return value;
  const { path, reason } = firstMistake(value);
  const key = path.length === 0 ? '' : `, key "${path.join('.')}"`;
  throw new SchemeRefused(`${placed(offsetOf(document, path))}${key}: ${reason}`);
}

interface Mistake {
  readonly path: readonly string[];
  readonly reason: string;
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
    case 'enum':
      return { path, reason: `must be one of: ${error.params.allowedValues.join(', ')}` };
    default:
      return { path, reason: error.message };
  }
}

/** Where a key or an item of a list is written, or the nearest thing around it that is there. */
function offsetOf(document: Document.Parsed, path: readonly string[]): number {
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

/** The versions of all schemes, by name. */
export class Schemes {
  /** @throws SchemeRefused when two files give the same version of a scheme */
  constructor(readonly all: readonly Scheme[]) {
    for (const scheme of all) {
      if (all.some((o) => o !== scheme && o.name === scheme.name && o.version === scheme.version)) {
        throw new SchemeRefused(`Scheme ${scheme.name} has version ${scheme.version} twice`);
      }
    }
  }

  names(): string[] {
    return [...new Set(this.all.map((scheme) => scheme.name))].sort();
  }

  /** The version in force on a day. */
  inForce(name: Slug, on: CivilDate): Scheme | undefined {
    return this.all
      .filter((scheme) => scheme.name === name && scheme.from <= on)
      .sort((a, b) => b.version - a.version)[0];
  }

  /** The very version a referral was received under. */
  version(name: Slug, version: number): Scheme | undefined {
    return this.all.find((scheme) => scheme.name === name && scheme.version === version);
  }
}
