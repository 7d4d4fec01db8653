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
  type Sealer,
} from '#event-log';
import { DeclareCapacity, DeclareCapacityHandler } from './commands/declare-capacity.js';
import { Directory } from './commands/directory.js';
import { Places } from './commands/places.js';
import { RegisterLinkWorker, RegisterLinkWorkerHandler } from './commands/register-link-worker.js';
import {
  RegisterOrganisation,
  RegisterOrganisationHandler,
} from './commands/register-organisation.js';
import { RegisterService, RegisterServiceHandler } from './commands/register-service.js';
import { directoryEvents } from './domain/events.js';
import { placeEvents } from './domain/place-events.js';
import { evolvePlaces, noPlaces } from './domain/places.js';
import { evolve, initialState } from './domain/state.js';

/** Commands by the name under which they are given. */
export const directoryCommands = {
  RegisterOrganisation,
  RegisterLinkWorker,
  RegisterService,
  DeclareCapacity,
};

@Module({
  imports: [CqrsModule],
  providers: [
    {
      provide: Directory,
      inject: [EVENT_LOG, SEALER, COMMAND_HASHER],
      useFactory: (log: EventLog, sealer: Sealer, hasher: CommandHasher) => {
        const fold = { initialState: initialState, evolve };
        return new Directory(
          new Streams(log, new Codec(directoryEvents, sealer), hasher, fold, 'folded'),
        );
      },
    },
    {
      provide: Places,
      inject: [EVENT_LOG, SEALER, COMMAND_HASHER],
      useFactory: (log: EventLog, sealer: Sealer, hasher: CommandHasher) => {
        const fold = { initialState: noPlaces, evolve: evolvePlaces };
        return new Places(new Streams(log, new Codec(placeEvents, sealer), hasher, fold, 'folded'));
      },
    },
    RegisterOrganisationHandler,
    RegisterLinkWorkerHandler,
    RegisterServiceHandler,
    DeclareCapacityHandler,
  ],
  exports: [Directory, Places],
})
export class DirectoryModule {}
