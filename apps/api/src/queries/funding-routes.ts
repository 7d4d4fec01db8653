import {
  Day,
  MonthField,
  Optional,
  SlugOf,
  dayOf,
  deriveId,
  present,
  randomId,
  type CivilDate,
  type CommandMeta,
  type EventId,
  type Month,
  type PrescriptionId,
  type Slug,
} from '#kernel';
import type { Position } from '#event-log';
import {
  BalancesQuery,
  ChangesQuery,
  ClosePreviewQuery,
  EntriesQuery,
  StatementQuery,
  TrialBalanceQuery,
  type TrialBalance,
} from '#funding';
import { dayOfCut, readKnownAt, type Wayledger } from '#engine';
import { PAGE_ITEMS_DEFAULT } from '../limits.js';
import {
  balancesAnswer,
  changesAnswer,
  closePreviewAnswer,
  entriesAnswer,
  knownAnswer,
  statementAnswer,
  trialBalanceAnswer,
} from './funding-answers.js';
import { numberOf, pageByPlace, type PageOf } from './paging.js';
import { KnownAtField, PagedReading, Reading, UuidField } from './parameters.js';
import { cutOf, queryRoute, type Books, type Found } from './route.js';

const AS_OF_ONE_PLACE = 'All pages are as of one place of the log.';

/** A page of what is answered as of one place of the log. */
function cutPage<T>({ from, fresh }: Books, { after }: PageOf<T>, body: Found['body']): Found {
  const position = from?.position ?? fresh.position;
  return { body, next: after === null ? undefined : { position, after } };
}

class BalancesParameters extends PagedReading {
  @SlugOf('anchor') anchor!: Slug;
  @Day('only what the books carry up to this day') @Optional() postedBy?: CivilDate;
  @Day('only what happened up to this day') @Optional() occurredBy?: CivilDate;
  @KnownAtField() @Optional() knownAt?: string;
}

const balances = queryRoute({
  path: '/v1/funding/balances',
  name: 'Balances',
  summary: "Every account of an anchor's books, zeros too, by path.",
  description: `All limits that are given hold. ${AS_OF_ONE_PLACE}`,
  parameters: BalancesParameters,
  answer: balancesAnswer,
  refuses: [404],
  async find(books, { anchor, postedBy, occurredBy, knownAt, limit }) {
    const knownBy = await (await cutOf(books, knownAt))(anchor);
    const query = new BalancesQuery(anchor, postedBy, occurredBy, knownBy);
    const all = await books.wayledger.query(query);
    const page = pageByPlace(all, { after: books.from?.after, limit });
    const cut = { anchor, postedBy, occurredBy, knownAt, knownBy };
    return cutPage(books, page, { ...cut, balances: page.items });
  },
});

class EntriesParameters extends PagedReading {
  @SlugOf('anchor') anchor!: Slug;
  @UuidField('prescription') @Optional() prescription?: PrescriptionId;
  @UuidField('event') @Optional() event?: EventId;
  @Day('only what the books carry up to this day') @Optional() postedBy?: CivilDate;
  @Day('only what happened up to this day') @Optional() occurredBy?: CivilDate;
  @KnownAtField() @Optional() knownAt?: string;
}

const entries = queryRoute({
  path: '/v1/funding/entries',
  name: 'Entries',
  summary: "The entries of an anchor's books, in log order.",
  description: `All limits that are given hold. ${AS_OF_ONE_PLACE}`,
  parameters: EntriesParameters,
  answer: entriesAnswer,
  refuses: [404],
  async find(books, { anchor, prescription, event, postedBy, occurredBy, knownAt, limit }) {
    const knownBy = await (await cutOf(books, knownAt))(anchor);
    const max = limit ?? PAGE_ITEMS_DEFAULT;
    const found = await books.wayledger.query(
      new EntriesQuery(anchor, {
        ...(prescription !== undefined && { prescription }),
        ...(event !== undefined && { events: [event] }),
        ...{ postedBy, occurredBy, knownBy, after: numberOf(books.from?.after), max: max + 1 },
      }),
    );
    const items = found.slice(0, max);
    const last = found.length > max ? items.at(-1) : undefined;
    const page = { items, after: last === undefined ? null : String(last.entry) };
    const cut = { anchor, prescription, event, postedBy, occurredBy, knownAt, knownBy };
    return cutPage(books, page, { ...cut, entries: items });
  },
});

class StatementParameters extends PagedReading {
  @SlugOf('anchor') anchor!: Slug;
  @SlugOf('provider') provider!: Slug;
  @MonthField() month!: Month;
  @KnownAtField() @Optional() knownAt?: string;
}

