import { Module } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import {
  COMMAND_HASHER,
  Codec,
  EVENT_LOG,
  SEALER,
  Streams,
  type CommandHasher,
  type EventLog,
  type Fold,
  type Sealer,
} from '#event-log';
import { DirectoryModule } from '#directory';
import { Funding } from './commands/funding.js';
import { OpenBudget, OpenBudgetHandler } from './commands/open-budget.js';
import { ReceiveFund, ReceiveFundHandler } from './commands/receive-fund.js';
import { SignAgreement, SignAgreementHandler } from './commands/sign-agreement.js';
import { fundingEvents } from './domain/events.js';
import { evolve, initialState, type FundingState } from './domain/state.js';
import { BalancesHandler } from './queries/balances.js';
import { EntriesHandler } from './queries/entries.js';

/** Commands by the name under which they are given. */
export const fundingCommands = { ReceiveFund, OpenBudget, SignAgreement };

@Module({
  imports: [CqrsModule, DirectoryModule],
  providers: [
    {
      provide: Funding,
      inject: [EVENT_LOG, SEALER, COMMAND_HASHER],
      useFactory: (log: EventLog, sealer: Sealer, hasher: CommandHasher) => {
        const fold: Fold<typeof fundingEvents, FundingState> = { initialState, evolve };
        const codec = new Codec(fundingEvents, sealer);
        return new Funding(new Streams(log, codec, hasher, fold, 'folded'));
      },
    },
    ReceiveFundHandler,
    OpenBudgetHandler,
    SignAgreementHandler,
    BalancesHandler,
    EntriesHandler,
  ],
  exports: [Funding],
})
export class FundingModule {}
