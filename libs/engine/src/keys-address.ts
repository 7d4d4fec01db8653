import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Clock } from '#kernel';
import { makeFolder } from '#event-log/sqlite';
import {
  hasPostgresKeyStore,
  openPostgresKeyStore,
  openSqliteKeyStore,
  type KeyStore,
} from '#people';
import { describePlace, placeIn, type Place } from './store-address.js';

/** Where the keys are. Nothing is opened or made before `open`. */
export interface KeysAddress {
  /** For messages, without credentials. */
  describe(): string;
  /**
   * Whether a key store is there, be it empty. Makes none.
   * @throws KeyStoreBusy, KeyStoreRefused
   */
  exists(): Promise<boolean>;
  /**
   * Makes what is not there.
   * @throws KeyStoreBusy, KeyStoreRefused
   */
  open(clock: Clock): Promise<KeyStore>;
}

/** The keys of the embedded store. */
export function keysInFolder(data: string): KeysAddress {
  return keysAt({ file: join(data, 'keys.db') });
}

/**
 * The keys that a command line or its environment names; `undefined` when they name none.
 * @throws StoreAddressRefused
 */
export function givenKeys(text: string | undefined): KeysAddress | undefined {
  return text === undefined ? undefined : keysAt(placeIn(text, 'Keys'));
}

function keysAt(place: Place): KeysAddress {
  const describe = () => describePlace(place);
  if ('server' in place) {
    return {
      describe,
      exists: () => hasPostgresKeyStore(place.server),
      open: (clock) => openPostgresKeyStore({ address: place.server, clock }),
    };
  }
  const path = place.file;
  return {
    describe,
    exists: () => Promise.resolve(existsSync(path)),
    open(clock) {
      makeFolder(dirname(path));
      return openSqliteKeyStore({ path, clock });
    },
  };
}