const statement = queryRoute({
  path: '/v1/funding/statement',
  name: 'Statement',
  summary: 'What a provider has earned by the books of an anchor, in a month.',
  description: `Nothing in it names a person. ${AS_OF_ONE_PLACE}`,
  parameters: StatementParameters,
  answer: statementAnswer,
  refuses: [404],
  async find(books, { anchor, provider, month, knownAt, limit }) {
    const knownBy = await (await cutOf(books, knownAt))(anchor);
    const query = new StatementQuery(anchor, provider, month, knownBy);
    const stated = await books.wayledger.query(query);
    const page = pageByPlace(stated.lines, { after: books.from?.after, limit });
    return cutPage(books, page, { ...stated, knownAt, knownBy, lines: page.items });
  },
});

class MonthParameters extends Reading {
  @SlugOf('anchor') anchor!: Slug;
  @MonthField() month!: Month;
}

class ChangesParameters extends PagedReading {
  @SlugOf('anchor') anchor!: Slug;
  @MonthField() month!: Month;
}

const changes = queryRoute({
  path: '/v1/funding/changes',
  name: 'Changes',
  summary: 'What was learned of a closed month too late to be in what was signed.',
  description:
    'The entries come by their place in the books, which stays: each page is as things stand ' +
    'when it is asked for.',
  parameters: ChangesParameters,
  answer: changesAnswer,
  refuses: [404],
  async find(books, { anchor, month, limit = PAGE_ITEMS_DEFAULT }) {
    const changed = await books.wayledger.query(new ChangesQuery(anchor, month));
    const before = numberOf(books.from?.after);
    const left = changed.entries.filter(({ entry }) => entry > before);
    const items = left.slice(0, limit);
    const last = left.length > limit ? items.at(-1) : undefined;
    const page = { items, after: last === undefined ? null : String(last.entry) };
    return cutPage(books, page, { ...changed, entries: items });
  },
});

function signedOf(anchor: Slug, month: Month, { lines, accounts, hash }: TrialBalance) {
  return { anchor, month, trialBalance: lines, accounts, hash };
}

const trialBalance = queryRoute({
  path: '/v1/funding/trial-balance',
  name: 'TrialBalance',
  summary: 'What the books carry up to the last day of a month: what a close signs.',
  parameters: MonthParameters,
  answer: trialBalanceAnswer,
  async find({ wayledger }, { anchor, month }) {
    const signed = await wayledger.query(new TrialBalanceQuery(anchor, month));
    return { body: signedOf(anchor, month, signed) };
  },
});

const closePreview = queryRoute({
  path: '/v1/funding/close-preview',
  name: 'ClosePreview',
  summary: 'What closing a month would sign now, and what speaks against it.',
  parameters: MonthParameters,
  answer: closePreviewAnswer,
  async find({ wayledger }, { anchor, month }) {
    const query = new ClosePreviewQuery(signing(wayledger, anchor), anchor, month);
    const { refusal, ...signed } = await wayledger.query(query);
    const why = refusal && { code: refusal.code, field: refusal.field, detail: refusal.message };
    return { body: { ...signedOf(anchor, month, signed), refusal: why } };
  },
});

/** As if the anchor closed it now; nothing of it is written. */
function signing({ clock }: Wayledger, anchor: Slug): CommandMeta {
  const recordedAt = clock.now();
  const commandId = randomId<'command'>();
  const actor = { id: anchor, role: 'anchor', organisation: anchor } as const;
  const correlationId = deriveId<'correlation'>('correlation', commandId);
  return {
    ...{ commandId, correlationId, actor, recordedAt },
    ...{ occurredOn: dayOf(recordedAt), canonical: '{}' },
  };
}

class KnownParameters extends Reading {
  @SlugOf('anchor') anchor!: Slug;
  @KnownAtField() knownAt!: string;
}

const known = queryRoute({
  path: '/v1/funding/known',
  name: 'Known',
  summary: 'How far in the log an anchor knew, and the day from which it looked.',
  parameters: KnownParameters,
  answer: knownAnswer,
  refuses: [404],
  async find(books, { anchor, knownAt }) {
    const knownBy: Position = await (await cutOf(books, knownAt))(anchor);
    const asked = present(readKnownAt(knownAt), 'it was checked');
    const today = await dayOfCut(books.wayledger, asked);
    return { body: { anchor, knownAt, knownBy, today } };
  },
});

/** The queries of the funding slice. */
export const fundingQueries = [
  balances,
  entries,
  statement,
  changes,
  trialBalance,
  closePreview,
  known,
] as const;
