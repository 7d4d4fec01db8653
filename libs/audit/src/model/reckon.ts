import type { CivilDate, Pence, Slug } from '#kernel';
import type { Component, Terms } from '#referral';
import type { Record, Story } from './story.js';

export type Spent = 'delivery' | 'noshow' | 'outcomes';

/** What one record earned the provider, and on which day. */
export interface Earned {
  readonly day: CivilDate;
  readonly category: Spent;
  readonly amount: Pence;
}

/**
 * Money put by for one thing that may happen: one session by its number, one nth attendance, one
 * completion, one outcome. It is committed until the first record that takes it: that it happened,
 * or that it no longer can.
 */
export interface Stake {
  readonly component: Slug;
  readonly isTaken: boolean;
  /** What was put by or taken, and on which day: what is still committed is their sum. */
  readonly steps: readonly { readonly day: CivilDate; readonly amount: Pence }[];
}

/** What a prescription has earned and what is still committed to it. */
export interface Reckoned {
  readonly story: Story;
  readonly earned: readonly Earned[];
  readonly stakes: readonly Stake[];
}

export function reckon(story: Story): Reckoned {
  const earned = [...story.sessions.flatMap((session) => sessionEarns(story, session))];
  earned.push(...feesOf(story), ...triggersOf(story));
  earned.push(...minimumOf(story, earned), ...outcomesOf(story));
  return { story, earned: earned.filter(({ amount }) => amount > 0n), stakes: stakesOf(story) };
}

const ofTerms = ({ prescribed }: Story): Terms => prescribed.data.priced?.terms ?? NO_TERMS;
const NO_TERMS: Terms = { components: [] };

/** The version that was in force on a day: the last one that changed the price from then on. */
function termsOn(story: Story, day: CivilDate): Terms {
  return story.repriced.filter((version) => version.day <= day).at(-1)?.terms ?? ofTerms(story);
}

type Trigger = Component['trigger'];
type PartOf<T extends Trigger> = Extract<Component, { trigger: T }>;

function partsOf<T extends Trigger>({ components }: Terms, trigger: T): PartOf<T>[] {
  return components.filter((part): part is PartOf<T> => part.trigger === trigger);
}

type Held = Story['sessions'][number];

const isAttended = ({ fact }: Held) => fact.type === 'Attended';

/** Missed in a way that uses its number up. */
function isMissed({ fact }: Held): boolean {
  if (fact.type !== 'Missed') return false;
  return fact.data.class !== 'provider-logistics' && fact.data.makeUp !== true;
}

/** Penny by penny: everybody gets the whole share, the first ones the pennies that are left. */
function pricesUnder(terms: Terms, planned: number): Pence[] {
  const prices = new Array<Pence>(planned).fill(0n);
  for (const { amount, per } of partsOf(terms, 'session-attended')) {
    const share = per === 'session' ? amount : amount / BigInt(planned);
    let left = per === 'session' ? 0n : amount - share * BigInt(planned);
    for (const index of prices.keys()) {
      prices[index] = share + (left > 0n ? 1n : 0n);
      left -= 1n;
    }
  }
  return prices;
}

const plannedOf = ({ prescribed }: Story) => prescribed.data.plannedSessions ?? 0;

function sessionEarns(story: Story, session: Held): Earned[] {
  if (!isAttended(session)) return [];
  const prices = pricesUnder(termsOn(story, session.day), plannedOf(story));
  const amount = prices[session.fact.data.number - 1] ?? 0n;
  return [{ day: session.day, category: 'delivery', amount }];
}

function feesOf(story: Story): Earned[] {
  const fees: Earned[] = [];
  for (const session of story.sessions) {
    const { fact, day } = session;
    if (fact.type !== 'Missed' || !isMissed(session)) continue;
    if (fact.data.number > plannedOf(story)) continue;
    const terms = termsOn(story, day);
    if (partsOf(terms, 'session-attended').length === 0) continue;
    for (const { amount, limit, classes } of partsOf(terms, 'session-missed')) {
      const listed = (classes as readonly string[]).includes(fact.data.class);
      if (listed && fees.length < limit) fees.push({ day, category: 'noshow', amount });
    }
  }
  return fees;
}

