/** A place in the log: rises in commit order; 0n lies before the first event. */
export type Position = bigint;
export const LOG_START: Position = 0n;

/** What the writer saw as the last version of the stream; versions count from 0. */
export type ExpectedVersion = 'none' | number;
