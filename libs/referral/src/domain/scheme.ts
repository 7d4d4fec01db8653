import { Compile } from 'typebox/compile';
import { LineCounter, isMap, isNode, parseDocument } from 'yaml';
import { shape, type CivilDate, type Slug, type Static } from '#kernel';
import { ROUTES } from './events.js';

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
    clocks: shape.object(
      {
        /** Days from the referral until the first contact is due. */
        firstContactDays: shape.optional(shape.integer({ minimum: 1 })),
        /** Months from one contact of the follow-up clock to the next. */
        followUpMonths: shape.optional(shape.integer({ minimum: 1 })),
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
  const document = parseDocument(text, { lineCounter: lines, schema: 'core' });
  const lineAt = (offset: number | undefined) =>
    offset === undefined ? 1 : lines.linePos(offset).line;
  const [broken] = document.errors;
  if (broken !== undefined) {
    throw new SchemeRefused(`${file}, line ${lineAt(broken.pos[0])}: ${broken.message}`);
  }
  const value: unknown = document.toJS();
  if (validator.Check(value)) return value;
  const [error] = validator.Errors(value);
  const [extra] = (error?.params as { additionalProperties?: string[] }).additionalProperties ?? [];
  const path = (error?.instancePath ?? '').split('/').filter((part) => part !== '');
  const keys = extra === undefined ? path : [...path, extra];
  const parent = keys.length < 2 ? document.contents : document.getIn(keys.slice(0, -1), true);
  const pair = isMap(parent)
    ? parent.items.find((item) => String(item.key) === keys[keys.length - 1])
    : undefined;
  const key = pair !== undefined && isNode(pair.key) ? pair.key : undefined;
  const reason = extra === undefined ? (error?.message ?? 'is not a scheme') : 'is not a known key';
  throw new SchemeRefused(
    `${file}, line ${lineAt(key?.range?.[0])}, key "${keys.join('.')}": ${reason}`,
  );
}

/** The versions of all schemes, by name. */
export class Schemes {
  /** @throws SchemeRefused when two files give the same version of a scheme */
  constructor(private readonly all: readonly Scheme[]) {
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
