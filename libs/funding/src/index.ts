export { ChangeTerms } from './commands/change-terms.js';
export { Funding } from './commands/funding.js';
export {
  SETS,
  pathOf,
  setOf,
  type Account,
  type AccountSet,
  type Category,
  type Head,
  type Line,
} from './domain/accounts.js';
export {
  fundingEvents,
  type FundingEvent,
  type FundingFact,
  type FundingFactOf,
} from './domain/events.js';
export { type Rule } from './domain/postings.js';
export { budgetStream, reservationId } from './domain/streams.js';
export { FundingModule, fundingCommands } from './funding.module.js';
export {
  BudgetSettlement,
  RESERVATION_WAIT_MS,
  type Settled,
} from './processes/budget-settlement.js';
export { Repricing } from './processes/repricing.js';
export { followers } from './projections/followers.js';
export { ledger } from './projections/ledger.js';
export { BalancesQuery, type AccountBalance } from './queries/balances.js';
export { EntriesQuery, type EntryLine, type LedgerEntry } from './queries/entries.js';
