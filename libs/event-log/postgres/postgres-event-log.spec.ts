import { describeEventLog } from '#event-log/conformance';
import { postgresFixture } from './testing/postgres-fixture.js';

describeEventLog('postgres', postgresFixture);
