import { setTimeout as delay } from 'node:timers/promises';
import {
  CommandRefused,
  eventIdOf,
  isRefusal,
  refuse,
  type CommandId,
  type CommandMeta,
  type Decision,
  type DecidedUnder,
  type EventCatalogue,
  type EventId,
  type EventOf,
  type Fact,
  type Metadata,
  type PersonId,
  type Slug,
  type StreamName,
} from '#kernel';
import type { Codec, RecordedFact } from './codec.js';
import { LogUnavailable, VersionConflict } from './errors.js';
import type { Appended, EventLog } from './port.js';
import type { EventToStore } from './stored-event.js';

/** The fold of one kind of stream: where it begins and what each fact changes. */
export interface Fold<C extends EventCatalogue, S> {
  readonly initialState: S;
  /** Total: it never throws on history. */
  evolve(state: S, fact: Fact<EventOf<C>>): S;
}

/** A stream as it was read: its state, its version, and the commands it already holds. */
export interface Loaded<C extends EventCatalogue, S> {
  readonly stream: StreamName;
  readonly version: number | 'none';
  readonly state: S;
  readonly facts: readonly RecordedFact<EventOf<C>>[];
  readonly commands: ReadonlyMap<CommandId, PastCommand>;
  readonly ids: ReadonlySet<EventId>;
}
interface PastCommand extends Appended {
  readonly hash: string;
}

export interface CommandResult<C extends EventCatalogue, S> extends Appended {
  /** What this command added, now or when it was first given; none when it had nothing to do. */
  readonly added: readonly Fact<EventOf<C>>[];
  /** Nothing was written: it had been answered before, or had nothing to do. */
  readonly unchanged: boolean;
  readonly state: S;
  /** The facts before those added. */
  readonly history: readonly Fact<EventOf<C>>[];
}

export interface Execution<C extends EventCatalogue, S> {
  readonly stream: StreamName;
  readonly meta: CommandMeta;
  decide(state: S): Decision<EventOf<C>>;
  /** Whose books the facts are of; directory facts have none. */
  anchor?(state: S): Slug | undefined;
  /** Whose key seals the protected fields and binds the command's hash. */
  person?(state: S): PersonId | undefined;
  decidedUnder?(state: S): DecidedUnder | undefined;
  /** What led to these facts, when it was an event and not the command. */
  readonly causation?: EventId;
  /**
   * For facts that follow from other facts: their ids come from those, and what the stream already
   * holds is left out. The command id says nothing here, as one command can cause several of them.
   */
  idOf?(event: EventOf<C>): EventId;
}

/** How long a command keeps trying against other writers, in milliseconds. */
export const COMMAND_RETRY_MS_MAX = 5_000;
const RETRY_JITTER_MS_MAX = 20;
/** Long streams whose fold is kept between commands. */
const CACHED_STREAMS_MAX = 256;

/** What deciding needs of the log. */
export type StreamLog = Pick<EventLog, 'append' | 'readStream' | 'head'>;

/** Tells commands apart without telling what they say: see the people library. */
export interface CommandHasher {
  hash(canonical: string, person?: PersonId): Promise<string>;
  /** Whether a command is the one that once had this hash. */
  matches(hash: string, canonical: string, person?: PersonId): Promise<boolean>;
}

/**
 * Load, fold, decide, append: the one way in which a command becomes facts. Inside a process the
 * commands on one stream queue up; against other processes the decision is made anew on what they
 * wrote. A command that the stream already holds is answered as it was the first time.
 */
export class Streams<C extends EventCatalogue, S> {
  private readonly queues = new Map<StreamName, Promise<unknown>>();
  private readonly cache = new Map<StreamName, Loaded<C, S>>();

  constructor(
    private readonly log: StreamLog,
    private readonly codec: Codec<C>,
    private readonly hasher: CommandHasher,
    private readonly fold: Fold<C, S>,
    /** `folded`: keep the state between commands, not the facts (for streams that grow long). */
    private readonly keep: 'facts' | 'folded' = 'facts',
  ) {}

