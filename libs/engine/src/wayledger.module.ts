import { fileURLToPath } from 'node:url';
import { Global, Module, type DynamicModule } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import { COMMAND_HASHER, EVENT_LOG, SEALER, type ReadableLog, type StreamLog } from '#event-log';
import { DirectoryModule } from '#directory';
import { CATCH_UP, Funding, FundingModule, type CatchUp } from '#funding';
import { KEY_STORE, commandHasherWith, sealerWith, type KeyStore } from '#people';
import { ViewsDatabase } from '#projection';
import { RESERVATIONS, ReferralModule, SCHEMES_FOLDER } from '#referral';

/** The scheme files that come with Wayledger. */
export const SHIPPED_SCHEMES = fileURLToPath(new URL('../../../../schemes', import.meta.url));

export interface Stores {
  readonly log: StreamLog & ReadableLog;
  readonly keys: KeyStore;
  readonly views: ViewsDatabase;
  /** Brings the read models up to the log. */
  readonly catchUp: CatchUp;
}

@Global()
@Module({})
class StoresModule {
  static with({ log, keys, views, catchUp }: Stores): DynamicModule {
    return {
      module: StoresModule,
      providers: [
        { provide: EVENT_LOG, useValue: log },
        { provide: KEY_STORE, useValue: keys },
        { provide: SEALER, useValue: sealerWith(keys) },
        { provide: COMMAND_HASHER, useValue: commandHasherWith(keys) },
        { provide: ViewsDatabase, useValue: views },
        { provide: SCHEMES_FOLDER, useValue: SHIPPED_SCHEMES },
        { provide: CATCH_UP, useValue: catchUp },
      ],
      exports: [
        EVENT_LOG,
        KEY_STORE,
        SEALER,
        COMMAND_HASHER,
        ViewsDatabase,
        SCHEMES_FOLDER,
        CATCH_UP,
      ],
    };
  }
}

/** What the referral slice asks of the money is answered by the funding slice. */
@Global()
@Module({
  imports: [FundingModule],
  providers: [{ provide: RESERVATIONS, useExisting: Funding }],
  exports: [RESERVATIONS],
})
class ReservationsModule {}

@Module({})
export class WayledgerModule {
  static with(stores: Stores): DynamicModule {
    return {
      module: WayledgerModule,
      imports: [
        CqrsModule.forRoot(),
        StoresModule.with(stores),
        ReservationsModule,
        DirectoryModule,
        ReferralModule,
        FundingModule,
      ],
    };
  }
}
