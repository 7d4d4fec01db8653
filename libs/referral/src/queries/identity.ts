import type { EventId, PersonId } from '#kernel';
import { open, type KeyStore } from '#people';
import type { SealedIdentity } from '../projections/referral.js';

/** Opens what a read model carries sealed, at the moment it is read. */
export class IdentityReader {
  constructor(private readonly keys: KeyStore) {}

  /** `erased` once the key is gone, `null` where no name was given. */
  async nameOf(identity: string): Promise<string | null> {
    const { event, type, person, fields } = JSON.parse(identity) as SealedIdentity;
    const { name } = fields;
    if (name === undefined) return null;
    const place = { person: person as PersonId, event: event as EventId, type };
    const opened = await open(this.keys, place, { name });
    if (opened === 'erased') return 'erased';
    return typeof opened['name'] === 'string' ? opened['name'] : null;
  }
}
