import {
  CommandRefused,
  GivenCommand,
  OneOf,
  Optional,
  Part,
  Parts,
  PenceField,
  PointsField,
  SlugOf,
  SomeOf,
  Whole,
  allocate,
  refuse,
  unreachable,
  type Pence,
  type Slug,
} from '#kernel';
import { EARLY_ENDS, FEE_CLASSES, PRICE_BASES, type Component, type Terms } from '#referral';

const TRIGGERS = [
  'prescribed',
  'session-attended',
  'session-missed',
  'nth-attendance',
  'completed',
  'outcome-met',
  'drop-out-minimum',
] as const;
const BASES = ['session', 'course'] as const;
const CHANGES = ['rise', 'fall'] as const;
const WHOLE_PERCENT = 100;

/** What must change by how much: the paired change of one person, never an average. */
export class MeasuredOutcome {
  @SlugOf('instrument') instrument!: Slug;
  @OneOf(CHANGES) change!: (typeof CHANGES)[number];
  @PointsField('by how many points of the instrument at least, with two decimals at most', 0)
  atLeast!: number;
  @Whole(1, 'days from the prescription within which the later score is taken') windowDays!: number;
}

/** What triggers how much: an amount of its own, or a share of the price. */
export class PricedComponent {
  @SlugOf('component') component!: Slug;
  @OneOf(TRIGGERS) trigger!: (typeof TRIGGERS)[number];
  @PenceField('whole pence; or give its share of the price') @Optional() amount?: Pence;
  @Whole(1, 'its share of the price in percent; the shares add up to 100', WHOLE_PERCENT)
  @Optional()
  share?: number;
  /** With `session-attended`: the price of a session, or of the course split over its sessions. */
  @OneOf(BASES) @Optional() per?: (typeof BASES)[number];
  @Whole(1, 'with session-missed: how many are paid') @Optional() limit?: number;
  /** With `session-missed`: for which classes; all but provider-logistics unless given. */
  @SomeOf(FEE_CLASSES) @Optional() classes?: (typeof FEE_CLASSES)[number][];
  @Whole(1, 'with nth-attendance: which one') @Optional() nth?: number;
  /** With `outcome-met`: what is measured. */
  @Part(() => MeasuredOutcome) @Optional() outcome?: MeasuredOutcome;
  /** With `outcome-met`: after which ends it may still be earned. */
  @SomeOf(EARLY_ENDS) @Optional() survives?: (typeof EARLY_ENDS)[number][];
  /** With `drop-out-minimum`: after which ends it is paid; dropped-out unless given. */
  @SomeOf(EARLY_ENDS) @Optional() ends?: (typeof EARLY_ENDS)[number][];
}

/** The terms as a command gives them: the same when an agreement is signed and when it changes. */
export abstract class WithTerms extends GivenCommand {
  @Parts(() => PricedComponent) components!: PricedComponent[];
  @PenceField('whole pence for one person, split by the shares of the components')
  @Optional()
  price?: Pence;
  /** Whether later terms reach what is prescribed already: at-prescription unless given. */
  @OneOf(PRICE_BASES) @Optional() priceBasis?: (typeof PRICE_BASES)[number];
}

/** @throws CommandRefused where a field is missing, or belongs to another trigger */
export function termsOf(given: Pick<WithTerms, 'components' | 'price' | 'priceBasis'>): Terms {
  const { components, price, priceBasis } = given;
  const shares = sharesOf(components, price);
  const split = shares.length > 0 && price !== undefined ? { price, shares } : undefined;
  const amounts = price === undefined ? [] : splitOf(price, shares);
  return {
    components: components.map((component, index) => {
      const part = shares.findIndex((share) => share.component === component.component);
      return strict(component, index, amounts[part]);
    }),
    ...(priceBasis && { priceBasis }),
    ...(split && { split }),
  };
}

type Share = NonNullable<Terms['split']>['shares'][number];

