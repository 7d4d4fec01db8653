import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { directoryEvents, placeEvents } from '#directory';
import { fundingEvents } from '#funding';
import { referralEvents } from '#referral';
import { eventCatalogueText } from './testing/event-catalogue.js';
import { eventCatalogue } from './wayledger.js';

const FILE = 'docs/events.md';

describe('the catalogue of events', () => {
  test('is what the code says; `npm run docs` writes it anew', () => {
    const text = eventCatalogueText([
      { title: 'The referral', streams: 'referral-…', events: referralEvents },
      {
        title: 'Money that is not of a referral',
        streams: 'fund-…, budget-…, agreement-…, books-…',
        events: fundingEvents,
      },
      {
        title: 'The directory',
        streams: 'organisation-…, linkworker-…, service-…',
        events: directoryEvents,
      },
      { title: 'Places', streams: 'places-…', events: placeEvents },
    ]);
    if (process.env['UPDATE_DOCS'] !== undefined) writeFileSync(FILE, text);
    expect(readFileSync(FILE, 'utf8')).toBe(text);
    for (const type of Object.keys(eventCatalogue)) expect(text).toContain(`### ${type}\n`);
  });

  test.each(Object.entries(eventCatalogue))('%s says in a sentence what it is', (_, { about }) => {
    expect(about).toMatch(/^[A-Z].*\.$/u);
  });
});
