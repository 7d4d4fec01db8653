import { SLUG_LENGTH_MAX, isRefusal, type CivilDate } from '#kernel';
import { fold, isBlankMark, yesOrNo } from './cells.js';
import { readDate } from './dates.js';
import {
  KIND_GUESSES,
  MISSED_GUESSES,
  MODE_GUESSES,
  ROUTE_GUESSES,
  guessWord,
} from './guessed-words.js';
import { TO_FILL_IN, UNSURE, oneLine, scalar, type GuessedFile } from './propose-mapping.js';
import { indexOf } from './row-reader.js';
import type { Sheet } from './fields.js';
import { isEverydayAttended, isNoReason } from './plan-session.js';

/** Words that differ more than this are free text, and no list of words. */
const WORDS_MAX = 100;
const YEAR_BEGINS = '-04-01';

/** What setup.yaml would say: what the files tell is filled in, the rest is named. */
export function setupText(
  folder: string,
  files: readonly GuessedFile[],
  today: CivilDate,
  schemes: readonly string[],
): string {
  const found = new Found(files, today);
  const days = found.days();
  const services = found.services();
  const since = days[0]?.replace(/\d\d$/u, '01');
  const lines = [
    '# What spreadsheets never have. Everything is guessed from the files: check what is marked',
    `# ${UNSURE}, fill in what is marked ${TO_FILL_IN}. Amounts are in pounds. See docs/spreadsheet.md.`,
    '',
    '# A name for this spreadsheet. Never change it: it is how a row is known again.',
    `source: ${slugOf(folder, 'spreadsheet')}`,
    `anchor:  # ${TO_FILL_IN}: a short name of your organisation, as north`,
    `anchorName:  # ${TO_FILL_IN}: its name`,
    `scheme:  # ${TO_FILL_IN}: one of ${schemes.join(', ')}`,
    '# The day from which the providers and agreements below stand.',
    since === undefined
      ? `since:  # ${TO_FILL_IN}: as 2026-04-01`
      : `since: ${since}  # the month of the earliest date in the files`,
    '# What a mark under consent says yes to.',
    `consentScopes: [support]  # ${UNSURE}: in your own words`,
    ...unknownLines(),
    '',
    ...(services.length === 0 ? NO_MONEY : moneyLines(found.prescribedOn(), since)),
    '',
    ...serviceLines(services),
    '',
    ...listLines('linkWorkers', found.words('referrals', 'linkWorker'), (_word, index) => ({
      text: `lw-${index + 1}`,
      note: 'a short name that names nobody',
    })),
    ...listLines('practices', found.words('referrals', 'practice'), (word) => ({
      text: slugOf(word, 'practice'),
    })),
    '',
    ...wordLines(found),
  ];
  return `${lines.join('\n')}\n`;
}

function unknownLines(): string[] {
  return [
    '# What to record where a row does not say; take a line out and such rows are refused where the',
    '# scheme needs it.',
    'unknown:',
    `  contact: not in the spreadsheet  # ${UNSURE}: how to reach the person`,
    `  minutes: 0  # ${UNSURE}: how long a contact took`,
  ];
}

const NO_MONEY = [
  '# No prescription is in the files: fund, budgets and agreements can be added once there is one,',
  '# as docs/spreadsheet.md shows.',
];

function moneyLines(prescribedOn: readonly CivilDate[], since: string | undefined): string[] {
  const years = [...new Set(prescribedOn.map(budgetYearOf))].sort((a, b) => a - b);
  return [
    '# The money that pays, and how much of it is in the pot of each year (from 1 April, unless from',
    '# and to say otherwise). All of this can go where every agreement is free.',
    'fund:',
    `  fund:  # ${TO_FILL_IN}: a short name of the fund, as lottery`,
    `  funder:  # ${TO_FILL_IN}: a short name of who gave it`,
    `  received: ${since ?? ''}  # ${since === undefined ? TO_FILL_IN : UNSURE}: the day it arrived`,
    `  amount:  # ${TO_FILL_IN}: pounds, as 25000.00`,
    'budgets:',
    ...(years.length === 0 ? [2026] : years).flatMap((year) => [
      `  - year: ${year}`,
      '    pots:',
      '      - pot: prescribing',
      `        amount:  # ${TO_FILL_IN}: pounds, as 25000.00`,
    ]),
  ];
}

