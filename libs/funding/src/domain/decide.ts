import {
  formatPence,
  inTheFuture,
  isRefusal,
  refuse,
  sum,
  type CivilDate,
  type Decision,
  type Moment,
  type Pence,
  type Refusal,
  type Slug,
} from '#kernel';
import { componentOf, type Component, type Priced } from '#referral';
import type { FundingEvent, FundingEventOf } from './events.js';
import type { Agreement, Budget, FundingState } from './state.js';

type Decided = Decision<FundingEvent>;

/** The money of an anchor is its own: nobody else receives, opens or signs for it. */
function ownBooks(anchor: Slug, moment: Moment): Refusal | null {
  const { actor } = moment;
  if (actor.organisation !== anchor) {
    return refuse('not-your-books', `${actor.organisation} cannot do this in ${anchor}'s books.`, {
      field: 'actor.organisation',
    });
  }
  return inTheFuture(moment);
}

export function receiveFund(
  state: FundingState,
  anchor: Slug,
  data: FundingEventOf<'FundReceived'>['data'],
  moment: Moment,
): Decided {
  const stranger = ownBooks(anchor, moment);
  if (stranger !== null) return stranger;
  if (state?.kind === 'fund') {
    for (const field of ['funder', 'recognition'] as const) {
      if (state[field] !== data[field]) {
        return refuse(
          'other-fund',
          `Fund ${data.fund} has ${field} ${state[field]}: another ${field} is another fund.`,
          { field },
        );
      }
    }
  }
  return [{ type: 'FundReceived', data }];
}

export function openBudget(
  state: FundingState,
  fund: FundingState,
  anchor: Slug,
  data: Omit<FundingEventOf<'BudgetOpened'>['data'], 'recognition' | 'funder'>,
  moment: Moment,
): Decided {
  const stranger = ownBooks(anchor, moment);
  if (stranger !== null) return stranger;
  if (state !== null) {
    return refuse('budget-open', `Fund ${data.fund} has a budget for ${data.year} already.`, {
      field: 'year',
    });
  }
  if (fund?.kind !== 'fund') {
    return refuse('no-such-fund', `${anchor} has no fund ${data.fund}: receive it first.`, {
      field: 'fund',
    });
  }
  if (fund.recognition === 'agent') {
    return refuse('held-as-agent', `${data.fund} is held for others: it is nobody's budget here.`, {
      field: 'fund',
    });
  }
  if (data.from > data.to) {
    return refuse('ends-before-it-starts', 'A budget ends on or after the day it starts.', {
      field: 'to',
    });
  }
  for (const { pot, purpose } of data.pots) {
    if (data.pots.filter((other) => other.pot === pot).length > 1) {
      return refuse('pot-twice', `Pot ${pot} is there twice.`, { field: 'pots' });
    }
    if (!fund.purposes.includes(purpose)) {
      return refuse(
        'outside-purpose',
        `${data.fund} was given for ${fund.purposes.join(', ')}, not for ${purpose}.`,
        { field: 'pots' },
      );
    }
  }
  const { funder, recognition } = fund;
  return [{ type: 'BudgetOpened', data: { ...data, funder, recognition } }];
}

export function signAgreement(
  state: FundingState,
  data: FundingEventOf<'AgreementSigned'>['data'],
  moment: Moment,
): Decided {
  const stranger = ownBooks(data.payer, moment);
  if (stranger !== null) return stranger;
  if (state !== null) {
    return refuse('agreement-signed', `${data.payer} has an agreement ${data.agreement} already.`, {
      field: 'agreement',
    });
  }
  if (data.until !== undefined && data.until < data.from) {
    return refuse('ends-before-it-starts', 'An agreement ends on or after the day it starts.', {
      field: 'until',
    });
  }
  return wrongTerms(data.terms.components) ?? [{ type: 'AgreementSigned', data }];
}

