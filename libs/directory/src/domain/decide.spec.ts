import { describe, expect, test } from '@jest/globals';
import type { Slug } from '#kernel';
import { register } from './decide.js';
import type { DirectoryEvent, DirectoryFact } from './events.js';
import { evolve, initialState } from './state.js';

const allotments: DirectoryEvent = {
  type: 'OrganisationRegistered',
  data: { organisation: 'allot' as Slug, name: 'Hill Lane Allotments', roles: ['provider'] },
};
const jo: DirectoryEvent = {
  type: 'LinkWorkerRegistered',
  data: { linkWorker: 'jo' as Slug, employer: 'north' as Slug },
};
const gardening: DirectoryEvent = {
  type: 'ServiceRegistered',
  data: { service: 'gardening' as Slug, provider: 'allot' as Slug, name: 'Gardening' },
};

/** What the log gives back. */
function registered(event: DirectoryEvent) {
  const data = JSON.parse(JSON.stringify(event.data)) as DirectoryEvent['data'];
  return evolve(initialState, { type: event.type, data } as DirectoryFact);
}

describe('registering in the directory', () => {
  test.each([allotments, jo, gardening])('what is new is registered: $type', (event) => {
    expect(register(initialState, event)).toEqual([event]);
  });

  test.each([allotments, jo, gardening])('the same entry again is nothing new: $type', (event) => {
    expect(register(registered(event), event)).toEqual([]);
  });

  test.each([
    [allotments, { name: 'Another' }, 'organisation'],
    [allotments, { roles: ['provider', 'anchor'] }, 'organisation'],
    [jo, { employer: 'south' }, 'linkWorker'],
    [gardening, { name: 'Digging' }, 'service'],
  ])('%j with %j is another one under the same slug, and refused', (event, other, field) => {
    const another = { ...event, data: { ...event.data, ...other } } as DirectoryEvent;
    expect(register(registered(event), another)).toMatchObject({ code: 'slug-taken', field });
  });

  test('an entry stands as it was registered last, whatever the log holds', () => {
    const facts = [allotments, jo, { type: 'NewerFact', data: {} }] as unknown as DirectoryFact[];
    expect(facts.reduce(evolve, initialState)).toEqual({ type: 'NewerFact', data: {} });
    expect(facts.slice(0, 1).reduce(evolve, initialState)).toEqual(allotments);
  });
});