function budgetYearOf(day: CivilDate): number {
  const year = Number(day.slice(0, 4));
  return day.slice(4) < YEAR_BEGINS ? year - 1 : year;
}

interface FoundService {
  readonly code: string;
  readonly name: string;
  readonly slug: string;
}

function serviceLines(services: readonly FoundService[]): string[] {
  return [
    '# What stands under provider in the files, whose it is, and what it is called.',
    ...(services.length === 0 ? ['services: {}'] : ['services:']),
    ...services.flatMap(({ code, name, slug }) => [
      `  ${scalar(code)}:`,
      `    provider: ${slug}`,
      `    providerName: ${scalar(name)}`,
      `    service: ${slug}  # ${UNSURE}: what it offers, where a provider offers several`,
      `    name: ${scalar(name)}  # ${UNSURE}: what it is called`,
    ]),
    '',
    '# What each provider is paid. Instead of a price for each session attended it can be',
    '#   components: free',
    '# or any of these, each with its amount:',
    '#   - { component: missed, trigger: session-missed, amount: 5.00, limit: 2 }',
    '#   - { component: course, trigger: session-attended, amount: 96.00, per: course }',
    '#   - { component: place, trigger: prescribed, amount: 40.00 }',
    '#   - { component: engaged, trigger: nth-attendance, nth: 3, amount: 150.00 }',
    '#   - { component: whole, trigger: completed, amount: 60.00 }',
    ...(services.length === 0 ? ['agreements: {}'] : ['agreements:']),
    ...services
      .filter(isFirstOfProvider)
      .flatMap(({ slug }) => [
        `  ${slug}:`,
        `    provider: ${slug}`,
        `    services: [${slug}]`,
        '    components:',
        '      - component: sessions',
        '        trigger: session-attended',
        `        amount:  # ${TO_FILL_IN}: pounds for one session, or write components: free`,
      ]),
  ];
}

function isFirstOfProvider(one: FoundService, index: number, all: readonly FoundService[]) {
  return all.findIndex(({ slug }) => slug === one.slug) === index;
}

interface Meaning {
  readonly text: string;
  readonly note?: string;
}

function listLines(
  key: string,
  words: readonly string[],
  meaning: (word: string, index: number) => Meaning | null,
): string[] {
  if (words.length === 0) return [];
  return [`${key}:`, ...words.map((word, index) => wordLine('  ', word, meaning(word, index)))];
}

/** What cannot be guessed is commented out: its rows are refused until somebody says. */
function wordLine(indent: string, word: string, meaning: Meaning | null): string {
  if (meaning === null) return `${indent}# ${scalar(word)}:  # ${TO_FILL_IN}, or correct the rows`;
  const note = meaning.note === undefined ? '' : `  # ${meaning.note}`;
  return `${indent}${scalar(word)}: ${meaning.text}${note}`;
}

function wordLines(found: Found): string[] {
  const lists = [
    ['routes', found.words('referrals', 'route'), ROUTE_GUESSES],
    ['kinds', found.words('referrals', 'kind'), KIND_GUESSES],
    ['contactModes', found.words('contacts', 'mode'), MODE_GUESSES],
    ['missed', found.missedReasons(), MISSED_GUESSES],
  ] as const;
  const odd = [
    [
      'attended',
      found
        .words('sessions', 'attended')
        .filter((word) => !isEverydayAttended(word) && !isMissedReason(word)),
    ],
    ['consent', found.words('referrals', 'consent').filter((word) => yesOrNo(word) === null)],
  ] as const;
  return [
    "# The spreadsheet's words, and the field's own words for them.",
    'words:',
    ...lists.flatMap(([key, words, guesses]) =>
      words.length === 0
        ? []
        : [
            `  ${key}:`,
            ...words.map((word) => {
              const guess = guessWord(word, guesses);
              const note = guess?.unsure ? { note: `${UNSURE}: ${guess.unsure}` } : {};
              return wordLine('    ', word, guess && { text: guess.word, ...note });
            }),
          ],
    ),
    ...odd.flatMap(([key, words]) =>
      words.length === 0 ? [] : [`  ${key}:`, ...words.map((word) => wordLine('    ', word, null))],
    ),
  ];
}

