import {
  type Actor,
  type CivilDate,
  type EventCatalogue,
  type EventId,
  type Instant,
  type JsonObject,
  type Metadata,
  type PersonId,
  type ReferralId,
  type Slug,
} from '#kernel';
import type { Codec, EventLog, Position, StoredEvent } from '#event-log';
import type { LedgerEntry } from '#funding';
import { SealBroken, open, type KeyStore } from '#people';
import {
  evolveReferral,
  referralEvents,
  referralStream,
  sentenceOf,
  standing,
  statusOf,
  type ReferralFact,
  type ReferralState,
  type ReferralStatus,
} from '#referral';
import { moneyWords } from './money-words.js';

/** What an entry moved, in words. */
export interface StepMoney {
  readonly rule: string;
  readonly occurred: CivilDate;
  readonly posted: CivilDate;
  readonly corrects?: EventId;
  readonly moved: readonly string[];
  readonly lines: LedgerEntry['lines'];
}

/** The correction that holds now. */
export interface StepCorrection {
  readonly kind: 'void' | 'amend';
  readonly event: EventId;
  readonly on: CivilDate;
  readonly by: Pick<Actor, 'role' | 'organisation'>;
}

export interface StoryStep {
  readonly event: EventId;
  readonly type: string;
  readonly occurred: CivilDate;
  readonly recordedAt: Instant;
  readonly by: Pick<Actor, 'role' | 'organisation'>;
  readonly sentence: string;
  /** Of the referral; `null` before it was received. */
  readonly before: ReferralStatus | null;
  readonly after: ReferralStatus | null;
  /** `erased` once the person's key is gone, `unreadable` under another. */
  readonly protected?: JsonObject | 'erased' | 'unreadable';
  readonly money: readonly StepMoney[];
  readonly corrected?: StepCorrection;
}

export interface StoryTold {
  readonly referral: ReferralId;
  readonly anchor: Slug;
  readonly status: ReferralStatus | null;
  readonly steps: readonly StoryStep[];
}

export interface StoryBooks {
  readonly log: Pick<EventLog, 'readStream'>;
  readonly codec: Codec<EventCatalogue>;
  readonly keys: KeyStore;
  /** What these facts posted. */
  entries(events: readonly EventId[]): Promise<readonly LedgerEntry[]>;
}

/** The story of one referral, fact by fact, as far as it was known at a place of the log. */
export async function tellStory(
  books: StoryBooks,
  { referral, anchor }: { readonly referral: ReferralId; readonly anchor: Slug },
  knownBy?: Position,
): Promise<StoryTold> {
  const known: StoredEvent[] = [];
  for await (const stored of books.log.readStream(referralStream(referral))) {
    if (knownBy === undefined || stored.position <= knownBy) known.push(stored);
  }
  const facts = new Map(known.map((stored) => [stored.id, factOf(books.codec, stored)]));
  const entries = await books.entries(known.map(({ id }) => id));
  let state: ReferralState = null;
  for (const fact of facts.values()) if (fact !== null) state = evolveReferral(state, fact);
  const last = state;
  const steps: StoryStep[] = [];
  state = null;
  for (const stored of known) {
    const fact = facts.get(stored.id) ?? null;
    const before = state;
    if (fact !== null) state = evolveReferral(state, fact);
    const { actor, occurredOn, recordedAt } = JSON.parse(stored.metadata) as Metadata;
    const sealed = fact === null ? undefined : await opened(books.keys, stored);
    const corrected = correctionOf(last, stored.id, facts);
    steps.push({
      ...{ event: stored.id, type: stored.type, occurred: occurredOn, recordedAt },
      by: roleOf(actor),
      sentence: fact === null ? unknown(stored) : sentenceOf(fact),
      before: before && statusOf(before),
      after: state && statusOf(state),
      ...(sealed !== undefined && { protected: sealed }),
      money: entries.filter(({ event }) => event === stored.id).map(moneyOf),
      ...(corrected !== undefined && { corrected }),
    });
  }
  return { referral, anchor, status: last && statusOf(last), steps };
}

/** `null` for a type that this version does not know. */
function factOf(codec: Codec<EventCatalogue>, stored: StoredEvent): ReferralFact | null {
  if (!Object.hasOwn(referralEvents, stored.type)) return null;
  // The catalogue of the whole log is wider than a referral's.
  return codec.decode(stored) as unknown as ReferralFact;
}

function unknown({ type }: StoredEvent): string {
  return `A fact of a type that this version does not know: ${type}.`;
}

const roleOf = ({ role, organisation }: Actor) => ({ role, organisation });

function moneyOf({ rule, occurred, posted, corrects, lines }: LedgerEntry): StepMoney {
  const moved = moneyWords(lines);
  return { rule, occurred, posted, ...(corrects && { corrects }), moved, lines };
}

function correctionOf(
  state: ReferralState,
  event: EventId,
  facts: ReadonlyMap<EventId, ReferralFact | null>,
): StepCorrection | undefined {
  const correction = standing(state?.corrections ?? [], event);
  const fact = correction === undefined ? null : (facts.get(correction.event) ?? null);
  if (correction === undefined || fact === null) return undefined;
  const { occurredOn: on, actor } = fact.metadata;
  return { kind: correction.kind, event: correction.event, on, by: roleOf(actor) };
}

async function opened(
  keys: KeyStore,
  { id, type, protected: text }: StoredEvent,
): Promise<StoryStep['protected']> {
  const all: JsonObject = {};
  const people = JSON.parse(text) as Record<PersonId, Record<string, string>>;
  for (const [person, fields] of Object.entries(people)) {
    try {
      const values = await open(keys, { person: person as PersonId, event: id, type }, fields);
      if (values === 'erased') return values;
      Object.assign(all, values);
    } catch (error) {
      if (error instanceof SealBroken) return 'unreadable';
      throw error;
    }
  }
  return Object.keys(all).length === 0 ? undefined : all;
}