function triggersOf(story: Story): Earned[] {
  const earned: Earned[] = [];
  const earn = (component: Slug, day: CivilDate) => {
    earned.push({ day, category: 'delivery', amount: amountUnder(termsOn(story, day), component) });
  };
  for (const { component } of partsOf(ofTerms(story), 'prescribed')) {
    earn(component, story.prescribed.metadata.occurredOn);
  }
  for (const { component, nth } of partsOf(ofTerms(story), 'nth-attendance')) {
    const reached = story.sessions.filter(isAttended)[nth - 1];
    if (reached !== undefined) earn(component, reached.day);
  }
  const { end } = story;
  for (const { component } of partsOf(ofTerms(story), 'completed')) {
    if (end?.status === 'completed') earn(component, end.day);
  }
  return earned;
}

function amountUnder({ components }: Terms, component: Slug): Pence {
  return components.find((part) => part.component === component)?.amount ?? 0n;
}

function outcomesOf(story: Story): Earned[] {
  return partsOf(ofTerms(story), 'outcome-met').flatMap(({ component }) => {
    const record = story.met.get(component);
    if (record === undefined) return [];
    const amount = amountUnder(termsOn(story, record.day), component);
    return [{ day: record.day, category: 'outcomes', amount }];
  });
}

function minimumOf(story: Story, others: readonly Earned[]): Earned[] {
  const { end } = story;
  if (end === undefined) return [];
  const sum = others.reduce((total, { amount }) => total + amount, 0n);
  return partsOf(termsOn(story, end.day), 'drop-out-minimum').flatMap(({ amount, ends }) => {
    if (!(ends as readonly string[]).includes(end.status)) return [];
    return [{ day: end.day, category: 'delivery', amount: amount - sum }];
  });
}

function stakesOf(story: Story): Stake[] {
  const stakes: Stake[] = [];
  for (const { component } of partsOf(ofTerms(story), 'session-attended')) {
    for (let index = 0; index < plannedOf(story); index += 1) {
      const priceUnder = (terms: Terms) => pricesUnder(terms, plannedOf(story))[index] ?? 0n;
      const used = story.sessions.filter(
        (one) => one.fact.data.number === index + 1 && (isAttended(one) || isMissed(one)),
      );
      stakes.push(stakeOf(story, component, priceUnder, [...used, story.end]));
    }
  }
  const whole = (component: Slug, takers: readonly (Record | undefined)[]) => {
    const priceUnder = (terms: Terms) => amountUnder(terms, component);
    stakes.push(stakeOf(story, component, priceUnder, takers));
  };
  for (const { component, nth } of partsOf(ofTerms(story), 'nth-attendance')) {
    whole(component, [story.sessions.filter(isAttended)[nth - 1], story.end]);
  }
  for (const { component } of partsOf(ofTerms(story), 'completed')) whole(component, [story.end]);
  for (const { component, survives = [] } of partsOf(ofTerms(story), 'outcome-met')) {
    const { met, lapsed } = story;
    whole(component, [met.get(component), lapsed.get(component), endThatTakes(story, survives)]);
  }
  return stakes;
}

/** Put by when prescribed, at another price from each new version on, gone with what takes it. */
function stakeOf(
  story: Story,
  component: Slug,
  priceUnder: (terms: Terms) => Pence,
  takers: readonly (Record | undefined)[],
): Stake {
  const [taken] = takers.filter((record) => record !== undefined).sort((a, b) => a.place - b.place);
  let price = priceUnder(ofTerms(story));
  const steps = [{ day: story.prescribed.metadata.occurredOn, amount: price }];
  for (const { place, day, terms } of story.repriced) {
    if (taken !== undefined && place > taken.place) break;
    steps.push({ day, amount: priceUnder(terms) - price });
    price = priceUnder(terms);
  }
  if (taken !== undefined) steps.push({ day: taken.day, amount: -price });
  return { component, isTaken: taken !== undefined, steps };
}

/** A completed prescription's outcome may still be met. */
function endThatTakes({ end }: Story, survives: readonly string[]): Record | undefined {
  if (end === undefined || end.status === 'completed') return undefined;
  return survives.includes(end.status) ? undefined : end;
}