function isMissedReason(word: string): boolean {
  return yesOrNo(word) === null && guessWord(word, MISSED_GUESSES) !== null;
}

/** What the rows of all files hold between them. */
class Found {
  constructor(
    private readonly files: readonly GuessedFile[],
    private readonly today: CivilDate,
  ) {}

  /** Different words of a column, as they were first written, the commonest first. */
  words(sheet: Sheet, field: string): string[] {
    const counts = new Map<string, { word: string; count: number }>();
    for (const cells of this.rows(sheet, [field])) {
      const word = oneLine(cells[0] ?? '');
      if (isBlankMark(word, field)) continue;
      const known = counts.get(fold(word));
      if (known !== undefined) known.count += 1;
      else if (fold(word) !== '') counts.set(fold(word), { word, count: 1 });
    }
    const all = [...counts.values()].sort((a, b) => b.count - a.count);
    return all.slice(0, WORDS_MAX).map(({ word }) => word);
  }

  missedReasons(): string[] {
    const counted = new Set<string>();
    for (const [attended = '', reason = ''] of this.rows('sessions', ['attended', 'reason'])) {
      if (yesOrNo(attended) === false) counted.add(fold(reason));
    }
    const all = this.words('sessions', 'reason');
    const reasons = all.filter((word) => counted.has(fold(word)) && !isNoReason(word));
    const known = new Set(reasons.map(fold));
    // Also where Y or N should stand: it is why the person did not come.
    const instead = this.words('sessions', 'attended').filter(isMissedReason);
    return [...reasons, ...instead.filter((word) => !known.has(fold(word)))];
  }

  services(): FoundService[] {
    const byCode = new Map<string, FoundService>();
    for (const [code = '', name = ''] of this.rows('prescriptions', ['provider', 'providerName'])) {
      const called = oneLine(name === '' ? code : name);
      if (code === '' || byCode.has(fold(code)) || byCode.size >= WORDS_MAX) continue;
      byCode.set(fold(code), { code, name: called, slug: slugOf(called, 'provider') });
    }
    return [...byCode.values()];
  }

  prescribedOn(): CivilDate[] {
    return this.daysOf('prescriptions');
  }

  /** In order, those that lie in the past. */
  days(): CivilDate[] {
    const all = (['referrals', 'prescriptions', 'contacts'] as const).flatMap((sheet) =>
      this.daysOf(sheet),
    );
    return all.sort();
  }

  private daysOf(sheet: Sheet): CivilDate[] {
    return this.rows(sheet, ['date']).flatMap(([cell = '']) => {
      const day = readDate(cell, 'event', this.today);
      return isRefusal(day) || day > this.today ? [] : [day];
    });
  }

  private rows(sheet: Sheet, fields: readonly string[]): (string | undefined)[][] {
    return this.files
      .filter((file) => file.sheet === sheet)
      .flatMap(({ table, columns }) => {
        const places = fields.map((field) => {
          const header = columns.find((column) => column.field === field)?.header;
          return header === undefined ? -1 : indexOf(table.headers, header);
        });
        return table.rows.map(({ cells }) => places.map((place) => cells[place]));
      });
  }
}

/** A short name for what people call something; `otherwise` where no letter of it is left. */
export function slugOf(text: string, otherwise: string): string {
  const slug = text
    .normalize('NFKD')
    .replace(/[\p{M}’'`]/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/gu, '-')
    .slice(0, SLUG_LENGTH_MAX)
    .replace(/^-+|-+$/gu, '');
  return slug === '' ? otherwise : slug;
}
