import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Codec, Streams, type EventLog, type StoredEvent, type StreamLog } from '#event-log';
import { openSqliteEventLog } from '#event-log/sqlite';
import { deriveId, systemClock, type CommandMeta, type PersonId, type ReferralId } from '#kernel';
import { Places, evolvePlaces, noPlaces, placeEvents } from '#directory';
import { commandHasherWith, openSqliteKeyStore, sealerWith, type KeyStore } from '#people';
import { referralEvents, type ReferralFact } from '../../domain/events.js';
import { Schemes } from '../../domain/scheme.js';
import { evolve } from '../../domain/evolve.js';
import { initialState, type ReferralState } from '../../domain/state.js';
import { BROAD, SPRING, noonOf } from '../../domain/testing/cast.js';
import { day } from '../../domain/testing/given.js';
import { PATIENT } from '../../domain/testing/waiting.js';
import { Referrals } from '../referrals.js';
import type { Reservations } from '../reservations.js';

/** What one process has open of a data folder: several may be open at once. */
export interface House {
  readonly referrals: Referrals;
  readonly log: EventLog;
  readonly keys: KeyStore;
  /** What the budgets were told. */
  readonly settled: readonly (readonly ReferralFact[])[];
}

export interface Street {
  readonly folder: string;
  open(wrap?: (log: EventLog) => StreamLog): Promise<House>;
  remove(): Promise<void>;
}

/** A data folder of its own, with the stores that ship. */
export function newStreet(): Street {
  const folder = mkdtempSync(join(tmpdir(), 'wayledger-referral-'));
  const closers: (() => Promise<void>)[] = [];
  return {
    folder,
    async open(wrap = (log) => log) {
      const log = await openSqliteEventLog({ path: join(folder, 'log.db') });
      const keys = await openSqliteKeyStore({ path: join(folder, 'keys.db'), clock: systemClock });
      closers.push(
        () => log.close(),
        async () => {
          await keys.close();
        },
      );
      const fold = { initialState, evolve };
      const codec = new Codec(referralEvents, sealerWith(keys));
      const settled: (readonly ReferralFact[])[] = [];
      const hasher = commandHasherWith(keys);
      const streams = new Streams<typeof referralEvents, ReferralState>(
        wrap(log),
        codec,
        hasher,
        fold,
      );
      const schemes = new Schemes([SPRING, BROAD, PATIENT]);
      const placeFold = { initialState: noPlaces, evolve: evolvePlaces };
      const placeCodec = new Codec(placeEvents, sealerWith(keys));
      const places = new Places(new Streams(wrap(log), placeCodec, hasher, placeFold));
      const referrals = new Referrals(streams, free(settled), places, schemes);
      return { log, keys, settled, referrals };
    },
    async remove() {
      for (const close of closers) await close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The money side of a town where every service is free. */
function free(settled: (readonly ReferralFact[])[]): Reservations {
  return {
    quote: () => Promise.reject(new Error('Nothing here has a price')),
    laterTerms: () => Promise.resolve([]),
    reserve: () => Promise.resolve([]),
    settle: async (_history, added) => {
      settled.push(added);
    },
  };
}

/** A command under an id that follows from its name. */
export function metaOf(
  name: string,
  on: string,
  { told = on, content = name, ifVersion }: Telling = {},
): CommandMeta {
  const { actor, today, on: occurredOn } = day(on, { told });
  return {
    commandId: deriveId<'command'>('command', name),
    correlationId: deriveId<'correlation'>('correlation', name),
    actor,
    occurredOn,
    recordedAt: noonOf(today),
    canonical: JSON.stringify({ content }),
    ...(ifVersion !== undefined && { ifVersion }),
  };
}
interface Telling {
  readonly told?: string;
  readonly content?: string;
  readonly ifVersion?: number;
}

export const referralId = (name: string): ReferralId => deriveId<'referral'>('referral', name);
export const personId = (name: string): PersonId => deriveId<'person'>('person', name);

/** Everything in the log, as texts. */
export async function everything({ log }: House): Promise<readonly StoredEvent[]> {
  const all: StoredEvent[] = [];
  for await (const page of log.readLog({ after: 0n, max: 500 })) all.push(...page);
  return all;
}
