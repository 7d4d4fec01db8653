import { expect } from '@jest/globals';
import { describeGoldenFiles } from '#event-log/conformance';
import { fundingEvents } from './events.js';
import { evolve, initialState } from './state.js';

describeGoldenFiles(fundingEvents, 'libs/funding/src/domain/golden', (fact) => {
  const begins = ['FundReceived', 'BudgetOpened', 'AgreementSigned'].includes(fact.type);
  expect(evolve(initialState, fact) !== null).toBe(begins);
});
