import { isDeepStrictEqual } from 'node:util';
import { refuse, type Decision } from '#kernel';
import type { DirectoryEvent } from './events.js';
import type { EntryState } from './state.js';

/** Registers what is new; the same again is nothing, something else under its slug is refused. */
export function register(state: EntryState, event: DirectoryEvent): Decision<DirectoryEvent> {
  if (state === null) return [event];
  if (isDeepStrictEqual({ ...state.data }, { ...event.data })) return [];
  return refuse(
    'slug-taken',
    'This slug is registered already with other particulars: choose another slug.',
    { field: Object.keys(event.data)[0] ?? 'id' },
  );
}
