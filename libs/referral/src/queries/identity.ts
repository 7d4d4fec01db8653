import type { EventId, PersonId } from '#kernel';
import { SealBroken, open, type KeyStore, type SealPlace } from '#people';
import { standing } from '../domain/entries.js';
import type { Referral } from '../domain/state.js';
import type { SealedIdentities } from '../projections/identity.js';

/** Opens what a read model carries sealed, at the moment it is read. */
export class IdentityReader {
  constructor(private readonly keys: KeyStore) {}

  /**
   * As it was amended, if it was and the amendment holds; `erased` once the key is gone,
   * `unreadable` under another, `null` where none was given.
   */
  async nameOf(
    [brought, ...amendments]: SealedIdentities,
    { corrections }: Pick<Referral, 'corrections'>,
  ): Promise<string | null> {
    const holds = brought && standing(corrections, brought.event as EventId)?.event;
    const amendment = amendments.find(({ event }) => event === holds);
    const source = amendment?.fields['name'] === undefined ? brought : amendment;
    const name = source?.fields['name'];
    if (source === undefined || name === undefined) return null;
    const { event, type, person } = source;
    const place = { person: person as PersonId, event: event as EventId, type };
    const opened = await this.opened(place, name);
    if (typeof opened === 'string') return opened;
    return typeof opened['name'] === 'string' ? opened['name'] : null;
  }

  /** One seal that does not open must not hide the rest of a list. */
  private async opened(place: SealPlace, name: string) {
    try {
      return await open(this.keys, place, { name });
    } catch (error) {
      if (error instanceof SealBroken) return 'unreadable';
      throw error;
    }
  }
}
