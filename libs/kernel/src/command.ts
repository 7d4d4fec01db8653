import type { CommandMeta } from './decider.js';

/**
 * What every command class carries beside its own fields: set by the application once the fields
 * are checked, never part of what people write.
 */
export abstract class GivenCommand {
  declare readonly meta: CommandMeta;
}

export type CommandClass = new () => GivenCommand;
/** Commands by the name under which they are given. */
export type CommandCatalogue = Readonly<Record<string, CommandClass>>;

/** What every command answers. */
export interface CommandAnswer {
  readonly stream: string;
  readonly version: number;
  readonly position: bigint;
  /** The events that the command caused, now or when it was first given. */
  readonly events: readonly { readonly id: string; readonly type: string }[];
  /** Nothing was written: it was answered before, or there was nothing to do. */
  readonly unchanged: boolean;
  /** What whoever gave it should hear at once; said when it is written, and kept nowhere. */
  readonly notes?: readonly string[];
}
