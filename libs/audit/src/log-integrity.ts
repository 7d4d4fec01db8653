import {
  eventIdOf,
  type CommandId,
  type EventCatalogue,
  type EventOf,
  type StreamName,
} from '#kernel';
import { LOG_START, type RecordedFact } from '#event-log';
import { IdSet } from './id-set.js';

type AnyFact = RecordedFact<EventOf<EventCatalogue>>;

/** Findings listed of one kind; a broken log can have millions. */
const FINDINGS_MAX = 20;

interface StreamSeen {
  version: number;
  /** The last one, and how many events of it there were: an append stands together. */
  command: CommandId | undefined;
  ofCommand: number;
}

/**
 * What must hold of any log, on any store: positions rise, every stream counts from 0 without a
 * gap, no event is there twice, and an event's id is the one its command gives it.
 */
export class LogIntegrity {
  readonly findings: string[] = [];
  events = 0;
  private lastPosition = LOG_START;
  private readonly streams = new Map<StreamName, StreamSeen>();
  private readonly ids = new IdSet();

  /** In log order. */
  hear(fact: AnyFact): void {
    const { id, type, position, stream, version, metadata } = fact;
    this.events += 1;
    const where = `${type} at position ${position}`;
    if (position <= this.lastPosition) this.find(`${where} does not rise above the one before`);
    this.lastPosition = position;
    if (!this.ids.add(id)) this.find(`${where} has an id that an earlier event has`);
    const seen = this.streams.get(stream) ?? { version: -1, command: undefined, ofCommand: 0 };
    this.streams.set(stream, seen);
    if (version !== seen.version + 1) {
      this.find(`${where} is version ${version} of ${stream}, after ${seen.version}`);
    }
    seen.version = version;
    // What follows from another event has its id from that.
    if ((metadata.causationId as string) !== metadata.commandId) return;
    if (seen.command !== metadata.commandId) seen.ofCommand = 0;
    seen.command = metadata.commandId;
    const index = seen.ofCommand;
    seen.ofCommand += 1;
    if (id !== eventIdOf(metadata.commandId, stream, index)) {
      this.find(`${where} does not have the id that its command gives it`);
    }
  }

  /** All that were heard of. */
  streamNames(): StreamName[] {
    return [...this.streams.keys()];
  }

  private find(finding: string): void {
    if (this.findings.length < FINDINGS_MAX) this.findings.push(finding);
  }
}
