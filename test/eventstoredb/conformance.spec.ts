import { describeEventLog } from '#event-log/conformance';
import { eventStoreDbFixture } from './support/fixture.js';

describeEventLog('eventstoredb', () => eventStoreDbFixture());
