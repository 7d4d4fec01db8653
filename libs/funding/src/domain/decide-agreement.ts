import { isRefusal, refuse, type CivilDate, type Moment, type Refusal, type Slug } from '#kernel';
import type { Priced, Terms, TermsVersion } from '#referral';
import { noSuchBudget, outsideTheYear, ownBooks, potOf, type Data, type Decided } from './rules.js';
import type { Agreement, Budget, FundingState, Pot } from './state.js';
import { otherComponents, wrongTerms } from './terms-rules.js';

export function signAgreement(
  state: FundingState,
  data: Data<'AgreementSigned'>,
  moment: Moment,
): Decided {
  const stranger = ownBooks(data.payer, moment);
  if (stranger !== null) return stranger;
  if (state !== null) {
    return refuse('agreement-signed', `${data.payer} has an agreement ${data.agreement} already.`, {
      field: 'agreement',
    });
  }
  if (data.until !== undefined && data.until < data.from) return endsBeforeItStarts();
  return wrongTerms(data.terms) ?? [{ type: 'AgreementSigned', data }];
}

/** New terms from a day on; at delivery they reach what is prescribed already. */
export function changeTerms(
  state: FundingState,
  given: Omit<Data<'TermsChanged'>, 'version'>,
  moment: Moment,
): Decided {
  const { payer, agreement: name, from } = given;
  const agreement = ownAgreement(state, payer, name, moment);
  if (isRefusal(agreement)) return agreement;
  const outside = outsideItsDays(agreement, from);
  if (outside !== null) return outside;
  const last = lastOf(agreement);
  // A basis belongs to the agreement: where nothing is said it stays.
  const { priceBasis } = last.terms;
  const terms: Terms = { ...(priceBasis && { priceBasis }), ...given.terms };
  const wrong = wrongTerms(terms) ?? otherBasis(last.terms, terms);
  if (wrong !== null) return wrong;
  if (isAtDelivery(terms) && otherComponents(last.terms, terms)) {
    return refuse(
      'other-components',
      'Prescriptions follow this agreement until they are delivered: only amounts, fees and ' +
        'limits may change, not what is paid for. Sign another agreement for that.',
      { field: 'components' },
    );
  }
  return [{ type: 'TermsChanged', data: { ...given, version: last.version + 1, terms } }];
}

export function endAgreement(
  state: FundingState,
  { payer, agreement: name, until }: Data<'AgreementEnded'> & { readonly payer: Slug },
  moment: Moment,
): Decided {
  const agreement = ownAgreement(state, payer, name, moment);
  if (isRefusal(agreement)) return agreement;
  if (until < agreement.from) return endsBeforeItStarts();
  if (agreement.until === until) return [];
  if (agreement.until !== undefined && until > agreement.until) {
    return refuse(
      'agreement-ends-already',
      `The agreement ends on ${agreement.until} already: sign another to go on.`,
      { field: 'until' },
    );
  }
  return [{ type: 'AgreementEnded', data: { agreement: name, until } }];
}

function ownAgreement(
  state: FundingState,
  payer: Slug,
  name: Slug,
  moment: Moment,
): Agreement | Refusal {
  const stranger = ownBooks(payer, moment);
  if (stranger !== null) return stranger;
  return state?.kind === 'agreement' ? state : noSuchAgreement(name);
}

function noSuchAgreement(name: Slug): Refusal {
  return refuse('no-such-agreement', `There is no agreement ${name}: sign it first.`, {
    field: 'agreement',
  });
}

function endsBeforeItStarts(): Refusal {
  return refuse('ends-before-it-starts', 'An agreement ends on or after the day it starts.', {
    field: 'until',
  });
}

function outsideItsDays(agreement: Agreement, from: CivilDate): Refusal | null {
  const field = 'from';
  if (from <= agreement.from) {
    return refuse(
      'before-the-agreement',
      `The agreement is in force from ${agreement.from}: other terms of it are from a later day.`,
      { field },
    );
  }
  if (agreement.until !== undefined && from > agreement.until) {
    return refuse('after-the-agreement', `The agreement ends on ${agreement.until}.`, { field });
  }
  const last = lastOf(agreement);
  if (from >= last.from) return null;
  return refuse(
    'terms-out-of-order',
    `Version ${last.version} is in force from ${last.from}: terms that follow it are from that ` +
      'day or later.',
    { field },
  );
}

function otherBasis(before: Terms, after: Terms): Refusal | null {
  if (isAtDelivery(before) === isAtDelivery(after)) return null;
  return refuse(
    'other-price-basis',
    `The agreement prices ${isAtDelivery(before) ? 'at delivery' : 'at prescription'}: ` +
      'sign another agreement to price otherwise.',
    { field: 'priceBasis' },
  );
}

export function isAtDelivery({ priceBasis }: Terms): boolean {
  return priceBasis === 'at-delivery';
}

function lastOf({ versions }: Agreement): TermsVersion {
  // Every agreement begins with the version that was signed.
  return versions.at(-1) as TermsVersion;
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
  const { names, pot, on } = wanted;
  if (agreement?.kind !== 'agreement') return noSuchAgreement(names.agreement);
  const outside = outsideAgreement(agreement, wanted);
  if (outside !== null) return outside;
  if (budget?.kind !== 'budget') return noSuchBudget(names.budget);
  const found = potForPrescribing(budget, pot, on);
  if (isRefusal(found)) return found;
  const { fund, year, recognition, funder } = budget;
  const { version, terms } = inForce(agreement, on);
  return {
    agreement: agreement.agreement,
    version,
    terms,
    budget: { fund, year, pot, recognition, funder },
  };
}

/** The last version that begins by this day, for a day on which the agreement is in force. */
function inForce({ versions }: Agreement, on: CivilDate): TermsVersion {
  // The first of them begins with the agreement.
  return versions.findLast(({ from }) => from <= on) as TermsVersion;
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

function potForPrescribing(budget: Budget, name: Slug, on: CivilDate): Pot | Refusal {
  const outside = outsideTheYear(budget, on);
  if (outside !== null) return outside;
  const pot = potOf(budget, name);
  if (isRefusal(pot) || pot.purpose === 'prescribing') return pot;
  return refuse('ring-fenced', `Pot ${name} is for ${pot.purpose}: it pays no prescription.`, {
    field: 'pot',
  });
}
