import { LineCounter, parseDocument, visit, type Document } from 'yaml';
import { isCivilDate, isSlug, type CivilDate, type Slug } from '#kernel';
import { offsetInYaml } from '#referral';

/** A file of the import cannot be used; every mistake with its line and key. */
export class SheetFileRefused extends Error {
  override readonly name = 'SheetFileRefused';

  constructor(readonly mistakes: readonly string[]) {
    super(mistakes.join('\n'));
  }
}

/**
 * A YAML file that a person fills in. Every value is text as it stands there, so that 12.50 stays
 * 12.50 and no is no; mistakes are gathered, so that all of them are told at once.
 */
export class YamlFile {
  private readonly mistakes: { readonly offset: number; readonly text: string }[] = [];
  private readonly lines = new LineCounter();
  private readonly document: Document.Parsed;

  /** @throws SheetFileRefused where it is no YAML */
  constructor(
    readonly file: string,
    text: string,
  ) {
    const options = { lineCounter: this.lines, schema: 'failsafe', prettyErrors: false } as const;
    this.document = parseDocument(text, options);
    const wrong = this.document.errors.map(({ pos, message }) => this.placed(pos[0], message));
    visit(this.document, {
      Alias: (_key, { source, range }) => {
        wrong.push(this.placed(range?.[0] ?? 0, `*${source}: write it out, not as an alias.`));
      },
    });
    if (wrong.length > 0) throw new SheetFileRefused(wrong);
  }

  get root(): YamlValue {
    return new YamlValue(this, [], this.document.toJS());
  }

  mistake(path: readonly string[], reason: string): void {
    const key = path.length === 0 ? '' : `key "${path.join('.')}": `;
    const offset = offsetInYaml(this.document, path);
    this.mistakes.push({ offset, text: this.placed(offset, `${key}${reason}`) });
  }

  /** @throws SheetFileRefused with all mistakes found in it, if there are any */
  finish(): void {
    if (this.mistakes.length === 0) return;
    const inOrder = [...this.mistakes].sort((a, b) => a.offset - b.offset);
    throw new SheetFileRefused(inOrder.map(({ text }) => text));
  }

  lineOf(path: readonly string[]): number {
    return this.lines.linePos(offsetInYaml(this.document, path)).line;
  }

  private placed(offset: number, text: string): string {
    return `${this.file}, line ${this.lines.linePos(offset).line}: ${text}`;
  }
}

const POUNDS = /^£?(\d{1,3}(?:,\d{3})+|\d{1,12})(?:\.(\d{2}))?$/u;

/** One value of such a file; what it should be is asked of it, and a mistake noted if it is not. */
export class YamlValue {
  constructor(
    private readonly file: YamlFile,
    readonly path: readonly string[],
    readonly value: unknown,
  ) {}

  /** Left out, or left to be filled in. */
  get isEmpty(): boolean {
    return this.value === undefined || this.value === null || this.value === '';
  }

  wrong(reason: string): void {
    this.file.mistake(this.path, reason);
  }

  /** `value` if it is one; else the mistake is noted. */
  private unlessWrong<T>(value: T | undefined, reason: string): T | undefined {
    if (value === undefined) this.wrong(reason);
    return value;
  }

  /** The keys of a map; `known`: the only ones that there are. */
  map(known?: readonly string[]): ReadonlyMap<string, YamlValue> {
    const { value } = this;
    if (this.isEmpty) return new Map();
    if (typeof value !== 'object' || Array.isArray(value)) {
      this.wrong('must hold keys of its own, indented below it.');
      return new Map();
    }
    const all = Object.entries(value as object);
    const values = new Map(
      all.map(([key, item]) => [key, new YamlValue(this.file, [...this.path, key], item)]),
    );
    for (const [key, item] of values) {
      if (known === undefined || known.includes(key)) continue;
      item.wrong(`is not a known key; there are: ${known.join(', ')}.`);
    }
    return values;
  }

  key(name: string): YamlValue {
    const { value } = this;
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    const item = isObject ? (value as Record<string, unknown>)[name] : undefined;
    return new YamlValue(this.file, [...this.path, name], item);
  }

  items(): readonly YamlValue[] {
    if (this.isEmpty) return [];
    if (!Array.isArray(this.value)) {
      this.wrong('must be a list, each item behind a dash.');
      return [];
    }
    return this.value.map((item, index) => {
      return new YamlValue(this.file, [...this.path, String(index)], item);
    });
  }

  text(what: string): string | undefined {
    if (this.isEmpty) return this.unlessWrong<string>(undefined, `is not filled in: ${what}.`);
    const text = typeof this.value === 'string' ? this.value : undefined;
    return this.unlessWrong(text, `must be ${what}.`);
  }

  /** What `read` makes of the text; `undefined` from it is a mistake. */
  private as<T>(what: string, read: (text: string) => T | undefined): T | undefined {
    const text = this.text(what);
    return text === undefined ? undefined : this.unlessWrong(read(text), `must be ${what}.`);
  }

  slug(what: string): Slug | undefined {
    const words = `${what}, in lower-case letters, digits and single dashes (as hill-lane)`;
    return this.as(words, (text) => (isSlug(text) ? text : undefined));
  }

  date(what: string): CivilDate | undefined {
    const words = `${what}, a date that exists, as 2026-04-01`;
    return this.as(words, (text) => (isCivilDate(text) ? text : undefined));
  }

  whole(what: string): number | undefined {
    const words = `${what}, a whole number`;
    return this.as(words, (text) => (/^\d{1,7}$/u.test(text) ? Number(text) : undefined));
  }

  /** Pounds as people write them, as whole pence. */
  pounds(what: string): number | undefined {
    return this.as(`${what} in pounds, as 12.50`, (text) => {
      const [, whole, pence = ''] = POUNDS.exec(text) ?? [];
      if (whole === undefined) return undefined;
      return Number(whole.replaceAll(',', '') + pence.padEnd(2, '0'));
    });
  }

  /** `read` it where something is there. */
  ifGiven<T>(read: (value: YamlValue) => T | undefined): T | undefined {
    return this.isEmpty ? undefined : read(this);
  }

  oneOf<T extends string>(words: readonly T[], what: string): T | undefined {
    const list = `${what}, one of: ${words.join(', ')}`;
    return this.as(list, (text) => words.find((word) => word === text));
  }
}
