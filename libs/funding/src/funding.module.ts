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
import { ViewsDatabase } from '#projection';
import { ApproveVirement, ApproveVirementHandler } from './commands/approve-virement.js';
import { AwardCapacity, AwardCapacityHandler } from './commands/award-capacity.js';
import { BuyTraining, BuyTrainingHandler } from './commands/buy-training.js';
import { ChangeBudget, ChangeBudgetHandler } from './commands/change-budget.js';
import { ChangeTerms, ChangeTermsHandler } from './commands/change-terms.js';
import { ClosePeriod, ClosePeriodHandler } from './commands/close-period.js';
import { CATCH_UP, Closing, type CatchUp } from './commands/closing.js';
import { EndAgreement, EndAgreementHandler } from './commands/end-agreement.js';
import { EvidenceMilestone, EvidenceMilestoneHandler } from './commands/evidence-milestone.js';
import { Funding } from './commands/funding.js';
import { OpenBudget, OpenBudgetHandler } from './commands/open-budget.js';
import { ReceiveFund, ReceiveFundHandler } from './commands/receive-fund.js';
import { RecallFunds, RecallFundsHandler } from './commands/recall-funds.js';
import {
  RecordOpeningBalance,
  RecordOpeningBalanceHandler,
} from './commands/record-opening-balance.js';
import { SignAgreement, SignAgreementHandler } from './commands/sign-agreement.js';
import { fundingEvents } from './domain/events.js';
import { evolveBooks, noCloses } from './domain/periods.js';
import { evolve, initialState, type FundingState } from './domain/state.js';
import { BalancesHandler } from './queries/balances.js';
import { ChangesHandler } from './queries/changes.js';
import { EntriesHandler, PostedEntriesHandler } from './queries/entries.js';
import {
  KnownDayHandler,
  KnownPositionHandler,
  PostedEventHandler,
} from './queries/known-position.js';
import { ClosePreviewHandler } from './queries/close-preview.js';
import { StatementHandler } from './queries/statement.js';
import { TrialBalanceHandler } from './queries/trial-balance.js';

/** Commands by the name under which they are given. */
export const fundingCommands = {
  ReceiveFund,
  OpenBudget,
  ChangeBudget,
  ApproveVirement,
  RecallFunds,
  AwardCapacity,
  EvidenceMilestone,
  BuyTraining,
  RecordOpeningBalance,
  SignAgreement,
  ChangeTerms,
  EndAgreement,
  ClosePeriod,
};

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
    {
      provide: Closing,
      inject: [EVENT_LOG, SEALER, COMMAND_HASHER, ViewsDatabase, CATCH_UP],
      useFactory: (
        log: EventLog,
        sealer: Sealer,
        hasher: CommandHasher,
        views: ViewsDatabase,
        catchUp: CatchUp,
      ) => {
        const fold = { initialState: noCloses, evolve: evolveBooks };
        const streams = new Streams(log, new Codec(fundingEvents, sealer), hasher, fold);
        return new Closing(streams, views, catchUp);
      },
    },
    ReceiveFundHandler,
    OpenBudgetHandler,
    ChangeBudgetHandler,
    ApproveVirementHandler,
    RecallFundsHandler,
    AwardCapacityHandler,
    EvidenceMilestoneHandler,
    BuyTrainingHandler,
    RecordOpeningBalanceHandler,
    SignAgreementHandler,
    ChangeTermsHandler,
    EndAgreementHandler,
    ClosePeriodHandler,
    BalancesHandler,
    EntriesHandler,
    PostedEntriesHandler,
    KnownPositionHandler,
    KnownDayHandler,
    PostedEventHandler,
    TrialBalanceHandler,
    ClosePreviewHandler,
    ChangesHandler,
    StatementHandler,
  ],
  exports: [Funding],
})
export class FundingModule {}
