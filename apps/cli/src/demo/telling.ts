import {
  daysBetween,
  dayOf,
  type Metadata,
  type ReferralId,
  type Slug,
  type StreamName,
} from '#kernel';
import type { EventLog, StoredEvent } from '#event-log';
import type { StoryTold } from '#audit';
import type { MissedClass } from '#referral';
import { wrapped } from '../terminal/charts.js';
import { bad, bold, dim, struck } from '../terminal/output.js';
import { allOf } from './there.js';

/** What makes a referral worth telling. */
const TRAITS = ['money', 'missed', 'corrected', 'late', 'dropped-out', 'refused'] as const;
export type Trait = (typeof TRAITS)[number];

const TRAIT_WORDS: Readonly<Record<Trait, string>> = {
  money: 'money',
  missed: 'a missed session',
  corrected: 'a correction',
  late: 'a register that came late',
  'dropped-out': 'a drop-out',
  refused: 'a refused offer',
};

/** A register that came after more than so many days is told as late. */
const LATE_AFTER_DAYS = 2;

export interface Telling {
  readonly referral: ReferralId;
  readonly anchor: Slug;
  readonly traits: readonly Trait[];
}

export interface LogTold {
  readonly events: number;
  /** Absent where no referral has it all. */
  readonly telling?: Telling;
}

interface Candidate {
  readonly anchor: Slug;
  readonly traits: Set<Trait>;
  facts: number;
}

/**
 * One reading of the log: how much is in it, and the referral that tells most in the fewest facts.
 * It has money, a missed session, a correction or a late register, and a drop-out or a refused
 * offer; of those that do, the one with most of these, then the shortest, then the first.
 */
export async function readToTell(log: Pick<EventLog, 'readLog'>): Promise<LogTold> {
  const candidates = new Map<StreamName, Candidate>();
  let events = 0;
  for await (const stored of allOf(log)) {
    events += 1;
    if (!stored.stream.startsWith('referral-')) continue;
    const metadata = JSON.parse(stored.metadata) as Metadata;
    const { anchor } = metadata;
    if (anchor === undefined) continue;
    const known = candidates.get(stored.stream) ?? { anchor, traits: new Set(), facts: 0 };
    known.facts += 1;
    for (const trait of traitsOf(stored, metadata)) known.traits.add(trait);
    candidates.set(stored.stream, known);
  }
  const [best] = [...candidates]
    .filter(([, { traits }]) => isWorthTelling(traits))
    .sort(([, a], [, b]) => b.traits.size - a.traits.size || a.facts - b.facts);
  if (best === undefined) return { events };
  const [stream, { anchor, traits }] = best;
  const referral = stream.slice('referral-'.length) as ReferralId; // Named after it.
  return {
    events,
    telling: { referral, anchor, traits: TRAITS.filter((trait) => traits.has(trait)) },
  };
}

function isWorthTelling(traits: ReadonlySet<Trait>): boolean {
  const either = (...some: readonly Trait[]) => some.some((trait) => traits.has(trait));
  return (
    either('money') &&
    either('missed') &&
    either('corrected', 'late') &&
    either('dropped-out', 'refused')
  );
}

function traitsOf({ type, data }: StoredEvent, metadata: Metadata): readonly Trait[] {
  switch (type) {
    case 'Prescribed':
      return 'priced' in (JSON.parse(data) as object) ? ['money'] : [];
    case 'Attended':
      return isLate(metadata) ? ['late'] : [];
    case 'Missed':
      return isByPerson(data) ? ['missed'] : [];
    case 'EntryCorrected':
      return ['corrected'];
    case 'DroppedOut':
      return ['dropped-out'];
    case 'OfferRefused':
      return ['refused'];
    default:
      return [];
  }
}

/** One that the provider called off is no missed session. */
function isByPerson(data: string): boolean {
  const { class: missed } = JSON.parse(data) as { readonly class: MissedClass };
  return missed !== 'provider-logistics';
}

function isLate({ occurredOn, recordedAt }: Metadata): boolean {
  return daysBetween(occurredOn, dayOf(recordedAt)) > LATE_AFTER_DAYS;
}

const TEXT_COLUMNS = 78;
const INDENT = ' '.repeat(12);

type Step = StoryTold['steps'][number];

/** The story on a page: a day and a sentence for each step that moved something. */
export function tellingText({ traits }: Telling, { steps, referral, anchor }: StoryTold): string {
  const has = traits.map((trait) => TRAIT_WORDS[trait]);
  const why =
    `Referral ${referral.slice(0, 8)} of ${anchor}, chosen because it has ${list(has)}. ` +
    'Shown is what changed its state, moved money, or was refused, missed or corrected.';
  let left: string[] = [];
  const lines: string[] = [];
  const skip = () => {
    if (left.length > 0) lines.push(dim(wrapped(`… ${leftText(left)}`, TEXT_COLUMNS, INDENT)));
    left = [];
  };
  for (const step of steps) {
    if (!isShown(step)) left.push(step.type);
    else {
      skip();
      lines.push(stepText(step));
    }
  }
  skip();
  return (
    `${bold('One referral, told by its facts')}\n` +
    `${wrapped(why, TEXT_COLUMNS)}\n${lines.join('')}`
  );
}

const list = (words: readonly string[]) =>
  words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;

const TOLD_ALWAYS = ['Missed', 'EntryCorrected', 'DroppedOut', 'OfferRefused'];

function isShown({ type, before, after, money, corrected }: Step): boolean {
  return (
    before !== after || money.length > 0 || corrected !== undefined || TOLD_ALWAYS.includes(type)
  );
}

/** `contact made ×2, offered` */
function leftText(types: readonly string[]): string {
  const kinds = [...new Set(types)];
  return kinds
    .map((kind) => {
      const times = types.filter((type) => type === kind).length;
      const words = kind.replace(/\B[A-Z]/gu, ' $&').toLowerCase();
      return times === 1 ? words : `${words} ×${times}`;
    })
    .join(', ');
}

function stepText(step: Step): string {
  const { occurred, recordedAt, sentence, before, after, corrected, money } = step;
  const recorded = dayOf(recordedAt);
  const late = recorded === occurred ? '' : dim(` (recorded ${recorded})`);
  const moved = before === after ? '' : bold(` → ${after ?? 'nothing'}`);
  const told = corrected?.kind === 'void' ? struck(sentence) : sentence;
  const then =
    corrected === undefined
      ? ''
      : bad(` ✗ later ${corrected.kind === 'void' ? 'voided' : 'amended'}, ${corrected.on}`);
  // The day of recording stands beside what was recorded, before what became of it.
  const words = wrapped(`${told}${late}${then}${moved}`, TEXT_COLUMNS, INDENT).trimStart();
  const pounds = money.map((entry) => `£ ${entry.moved.join('; ')}`);
  const wrappedPounds = pounds.map((text) => dim(wrapped(text, TEXT_COLUMNS, INDENT)));
  return `${occurred}  ${words}${wrappedPounds.join('')}`;
}
