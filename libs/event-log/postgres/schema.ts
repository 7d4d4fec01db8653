import { schemaName, type OwnSchema } from '#postgres';

/** "WayL": the first half of the key of the advisory lock that appends take. */
const LOCK_CLASS = 0x5761794c;
/** Between the texts of a list: JSON texts, names and types never hold a raw control character. */
export const SEPARATOR = '\u001e';

/** What is in the database, of one namespace. A schema of its own; its name needs no quotes. */
export class LogSchema implements OwnSchema {
  readonly name: string;
  readonly called = 'an event log';
  readonly meta = ['event log of Wayledger', 1n] as const;
  readonly replacesOlder = false;

  constructor(readonly namespace: string) {
    this.name = schemaName('log', namespace);
  }

  get creation(): string {
    return [tables(this.name), guards(this.name), appending(this.name)].join('\n');
  }
}

/**
 * Events have no index on their ids: an id is looked for only at its place in its stream, and an
 * index on it would cost every append.
 */
function tables(schema: string): string {
  return `
    CREATE TABLE ${schema}.streams (
      no   bigint PRIMARY KEY CHECK (no > 0),
      name text COLLATE "C" NOT NULL UNIQUE
    );

    CREATE TABLE ${schema}.events (
      position       bigint PRIMARY KEY CHECK (position > 0),
      stream         bigint NOT NULL,
      version        bigint NOT NULL CHECK (version >= 0),
      id             uuid NOT NULL,
      type           text COLLATE "C" NOT NULL,
      schema_version integer NOT NULL,
      data           text COLLATE "C" NOT NULL,
      protected      text COLLATE "C" NOT NULL,
      metadata       text COLLATE "C" NOT NULL,
      crc            bigint NOT NULL,
      CONSTRAINT events_by_stream UNIQUE (stream, version)
    );`;
}

/**
 * Plans are made once a connection, and kept: they must do for tables of any size. So each table is
 * reached by its index, and lists are joined by hashing, however small they were.
 */
const PLANS = `SET plan_cache_mode = force_generic_plan
    SET enable_seqscan = off SET enable_nestloop = off`;

/**
 * Nothing is changed or deleted, and nothing is added but at the end: checked once a statement, by
 * look-ups in indexes alone. Positions have no gap, so who writes past the lock can only collide.
 */
function guards(schema: string): string {
  const keep = (table: string, what: string) => `
    CREATE TRIGGER ${table}_stay BEFORE UPDATE OR DELETE OR TRUNCATE ON ${schema}.${table}
      FOR EACH STATEMENT EXECUTE FUNCTION ${schema}.refuse('${what}');`;
  return `
    CREATE FUNCTION ${schema}.refuse() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      RAISE EXCEPTION '% of the event log cannot be changed or deleted', TG_ARGV[0];
    END $$;
    ${keep('events', 'an event')}
    ${keep('streams', 'a stream')}

    CREATE FUNCTION ${schema}.follow() RETURNS trigger LANGUAGE plpgsql
    ${PLANS} AS $$
    DECLARE
      lowest bigint;
      highest bigint;
      added_events bigint;
    BEGIN
      SELECT min(a.position), max(a.position), count(*) INTO lowest, highest, added_events
        FROM added a;
      IF added_events = 0 THEN
        RETURN NULL;
      END IF;
      IF highest <> (SELECT max(e.position) FROM ${schema}.events e)
        OR highest - lowest + 1 <> added_events
        OR lowest > 1 AND NOT EXISTS
          (SELECT FROM ${schema}.events e WHERE e.position = lowest - 1)
      THEN
        RAISE EXCEPTION 'an event comes after the last one of the log';
      END IF;
      IF EXISTS (
        SELECT FROM added a WHERE
          CASE a.version
            WHEN 0 THEN (SELECT s.no FROM ${schema}.streams s WHERE s.no = a.stream)
            ELSE (SELECT e.version FROM ${schema}.events e
                  WHERE e.stream = a.stream AND e.version = a.version - 1)
          END IS NULL
      ) THEN
        RAISE EXCEPTION 'an event follows the last one of its stream';
      END IF;
      RETURN NULL;
    END $$;
    CREATE TRIGGER events_follow AFTER INSERT ON ${schema}.events
      REFERENCING NEW TABLE AS added
      FOR EACH STATEMENT EXECUTE FUNCTION ${schema}.follow();`;
}

/**
 * A whole batch in one call, which is its own transaction: nobody holds the lock while the network,
 * or a process that was stopped, keeps it waiting. The lock is taken before the head is looked at:
 * each statement here sees what was committed before it began.
 *
 * Who knows where the head is, and at that head the numbers of his streams, need not have anything
 * looked up: while the head is the one given, nobody else has written. `given_begun` are the
 * requests that begin a stream. Then it answers nothing: all was written, in the order given.
 *
 * Otherwise it answers, a row a request in their order: the stream's number and its last version as
 * they were found or are made, the position of the last event written, null where that was not the
 * version expected, and where the log and the streams end now.
 */
