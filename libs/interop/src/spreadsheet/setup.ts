import type { CivilDate, Slug } from '#kernel';
import { CONTACT_MODES, MISSED_CLASSES, REFERRAL_KINDS, ROUTES, type MissedClass } from '#referral';
import { fold } from './cells.js';
import { agreementsOf, type SetupAgreement, type SetupService } from './setup-agreements.js';
import { YamlFile, type YamlValue } from './yaml-file.js';

/** What a cell under `attended` can mean. */
export const ATTENDED = ['attended', 'late', 'missed', 'dropped-out'] as const;
export type AttendedWord = (typeof ATTENDED)[number];

export interface SetupBudget {
  readonly year: number;
  readonly from: CivilDate;
  readonly to?: CivilDate;
  readonly pots: readonly { readonly pot: Slug; readonly amount: number }[];
}

export interface SetupFund {
  readonly fund: Slug;
  readonly funder: Slug;
  readonly received: CivilDate;
  readonly amount: number;
}

/** Words of the spreadsheet, folded, and what they stand for. */
type Words<T> = ReadonlyMap<string, T>;

/** What spreadsheets never have: whose they are, whose money it is, and what their words mean. */
export interface Setup {
  readonly file: string;
  readonly lineOf: (path: readonly string[]) => number;
  readonly source: Slug;
  readonly anchor: Slug;
  readonly anchorName: string;
  readonly scheme: Slug;
  /** The day from which directory and agreements stand, unless they say otherwise. */
  readonly since: CivilDate;
  readonly consentScopes: readonly Slug[];
  readonly unknownContact?: string;
  readonly unknownMinutes?: number;
  readonly unknownKind?: string;
  readonly unknownLinkWorker?: Slug;
  /** None where nothing is priced. */
  readonly fund?: SetupFund;
  readonly budgets: readonly SetupBudget[];
  /** By the code or name in the spreadsheet, folded. */
  readonly services: Words<SetupService>;
  readonly agreements: readonly SetupAgreement[];
  readonly linkWorkers: Words<Slug>;
  readonly practices: Words<{ readonly organisation: Slug; readonly name: string }>;
  readonly routes: Words<string>;
  readonly kinds: Words<string>;
  readonly modes: Words<string>;
  readonly attended: Words<AttendedWord>;
  readonly missed: Words<MissedClass>;
  readonly dropOut: Words<string>;
  readonly consent: Words<boolean>;
}

const KEYS = [
  ...['source', 'anchor', 'anchorName', 'scheme', 'since', 'consentScopes', 'unknown', 'fund'],
  ...['budgets', 'services', 'agreements', 'linkWorkers', 'practices', 'words'],
];
const WORD_LISTS = [
  ...['routes', 'kinds', 'contactModes', 'attended', 'missed', 'dropOut', 'consent'],
];
/** Where a budget does not say otherwise its year begins on this day. */
const YEAR_BEGINS = '04-01';

/** @throws SheetFileRefused with every mistake at its line and key */
export function parseSetup(text: string, file: string): Setup {
  const yaml = new YamlFile(file, text);
  const { root } = yaml;
  root.map(KEYS);
  const services = servicesOf(root.key('services'));
  const agreements = agreementsOf(root.key('agreements'), [...services.values()]);
  const priced = agreements.some(({ components }) => components !== 'free');
  const words = root.key('words');
  words.map(WORD_LISTS);
  const unknown = root.key('unknown');
  unknown.map(['contact', 'minutes', 'kind', 'linkWorker']);
  const unknownLinkWorker = unknown.key('linkWorker').ifGiven((v) => v.slug('a short name'));
  const unknownKind = unknown.key('kind').ifGiven((v) => v.oneOf(REFERRAL_KINDS, 'a kind'));
  const unknownContact = unknown.key('contact').ifGiven((v) => v.text('text'));
  const unknownMinutes = unknown.key('minutes').ifGiven((v) => v.whole('minutes'));
  const fund = priced ? fundOf(root.key('fund')) : undefined;
  const read = {
    ...{ file, lineOf: (path: readonly string[]) => yaml.lineOf(path) },
    source: root.key('source').slug('a name for this spreadsheet, which must never change'),
    anchor: root.key('anchor').slug('the short name of your organisation'),
    anchorName: root.key('anchorName').text('the name of your organisation'),
    scheme: root.key('scheme').slug('the name of a scheme (see the folder schemes)'),
    since: root.key('since').date('the day from which providers and agreements stand'),
    consentScopes: scopesOf(root.key('consentScopes')),
    ...(unknownContact !== undefined && { unknownContact }),
    ...(unknownMinutes !== undefined && { unknownMinutes }),
    ...(unknownKind && { unknownKind }),
    ...(unknownLinkWorker && { unknownLinkWorker }),
    ...(fund && { fund }),
    ...{ budgets: priced ? budgetsOf(root.key('budgets')) : [], services, agreements },
    linkWorkers: wordsOf(root.key('linkWorkers'), (v) => v.slug('a short name that names nobody')),
    practices: practicesOf(root.key('practices')),
    routes: wordsOf(words.key('routes'), (v) => v.oneOf(ROUTES, 'a route')),
    kinds: wordsOf(words.key('kinds'), (v) => v.oneOf(REFERRAL_KINDS, 'a kind')),
    modes: wordsOf(words.key('contactModes'), (v) => v.oneOf(CONTACT_MODES, 'a mode')),
    attended: wordsOf(words.key('attended'), (v) => v.oneOf(ATTENDED, 'what happened')),
    missed: wordsOf(words.key('missed'), (v) => v.oneOf(MISSED_CLASSES, 'a class')),
    dropOut: wordsOf(words.key('dropOut'), (v) => v.text('a reason')),
    consent: wordsOf(words.key('consent'), consentOf),
  };
  yaml.finish();
  return read as Setup; // What is missing in it was a mistake, and finish() has thrown.
}

