import { PostgresAddressRefused, isPostgresAddress, parsePostgresAddress } from '#postgres';
import type { PostgresAddress } from '#postgres';

/** Where a store is, as given, cannot be used. The message holds no password. */
export class StoreAddressRefused extends Error {
  override readonly name = 'StoreAddressRefused';
}

/** A file, or a database on a server. */
export type Place = { readonly file: string } | { readonly server: PostgresAddress };

const SQLITE = 'sqlite:';

/**
 * `sqlite:<file>` or `postgres://…`.
 * @param what is there, in the plural
 * @throws StoreAddressRefused
 */
export function placeIn(text: string, what: string): Place {
  if (isPostgresAddress(text)) {
    try {
      return { server: parsePostgresAddress(text) };
    } catch (error) {
      if (!(error instanceof PostgresAddressRefused)) throw error;
      throw new StoreAddressRefused(error.message, { cause: error });
    }
  }
  const file = text.startsWith(SQLITE) ? text.slice(SQLITE.length) : '';
  if (file !== '') return { file };
  // The text is not repeated: a misspelt address has its password somewhere.
  throw new StoreAddressRefused(
    `${what} are given as sqlite:<file> or as postgres://…: what was given is neither.`,
  );
}

/** For messages, without credentials. */
export function describePlace(place: Place): string {
  return 'file' in place ? `${SQLITE}${place.file}` : place.server.described;
}
