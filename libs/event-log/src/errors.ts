import type { StreamName } from '#kernel';
import type { ExpectedVersion } from './place.js';

/** The stream was not where the writer thought it was. */
export class VersionConflict extends Error {
  override readonly name = 'VersionConflict';

  constructor(
    readonly stream: StreamName,
    readonly expected: ExpectedVersion,
    readonly actual: ExpectedVersion,
  ) {
    super(`${stream} was expected at version ${expected} and is at ${actual}`);
  }
}

/** Something about the events themselves, or how they were asked for, cannot be accepted. */
export class EventRefused extends Error {
  override readonly name = 'EventRefused';
}

/** The store did not answer. `mayBeWritten`: nobody knows yet; the same append again settles it. */
export class LogUnavailable extends Error {
  override readonly name = 'LogUnavailable';

  constructor(
    message: string,
    readonly mayBeWritten: boolean,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** What the store holds is not what was written, or not what this version can read. */
export class LogDamaged extends Error {
  override readonly name = 'LogDamaged';
}

/** Where the log is, as given, cannot be used. The message holds no password. */
export class LogAddressRefused extends Error {
  override readonly name = 'LogAddressRefused';
}