function scopesOf(value: YamlValue): Slug[] {
  const scopes = value.items().flatMap((item) => item.slug('what people consent to') ?? []);
  if (scopes.length === 0) value.wrong('names nothing that people consent to: as [support].');
  return scopes;
}

function consentOf(value: YamlValue): boolean | undefined {
  const word = value.oneOf(['yes', 'no'], 'what it says');
  return word === undefined ? undefined : word === 'yes';
}

function wordsOf<T>(value: YamlValue, read: (item: YamlValue) => T | undefined): Words<T> {
  const words = new Map<string, T>();
  for (const [word, item] of value.map()) {
    const meaning = read(item);
    if (meaning === undefined) continue;
    if (words.has(fold(word))) item.wrong('is there twice.');
    words.set(fold(word), meaning);
  }
  return words;
}

function fundOf(value: YamlValue): SetupFund | undefined {
  value.map(['fund', 'funder', 'received', 'amount']);
  const fund = value.key('fund').slug('a short name of the fund that pays');
  const funder = value.key('funder').slug('a short name of who gave it');
  const received = value.key('received').date('the day it arrived');
  const amount = value.key('amount').pounds('what arrived');
  if (!fund || !funder || !received || amount === undefined) return undefined;
  return { fund, funder, received, amount };
}

function budgetsOf(value: YamlValue): SetupBudget[] {
  const budgets = value.items().flatMap((item) => budgetOf(item) ?? []);
  if (value.isEmpty)
    value.wrong('names no budget: say of which year, and how much is in its pots.');
  return budgets;
}

function budgetOf(value: YamlValue): SetupBudget | undefined {
  value.map(['year', 'from', 'to', 'pots']);
  const year = value.key('year').whole('the year in which the budget starts');
  const from = value.key('from').ifGiven((v) => v.date('its first day'));
  const to = value.key('to').ifGiven((v) => v.date('its last day'));
  const pots = value
    .key('pots')
    .items()
    .flatMap((item) => {
      item.map(['pot', 'amount']);
      const pot = item.key('pot').slug('a short name of the pot, as prescribing');
      const amount = item.key('amount').pounds('what is in the pot');
      return pot === undefined || amount === undefined ? [] : [{ pot, amount }];
    });
  if (value.key('pots').isEmpty)
    value.key('pots').wrong('is not filled in: say how much is in it.');
  if (year === undefined) return undefined;
  if (year < 1900 || year > 2999) {
    value.key('year').wrong('must be a year, as 2026.');
    return undefined;
  }
  const first = from ?? (`${year}-${YEAR_BEGINS}` as CivilDate);
  return { year, from: first, ...(to && { to }), pots };
}

function servicesOf(value: YamlValue): Words<SetupService> {
  const names = new Map<Slug, string>();
  return wordsOf(value, (item) => {
    item.map(['provider', 'providerName', 'service', 'name']);
    const provider = item.key('provider').slug('a short name of the provider');
    const providerName = item.key('providerName').text('the name of the provider');
    const service = item.key('service').slug('a short name of what it offers');
    const name = item.key('name').text('the name of what it offers');
    if (!provider || !service || providerName === undefined || name === undefined) return undefined;
    const called = names.get(provider) ?? providerName;
    names.set(provider, called);
    if (called !== providerName) item.wrong(`calls ${provider} otherwise than a service above it.`);
    return { provider, providerName, service, name };
  });
}

function practicesOf(value: YamlValue): Setup['practices'] {
  const named = [...value.map()].flatMap(([name, item]) => {
    const organisation = item.slug('a short name of the practice');
    return organisation === undefined ? [] : [[fold(name), { organisation, name }] as const];
  });
  return new Map(named);
}