function sharesOf(components: readonly PricedComponent[], price: Pence | undefined): Share[] {
  const shares: Share[] = [];
  for (const [index, { component, share, amount, trigger, per }] of components.entries()) {
    const at = (field: string) => `components.${index}.${field}`;
    if (share === undefined) continue;
    if (amount !== undefined) {
      throw wrong(at('share'), 'Give a component an amount or a share of the price, not both.');
    }
    if (trigger === 'session-missed' || trigger === 'drop-out-minimum') {
      throw wrong(at('share'), `${trigger} is no part of the price: give it an amount.`);
    }
    if (per === 'session') {
      throw wrong(at('per'), 'A share of the price is for the course: give a session an amount.');
    }
    if (shares.some((other) => other.component === component)) {
      throw wrong(at('component'), `Component ${component} is there twice.`);
    }
    shares.push({ component, percent: share });
  }
  const total = shares.reduce((percent, share) => percent + share.percent, 0);
  if (price === undefined && shares.length === 0) return shares;
  if (price === undefined) throw wrong('price', 'Say of what price the shares are: price.');
  if (total === WHOLE_PERCENT) return shares;
  const parts = shares.length === 0 ? 'no component has a share of it' : `they are ${total}`;
  throw wrong('components', `The shares of the price add up to 100 percent: ${parts}.`);
}

function splitOf(price: Pence, shares: readonly Share[]): Pence[] {
  const amounts = allocate(
    price,
    shares.map(({ percent }) => BigInt(percent)),
  );
  const nothing = shares[amounts.indexOf(0n)];
  if (nothing === undefined) return amounts;
  throw wrong(
    'price',
    `The price is so small that ${nothing.percent} percent of it for ${nothing.component} is ` +
      'nothing: leave the component out or raise the price.',
  );
}

const BELONGS = {
  per: 'session-attended',
  limit: 'session-missed',
  classes: 'session-missed',
  nth: 'nth-attendance',
  outcome: 'outcome-met',
  survives: 'outcome-met',
  ends: 'drop-out-minimum',
} as const;

/** @throws CommandRefused where a field is missing or belongs to another trigger */
function strict(given: PricedComponent, index: number, part: Pence | undefined): Component {
  const { component, trigger, share } = given;
  const at = (field: string) => `components.${index}.${field}`;
  for (const [field, owner] of Object.entries(BELONGS)) {
    if (given[field as keyof typeof BELONGS] !== undefined && owner !== trigger) {
      throw wrong(at(field), `${field} goes with the trigger ${owner}, not with ${trigger}.`);
    }
  }
  const amount = given.amount ?? part;
  if (amount === undefined) {
    throw wrong(at('amount'), 'Say how much it pays: an amount, or a share of the price.');
  }
  switch (trigger) {
    case 'session-attended': {
      const { per = share === undefined ? 'session' : 'course' } = given;
      return { component, trigger, amount, per };
    }
    case 'session-missed': {
      const { limit, classes = [...FEE_CLASSES] } = given;
      if (limit === undefined) throw wrong(at('limit'), 'Say how many missed sessions are paid.');
      return { component, trigger, amount, limit, classes };
    }
    case 'nth-attendance': {
      const { nth } = given;
      if (nth === undefined) throw wrong(at('nth'), 'Say which attendance earns it: nth.');
      return { component, trigger, amount, nth };
    }
    case 'outcome-met':
      return { component, trigger, amount, ...outcomeOf(given) };
    case 'drop-out-minimum':
      return { component, trigger, amount, ends: given.ends ?? ['dropped-out'] };
    case 'prescribed':
    case 'completed':
      return { component, trigger, amount };
    default:
      return unreachable(trigger);
  }
}

function outcomeOf({ outcome, survives }: PricedComponent) {
  if (outcome === undefined) return survives && { survives };
  const { instrument, change, atLeast: atLeastHundredths, windowDays } = outcome;
  return {
    outcome: { instrument, change, atLeastHundredths, windowDays },
    ...(survives && { survives }),
  };
}

function wrong(field: string, message: string): CommandRefused {
  return new CommandRefused([refuse('wrong-terms', message, { field })]);
}
