export { ChangeTerms } from './commands/change-terms.js';
export { ClosePeriod } from './commands/close-period.js';
export { CATCH_UP, type CatchUp } from './commands/closing.js';
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
export { type TrialBalance } from './domain/periods.js';
export { type Rule } from './domain/postings.js';
export { booksStream, budgetStream, reservationId } from './domain/streams.js';
export { FundingModule, fundingCommands } from './funding.module.js';
export {
  BudgetSettlement,
  RESERVATION_WAIT_MS,
  type Settled,
} from './processes/budget-settlement.js';
export { Repricing } from './processes/repricing.js';
export { followers } from './projections/followers.js';
export { learned } from './projections/learned.js';
export { ledger } from './projections/ledger.js';
export { BalancesQuery, type AccountBalance } from './queries/balances.js';
export { ChangesQuery, type ChangedAccount, type PeriodChanges } from './queries/changes.js';
export { ClosePreviewQuery, type ClosePreview } from './queries/close-preview.js';
export {
  EntriesQuery,
  PostedEntriesQuery,
  type EntryLine,
  type LedgerEntry,
} from './queries/entries.js';
export { KnownDayQuery, KnownPositionQuery, PostedEventQuery } from './queries/known-position.js';
export { StatementQuery, type Statement, type StatementLine } from './queries/statement.js';
export { TrialBalanceQuery, trialBalance, trialBalanceHash } from './queries/trial-balance.js';