  async load(stream: StreamName): Promise<Loaded<C, S>> {
    const before = this.cache.get(stream);
    let version = before?.version ?? 'none';
    let state = before?.state ?? this.fold.initialState;
    const facts: RecordedFact<EventOf<C>>[] = [];
    // Shared with the cached fold on purpose: it only ever grows, in stream order.
    const commands = (before?.commands ?? new Map()) as Map<CommandId, PastCommand>;
    const ids = (before?.ids ?? new Set()) as Set<EventId>;
    const from = version === 'none' ? 0 : version + 1;
    for await (const stored of this.log.readStream(stream, { from })) {
      const fact = this.codec.decode(stored);
      version = fact.version;
      state = this.fold.evolve(state, fact);
      ids.add(fact.id);
      commands.set(fact.metadata.commandId, {
        stream,
        version,
        position: fact.position,
        hash: fact.metadata.commandHash,
      });
      if (this.keep === 'facts') facts.push(fact);
    }
    const loaded = { stream, version, state, facts, commands, ids };
    if (this.keep === 'folded' && version !== 'none') this.remember(loaded);
    return loaded;
  }

  /** @throws CommandRefused with the decider's reason; nothing was written */
  execute(execution: Execution<C, S>): Promise<CommandResult<C, S>> {
    const { stream } = execution;
    const turn = (this.queues.get(stream) ?? Promise.resolve()).then(() => this.attempt(execution));
    const done = turn
      .catch(() => undefined)
      .then(() => {
        if (this.queues.get(stream) === done) this.queues.delete(stream);
      });
    this.queues.set(stream, done);
    return turn;
  }

  private async attempt(execution: Execution<C, S>): Promise<CommandResult<C, S>> {
    const deadline = performance.now() + COMMAND_RETRY_MS_MAX;
    for (;;) {
      try {
        return await this.once(execution);
      } catch (error) {
        const { ifVersion } = execution.meta;
        if (error instanceof VersionConflict && ifVersion !== undefined) {
          throw versionChanged(ifVersion, error.actual);
        }
        const mayRetry =
          error instanceof VersionConflict ||
          (error instanceof LogUnavailable && error.mayBeWritten);
        if (!mayRetry || performance.now() > deadline) throw error;
        await delay(Math.random() * RETRY_JITTER_MS_MAX);
      }
    }
  }

  private async once(execution: Execution<C, S>): Promise<CommandResult<C, S>> {
    const { stream, meta } = execution;
    const loaded = await this.load(stream);
    if (execution.idOf === undefined) {
      const past = loaded.commands.get(meta.commandId);
      if (past !== undefined) {
        const person = execution.person?.(loaded.state);
        const same = await this.hasher.matches(past.hash, meta.canonical, person);
        if (same) return repeated(await this.withFacts(loaded, past), past, meta.commandId);
        throw new CommandRefused([
          refuse(
            'command-id-reused',
            'This command id was already used for a different command: give this one a new id.',
            { field: 'id' },
          ),
        ]);
      }
    }
    checkVersion(execution, loaded.version);
    const decided = execution.decide(loaded.state);
    if (isRefusal(decided)) throw new CommandRefused([decided]);
    const decision = decided
      .map((event, index) => ({ event, id: idFor(execution, event, index) }))
      .filter(({ id }) => execution.idOf === undefined || !loaded.ids.has(id));
    if (decision.length === 0) {
      const version = loaded.version === 'none' ? -1 : loaded.version;
      const { state, facts: history } = loaded;
      const position = await this.log.head();
      return { stream, version, position, added: [], unchanged: true, state, history };
    }
    const written = await this.write(execution, loaded, decision);
    return { ...written, history: loaded.facts };
  }

  /** Where only the fold is kept, a command that was answered before is looked up again. */
  private async withFacts(loaded: Loaded<C, S>, past: PastCommand): Promise<Loaded<C, S>> {
    if (this.keep === 'facts') return loaded;
    const facts: RecordedFact<EventOf<C>>[] = [];
    const { stream } = loaded;
    for await (const stored of this.log.readStream(stream, {
      from: past.version,
      backwards: true,
    })) {
      const fact = this.codec.decode(stored);
      if (facts[0] !== undefined && fact.metadata.commandId !== facts[0].metadata.commandId) break;
      facts.unshift(fact);
    }
    return { ...loaded, facts };
  }

