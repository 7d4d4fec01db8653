import { expect } from '@jest/globals';
import { describeGoldenFiles } from '#event-log/conformance';
import { directoryEvents } from './events.js';
import { evolve, initialState } from './state.js';

describeGoldenFiles(directoryEvents, 'libs/directory/src/domain/golden', (fact) => {
  const { type, data } = fact;
  expect(evolve(initialState, fact)).toEqual({ type, data });
});
