import type { DirectoryEvent, DirectoryFact } from './events.js';

/** One entry of the directory as it stands: its newest registration; `null` before the first. */
export type EntryState = DirectoryEvent | null;

export const initialState: EntryState = null;

export function evolve(_state: EntryState, fact: DirectoryFact): EntryState {
  const { type, data } = fact;
  return { type, data } as DirectoryEvent; // The pair comes from one fact: they belong together.
}
