import { addDays, addMonths, refuse, type CivilDate, type Refusal } from '#kernel';
import { fold, readWhole } from './cells.js';
import { given } from './plan-referral.js';
import { keyOf, type Planned, type Planning } from './planned.js';
import type { RowReader } from './row-reader.js';
import type { SetupService } from './setup-agreements.js';
import type { Setup } from './setup.js';

const FIELD_OF = {
  referral: 'reference',
  prescription: 'prescription',
  at: 'date',
  service: 'provider',
  provider: 'provider',
  agreement: 'provider',
  plannedSessions: 'plannedSessions',
  year: 'date',
  pot: 'date',
};

/** A service taken up, with the agreement that prices it and the year whose budget pays. */
export function planPrescription(reader: RowReader, planning: Planning): Planned {
  const { setup, referrals, prescriptions } = planning;
  const written = reader.needed('prescription', 'The reference of the prescription');
  const prescription = written === undefined ? undefined : prescriptions.spelled(written);
  const named = reader.needed('reference', 'The reference of the referral');
  const on = reader.neededDate('date');
  const service =
    reader.needed('provider', 'Provider or service', setup.services) && serviceOf(reader, setup);
  const plannedSessions = reader.read('plannedSessions', readWhole);
  const money = service && on && moneyOf(reader, setup, service, on);
  const keys = prescription === undefined ? [] : [keyOf('prescription', prescription)];
  // Refused or not: its sessions are told what became of it, not that it is unknown.
  if (prescription !== undefined) {
    prescriptions.add(prescription, {
      referral: referrals.spelled(named ?? ''),
      prescribedOn: on,
    });
  }
  if (reader.reasons.length > 0 || !prescription || !named || !on || !service) return { keys };
  const referral = referrals.spelled(named);
  const data = {
    ...{ referral, prescription, service: service.service, provider: service.provider },
    ...given({ plannedSessions }),
    ...money,
  };
  return {
    fieldOf: FIELD_OF,
    restsOn: { key: keyOf('referral', referral), what: `its referral ${referral}` },
    commands: [{ key: keyOf('prescription', prescription), command: 'Prescribe', at: on, data }],
  };
}

function serviceOf(reader: RowReader, { services }: Setup): SetupService | undefined {
  const byName = reader.text('providerName', services);
  const read = (cell: string): SetupService | Refusal => {
    const found = services.get(fold(cell)) ?? (byName && services.get(fold(byName)));
    return (
      found ||
      refuse(
        'unknown-word',
        'Nobody knows this provider or service: correct it, or add it to setup.yaml under services.',
      )
    );
  };
  return reader.read('provider', read, services);
}

/** None for a free service; the terms of the day else, paid from the budget of the day. */
function moneyOf(reader: RowReader, setup: Setup, one: SetupService, on: CivilDate) {
  const all = setup.agreements.filter(
    ({ provider, services }) => provider === one.provider && services.includes(one.service),
  );
  const covers = ({ from = setup.since, until }: (typeof all)[number]) =>
    from <= on && (until === undefined || on <= until);
  const agreement = all.find(covers) ?? all[0];
  if (agreement === undefined || agreement.components === 'free') return {};
  const year = budgetYear(setup, on);
  if (setup.fund === undefined || year === undefined) {
    const message =
      `No budget in setup.yaml covers ${on}: add the one of that year under budgets, or correct ` +
      'the date.';
    reader.refuse('date', refuse('no-budget', message));
    return undefined;
  }
  const { fund } = setup.fund;
  return { agreement: agreement.agreement, fund, year, pot: agreement.pot };
}

/** Twelve months where a budget does not say when it ends. */
function budgetYear({ budgets }: Setup, on: CivilDate): number | undefined {
  const lastDay = (from: CivilDate) => addDays(addMonths(from, 12), -1);
  return budgets.find(({ from, to = lastDay(from) }) => from <= on && on <= to)?.year;
}
