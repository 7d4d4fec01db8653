import type { EventId, PersonId } from '#kernel';
import { SealBroken, open, type KeyStore, type SealPlace } from '#people';
import type { SealedIdentity } from '../projections/referral.js';

/** Opens what a read model carries sealed, at the moment it is read. */
export class IdentityReader {
  constructor(private readonly keys: KeyStore) {}

  /** `erased` once the key is gone, `unreadable` under another, `null` where none was given. */
  async nameOf(identity: string): Promise<string | null> {
    const { event, type, person, fields } = JSON.parse(identity) as SealedIdentity;
    const { name } = fields;
    if (name === undefined) return null;
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
