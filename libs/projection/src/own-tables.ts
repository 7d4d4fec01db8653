import type { TypeNames } from './table-sql.js';

/** What the builders of read models know, beside the read models themselves. */
export interface OwnTables {
  generation: {
    projection: string;
    generation: bigint;
    version: bigint;
    /**
     * `building`; `active`: it serves; `retired`: it did, and its tables go when nobody reads them;
     * `dropped`: its number is never given again.
     */
    status: string;
    /** Names of its tables, as JSON. */
    tables: string;
    touched_at: string;
    /** Counts what was written to its tables: whoever writes names the one it builds on. */
    revision: bigint;
  };
  checkpoint: {
    projection: string;
    generation: bigint;
    partition: bigint;
    position: bigint;
    /** Why it stopped; empty while it runs. */
    stopped: string | null;
  };
  parked: {
    projection: string;
    generation: bigint;
    stream: string;
    version: bigint;
    reason: string;
  };
  /** One row: the furthest event of the log that any of the tables knows of. */
  followed: { one: bigint; stream: string; version: bigint; position: bigint; event: string };
  timer: { process: string; item: string; due_at: string };
}

/** Statements for either database, in its own words for the types. */
export function ownTables({ text, integer }: TypeNames): readonly string[] {
  return [
    `CREATE TABLE generation (
      projection ${text} NOT NULL, generation ${integer} NOT NULL, version ${integer} NOT NULL,
      status ${text} NOT NULL, tables ${text} NOT NULL, touched_at ${text} NOT NULL,
      revision ${integer} NOT NULL, PRIMARY KEY (projection, generation))`,
    `CREATE TABLE checkpoint (
      projection ${text} NOT NULL, generation ${integer} NOT NULL, partition ${integer} NOT NULL,
      position ${integer} NOT NULL, stopped ${text}, PRIMARY KEY (projection, generation, partition))`,
    `CREATE TABLE parked (
      projection ${text} NOT NULL, generation ${integer} NOT NULL, stream ${text} NOT NULL,
      version ${integer} NOT NULL, reason ${text} NOT NULL,
      PRIMARY KEY (projection, generation, stream))`,
    `CREATE TABLE followed (
      one ${integer} PRIMARY KEY CHECK (one = 1), stream ${text} NOT NULL, version ${integer} NOT NULL,
      position ${integer} NOT NULL, event ${text} NOT NULL)`,
    `CREATE TABLE timer (
      process ${text} NOT NULL, item ${text} NOT NULL, due_at ${text} NOT NULL,
      PRIMARY KEY (process, item))`,
  ];
}