function wrongTerms(components: readonly Component[]): Refusal | null {
  const field = 'components';
  for (const { component, trigger } of components) {
    if (components.filter((other) => other.component === component).length > 1) {
      return refuse('component-twice', `Component ${component} is there twice.`, { field });
    }
    const single = trigger === 'session-attended' || trigger === 'session-missed';
    if (single && components.filter((other) => other.trigger === trigger).length > 1) {
      return refuse('trigger-twice', `Only one component can be for ${trigger}.`, { field });
    }
  }
  const terms = { components: [...components] };
  const fee = componentOf(terms, 'session-missed');
  const session = componentOf(terms, 'session-attended');
  if (fee !== undefined && session === undefined) {
    return refuse(
      'fee-without-price',
      'The fee for a missed session is paid out of its price: add a session-attended component.',
      { field },
    );
  }
  if (fee !== undefined && session?.per === 'session' && fee.amount > session.amount) {
    return refuse(
      'fee-above-price',
      `The fee of ${formatPence(fee.amount)} is more than the session's ` +
        `${formatPence(session.amount)}, out of which it is paid.`,
      { field },
    );
  }
  return null;
}

/** The terms a prescription on this day would have, and the pot it would be paid from. */
export function quote(
  agreement: FundingState,
  budget: FundingState,
  wanted: {
    readonly provider: Slug;
    readonly service: Slug;
    readonly pot: Slug;
    readonly on: CivilDate;
    readonly names: { readonly agreement: Slug; readonly budget: string };
  },
): Omit<Priced, 'commitment'> | Refusal {
  const { names, pot } = wanted;
  if (agreement?.kind !== 'agreement') {
    return refuse('no-such-agreement', `There is no agreement ${names.agreement}: sign it first.`, {
      field: 'agreement',
    });
  }
  const outside = outsideAgreement(agreement, wanted);
  if (outside !== null) return outside;
  if (budget?.kind !== 'budget') {
    return refuse('no-such-budget', `There is no budget ${names.budget}: open it first.`, {
      field: 'fund',
    });
  }
  const found = potOf(budget, pot, wanted.on);
  if (isRefusal(found)) return found;
  const { fund, year, recognition, funder } = budget;
  const { version, terms } = agreement;
  return {
    agreement: agreement.agreement,
    version,
    terms,
    budget: { fund, year, pot, recognition, funder },
  };
}

function outsideAgreement(
  agreement: Agreement,
  { provider, service, on }: { provider: Slug; service: Slug; on: CivilDate },
): Refusal | null {
  if (agreement.payee !== provider) {
    return refuse('other-provider', `The agreement is with ${agreement.payee}, not ${provider}.`, {
      field: 'agreement',
    });
  }
  if (!agreement.services.includes(service)) {
    return refuse(
      'service-not-agreed',
      `The agreement prices ${agreement.services.join(', ')}, not ${service}.`,
      { field: 'service' },
    );
  }
  if (on < agreement.from || (agreement.until !== undefined && on > agreement.until)) {
    return refuse(
      'agreement-not-in-force',
      `The agreement is in force from ${agreement.from}` +
        `${agreement.until === undefined ? '' : ` to ${agreement.until}`}, not on ${on}.`,
      { field: 'at' },
    );
  }
  return null;
}

function potOf(budget: Budget, name: Slug, on: CivilDate) {
  if (on < budget.from || on > budget.to) {
    return refuse(
      'outside-the-year',
      `The budget is for ${budget.from} to ${budget.to}; ${on} needs the one of its own year.`,
      { field: 'year' },
    );
  }
  const pot = budget.pots.find((candidate) => candidate.pot === name);
  if (pot === undefined) {
    const pots = budget.pots.map((candidate) => candidate.pot).join(', ');
    return refuse('no-such-pot', `The budget has no pot ${name}; it has: ${pots}.`, {
      field: 'pot',
    });
  }
  if (pot.purpose === 'prescribing') return pot;
  return refuse('ring-fenced', `Pot ${name} is for ${pot.purpose}: it pays no prescription.`, {
    field: 'pot',
  });
}

/** A pot is never over-committed: what does not fit is refused, with what is free. */
export function reserve(
  state: FundingState,
  wanted: readonly FundingEventOf<'FundsReserved'>['data'][],
): Decided {
  for (const pot of new Set(wanted.map((reservation) => reservation.pot))) {
    const asked = sum(wanted.flatMap(({ pot: of, amount }) => (of === pot ? amount : [])));
    const free: Pence =
      state?.kind === 'budget' ? (state.pots.find((p) => p.pot === pot)?.free ?? 0n) : 0n;
    if (asked <= free) continue;
    return refuse(
      'pot-exhausted',
      `Pot ${pot} has ${formatPence(free)} free and ${formatPence(asked)} was asked.`,
      { field: 'pot', data: { freePence: Number(free), askedPence: Number(asked) } },
    );
  }
  return wanted.map((data) => ({ type: 'FundsReserved', data }));
}