function appending(schema: string): string {
  return `
    CREATE FUNCTION ${schema}.append(
      lock_wait_ms integer, given_head bigint, given_nos bigint[], given_begun integer[],
      given_names text, given_expected bigint[], given_counts integer[],
      given_requests integer[], given_nths integer[], given_ids uuid[], given_types text,
      given_schema_versions integer[], given_data text, given_protected text, given_metadata text,
      given_crcs bigint[]
    ) RETURNS TABLE (
      stream_no bigint, last_version bigint, last_position bigint, log_end bigint, streams_end bigint
    ) LANGUAGE plpgsql
    ${PLANS} AS $$
    DECLARE
      head bigint;
      stream_head bigint;
      names text[] := string_to_array(given_names, E'\\x1e');
    BEGIN
      IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'the event log is written in READ COMMITTED, not in %',
          current_setting('transaction_isolation') USING ERRCODE = 'invalid_transaction_state';
      END IF;
      IF current_setting('synchronous_commit') = 'off' THEN
        PERFORM set_config('synchronous_commit', 'on', true);
      END IF;
      PERFORM set_config('lock_timeout', lock_wait_ms::text, true);
      PERFORM pg_advisory_xact_lock(${LOCK_CLASS}, '${schema}'::regnamespace::oid::integer);
      head := coalesce((SELECT max(e.position) FROM ${schema}.events e), 0);
      IF head = given_head AND NOT EXISTS (
        SELECT FROM unnest(given_begun) b (n)
        WHERE (SELECT s.no FROM ${schema}.streams s WHERE s.name = names[b.n]) IS NOT NULL
      ) THEN
        ${writingAsGiven(schema)}
        RETURN;
      END IF;
      stream_head := coalesce((SELECT max(s.no) FROM ${schema}.streams s), 0);
      ${writingWhatIsFound(schema)}
    END $$;`;
}

const GIVEN_EVENTS = `unnest(
        given_requests, given_nths, given_ids, string_to_array(given_types, E'\\x1e'),
        given_schema_versions, string_to_array(given_data, E'\\x1e'),
        string_to_array(given_protected, E'\\x1e'), string_to_array(given_metadata, E'\\x1e'),
        given_crcs)`;

/** Every stream is where the caller says, and has the number he says. */
function writingAsGiven(schema: string): string {
  return `IF given_begun <> '{}' THEN
          INSERT INTO ${schema}.streams (no, name)
          SELECT given_nos[b.n], names[b.n] FROM unnest(given_begun) b (n);
        END IF;
        INSERT INTO ${schema}.events
        SELECT head + e.n, given_nos[e.request], given_expected[e.request] + e.nth, e.id, e.type,
               e.schema_version, e.data, e.protected, e.metadata, e.crc
        FROM ${GIVEN_EVENTS} WITH ORDINALITY
          e (request, nth, id, type, schema_version, data, protected, metadata, crc, n);`;
}

/** Every stream is looked up, and written to only where it is at the version expected. */
function writingWhatIsFound(schema: string): string {
  return `RETURN QUERY
      WITH given AS (
        SELECT r.n, r.name, r.expected, r.count,
               (SELECT s.no FROM ${schema}.streams s WHERE s.name = r.name) AS no
        FROM unnest(names, given_expected, given_counts)
          WITH ORDINALITY r (name, expected, count, n)
      ),
      request AS MATERIALIZED (
        SELECT g.*, coalesce(
          (SELECT e.version FROM ${schema}.events e WHERE e.stream = g.no
           ORDER BY e.version DESC LIMIT 1), -1) AS last
        FROM given g
      ),
      accepted AS MATERIALIZED (
        SELECT r.n, r.name, r.expected, r.no IS NULL AS is_new,
               coalesce(r.no, stream_head + count(*) FILTER (WHERE r.no IS NULL) OVER w) AS no,
               head + sum(r.count) OVER w AS through,
               head + sum(r.count) OVER w - r.count AS after
        FROM request r WHERE r.last = r.expected
        WINDOW w AS (ORDER BY r.n)
      ),
      created AS (
        INSERT INTO ${schema}.streams (no, name)
        SELECT a.no, a.name FROM accepted a WHERE a.is_new
      ),
      written AS (
        INSERT INTO ${schema}.events
        SELECT a.after + e.nth, a.no, a.expected + e.nth, e.id, e.type, e.schema_version,
               e.data, e.protected, e.metadata, e.crc
        FROM ${GIVEN_EVENTS}
          e (request, nth, id, type, schema_version, data, protected, metadata, crc)
        JOIN accepted a ON a.n = e.request
      )
      SELECT coalesce(a.no, r.no), r.last, a.through::bigint,
             greatest(head, (SELECT max(b.through) FROM accepted b)::bigint),
             greatest(stream_head, (SELECT max(b.no) FROM accepted b)::bigint)
      FROM request r LEFT JOIN accepted a ON a.n = r.n ORDER BY r.n;`;
}
