import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import {
  CommandRefused,
  Day,
  GivenCommand,
  OneOf,
  Optional,
  Parts,
  PenceField,
  Sha256,
  SlugOf,
  SlugsOf,
  SomeOf,
  Whole,
  refuse,
  unreachable,
  type CivilDate,
  type Pence,
  type Slug,
  Summary,
} from '#kernel';
import { Directory } from '#directory';
import { FEE_CLASSES, type Component } from '#referral';
import { signAgreement } from '../domain/decide.js';
import { agreementStream } from '../domain/streams.js';
import { Funding } from './funding.js';

const TRIGGERS = [
  'prescribed',
  'session-attended',
  'session-missed',
  'nth-attendance',
  'completed',
  'outcome-met',
] as const;
const BASES = ['session', 'course'] as const;

/** What triggers how much; `per`, `limit`, `classes` and `nth` go with their triggers. */
export class PricedComponent {
  @SlugOf('component') component!: Slug;
  @OneOf(TRIGGERS) trigger!: (typeof TRIGGERS)[number];
  @PenceField() amount!: Pence;
  /** With `session-attended`: the price of a session, or of the course split over its sessions. */
  @OneOf(BASES) @Optional() per?: (typeof BASES)[number];
  /** With `session-missed`: how many are paid. */
  @Whole(1, 'with session-missed: how many are paid') @Optional() limit?: number;
  /** With `session-missed`: for which classes; all but provider-logistics unless given. */
  @SomeOf(FEE_CLASSES) @Optional() classes?: (typeof FEE_CLASSES)[number][];
  /** With `nth-attendance`: which one. */
  @Whole(1, 'with nth-attendance: which one') @Optional() nth?: number;
}

@Summary('Dated terms between an anchor and a provider; each prescription takes its own copy.')
export class SignAgreement extends GivenCommand {
  @SlugOf('agreement') agreement!: Slug;
  @SlugOf('anchor') payer!: Slug;
  @SlugOf('provider') payee!: Slug;
  @SlugsOf('service') services!: Slug[];
  @Day('the day it happened unless given') @Optional() from?: CivilDate;
  @Day() @Optional() until?: CivilDate;
  @Parts(() => PricedComponent) components!: PricedComponent[];
  @SlugOf('signatory') @Optional() signedBy?: Slug;
  @Sha256() @Optional() document?: string;
}

@CommandHandler(SignAgreement)
export class SignAgreementHandler implements ICommandHandler<SignAgreement> {
  constructor(
    private readonly funding: Funding,
    private readonly directory: Directory,
  ) {}

  async execute({ meta, components, from = meta.occurredOn, ...given }: SignAgreement) {
    const { payer, payee, agreement, services } = given;
    await this.directory.needAnchor(payer);
    await this.directory.needProvider(payee, 'payee');
    for (const service of services) await this.directory.needService(payee, service);
    const terms = { components: components.map((component, index) => strict(component, index)) };
    const data = { ...given, from, version: 1, terms };
    return this.funding.decide(meta, payer, agreementStream(payer, agreement), (state, moment) =>
      signAgreement(state, data, moment),
    );
  }
}

const BELONGS = {
  per: 'session-attended',
  limit: 'session-missed',
  classes: 'session-missed',
  nth: 'nth-attendance',
} as const;

/** @throws CommandRefused where a field is missing or belongs to another trigger */
function strict(given: PricedComponent, index: number): Component {
  const { component, trigger, amount } = given;
  const at = (field: string) => `components.${index}.${field}`;
  for (const [field, owner] of Object.entries(BELONGS)) {
    if (given[field as keyof typeof BELONGS] !== undefined && owner !== trigger) {
      throw wrong(at(field), `${field} goes with the trigger ${owner}, not with ${trigger}.`);
    }
  }
  switch (trigger) {
    case 'session-attended':
      return { component, trigger, amount, per: given.per ?? 'session' };
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
    case 'prescribed':
    case 'completed':
    case 'outcome-met':
      return { component, trigger, amount };
    default:
      return unreachable(trigger);
  }
}

function wrong(field: string, message: string): CommandRefused {
  return new CommandRefused([refuse('wrong-terms', message, { field })]);
}