  private async write(
    execution: Execution<C, S>,
    loaded: Loaded<C, S>,
    decision: readonly { event: EventOf<C>; id: EventId }[],
  ): Promise<Omit<CommandResult<C, S>, 'history'>> {
    const added: Fact<EventOf<C>>[] = [];
    const toStore: EventToStore[] = [];
    let state = loaded.state;
    for (const { event, id } of decision) {
      // The state after this event knows the person and the anchor that the first event names.
      const after = this.fold.evolve(state, factOf<C>(event, id, metadataOf(execution)));
      const person = execution.person?.(after);
      const hash = await this.hasher.hash(execution.meta.canonical, person);
      const metadata = metadataOf(execution, after, hash);
      toStore.push(await this.codec.encode({ event, id, metadata, ...(person && { person }) }));
      const fact = factOf<C>(event, id, metadata);
      added.push(fact);
      state = this.fold.evolve(state, fact);
    }
    const appended = await this.log.append(execution.stream, loaded.version, toStore);
    return { ...appended, added, unchanged: false, state };
  }

  private remember(loaded: Loaded<C, S>): void {
    this.cache.delete(loaded.stream);
    this.cache.set(loaded.stream, loaded);
    const oldest = this.cache.keys().next();
    if (this.cache.size > CACHED_STREAMS_MAX && !oldest.done) this.cache.delete(oldest.value);
  }
}

/** The first answer again, with its facts, so that what follows from them can be made sure of. */
function repeated<C extends EventCatalogue, S>(
  loaded: Loaded<C, S>,
  past: PastCommand,
  command: CommandId,
): CommandResult<C, S> {
  const { state, facts } = loaded;
  const first = facts.findIndex((fact) => fact.metadata.commandId === command);
  const added = facts.filter((fact) => fact.metadata.commandId === command);
  const history = first === -1 ? facts : facts.slice(0, first);
  const { stream, version, position } = past;
  return { stream, version, position, added, unchanged: true, state, history };
}

function idFor<C extends EventCatalogue, S>(
  execution: Execution<C, S>,
  event: EventOf<C>,
  index: number,
): EventId {
  return execution.idOf?.(event) ?? eventIdOf(execution.meta.commandId, execution.stream, index);
}

function checkVersion<C extends EventCatalogue, S>(
  { meta }: Execution<C, S>,
  actual: number | 'none',
): void {
  if (meta.ifVersion === undefined || meta.ifVersion === actual) return;
  throw versionChanged(meta.ifVersion, actual);
}

function versionChanged(expected: number, actual: number | 'none'): CommandRefused {
  return new CommandRefused([
    refuse(
      'version-changed',
      `This was decided on version ${expected} and the stream is at ${actual}: ` +
        'read it again, then decide again.',
      { data: { expected, actual } },
    ),
  ]);
}

function metadataOf<C extends EventCatalogue, S>(
  execution: Execution<C, S>,
  state?: S,
  commandHash = '',
): Metadata {
  const { meta, causation } = execution;
  const anchor = state === undefined ? undefined : execution.anchor?.(state);
  const decidedUnder = state === undefined ? undefined : execution.decidedUnder?.(state);
  return {
    commandId: meta.commandId,
    commandHash,
    correlationId: meta.correlationId,
    causationId: causation ?? meta.commandId,
    actor: meta.actor,
    ...(anchor !== undefined && { anchor }),
    occurredOn: meta.occurredOn,
    ...(meta.occurredAt !== undefined && { occurredAt: meta.occurredAt }),
    recordedAt: meta.recordedAt,
    ...(decidedUnder !== undefined && { decidedUnder }),
  };
}

function factOf<C extends EventCatalogue>(
  event: EventOf<C>,
  id: EventId,
  metadata: Metadata,
): Fact<EventOf<C>> {
  const { type, data } = event;
  // Protected values stay out of folds: a fact in memory carries what the log will give back.
  return { id, type, data, sealed: {}, metadata } as unknown as Fact<EventOf<C>>;
}
