import { createHash } from 'node:crypto';
import type { StoredEvent } from './stored-event.js';

/**
 * What a log says, as one number: SHA-256 over its events in log order, all their texts to the
 * byte. Positions are the store's own and left out, so that copies of a log have the same.
 */
export class LogHash {
  events = 0;
  private readonly hash = createHash('sha256');

  /** In log order. */
  add(event: StoredEvent): void {
    this.events += 1;
    const { stream, version, id, type, schemaVersion, data, metadata } = event;
    const parts = [stream, `${version}`, id, type, `${schemaVersion}`];
    let all = '';
    // A length in bytes before each part: no two logs come to the same text.
    for (const part of [...parts, data, event.protected, metadata]) {
      all += `${Buffer.byteLength(part)}:${part}`;
    }
    this.hash.update(all);
  }

  /** 64 hexadecimal digits, of what was added so far. */
  digest(): string {
    return this.hash.copy().digest('hex');
  }
}
