import { expect } from '@jest/globals';
import { describeGoldenFiles } from '#event-log/conformance';
import { directoryEvents, type DirectoryFact } from './events.js';
import { placeEvents, type PlaceFact } from './place-events.js';
import { evolvePlaces, noPlaces } from './places.js';
import { evolve, initialState } from './state.js';

const events = { ...directoryEvents, ...placeEvents };

describeGoldenFiles(events, 'libs/directory/src/domain/golden', (fact) => {
  const { type, data } = fact;
  if (type in directoryEvents) {
    // The catalogue's own key says which of the two it is.
    expect(evolve(initialState, fact as DirectoryFact)).toEqual({ type, data });
  } else expect(evolvePlaces(noPlaces, fact as PlaceFact).facts).toBe(1);
});
