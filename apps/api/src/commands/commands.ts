import { Inject, Injectable } from '@nestjs/common';
import type { Request } from 'express';
import {
  CommandRefused,
  refuse,
  type CommandAnswer,
  type CommandId,
  type GivenCommand,
  type ReferralId,
} from '#kernel';
import { areRefusals, readCommand, readGiven, type Names } from '#interop';
import { Wayledger, commandCatalogue } from '#engine';
import { tellLog } from '../logging.js';
import { ProblemRaised } from '../problems/problem.js';
import { bodyOf } from './body.js';
import { factsBetween } from './between.js';
import { commandIdOf, needsNoVersion, versionIn } from './headers.js';
import type { CommandRoute } from './routes.js';

const FIELDS = ['at', 'actor', 'data'];

/** Ids are UUIDs here; names of one's own belong to files, which keep them apart. */
const UUIDS: Names = {
  idOf: (_kind, name) => name.toLowerCase(),
  commandIdOf: (name) => name.toLowerCase() as CommandId,
};

/** A request becomes a command, read and checked as a line of a command file is. */
@Injectable()
export class Commands {
  constructor(@Inject(Wayledger) private readonly wayledger: Wayledger) {}

  /** @throws ProblemRaised, CommandRefused; nothing was written */
  async give(route: CommandRoute, request: Request): Promise<CommandAnswer> {
    const commandId = commandIdOf(request);
    const ifVersion = route.versioned ? versionIn(request) : undefined;
    if (!route.versioned) needsNoVersion(request);
    const command = this.read(route, commandId, request);
    tellLog(request, { command: route.name, correlationId: command.meta.correlationId });
    const meta = { ...command.meta, ...(ifVersion !== undefined && { ifVersion }) };
    try {
      const answer = await this.wayledger.execute(Object.assign(command, { meta }));
      const { stream, version, position, events, unchanged, notes } = answer;
      tellLog(request, { stream });
      return { stream, version, position, events, unchanged, ...(notes && { notes }) };
    } catch (error) {
      if (!(error instanceof CommandRefused) || error.refusals[0].code !== 'version-changed') {
        throw error;
      }
      throw await this.outdated(command, error, ifVersion);
    }
  }

  private read({ name }: CommandRoute, commandId: CommandId, request: Request): GivenCommand {
    const given = readGiven(bodyOf(request), FIELDS);
    if (areRefusals(given)) throw new ProblemRaised(given);
    const line = { ...given, id: commandId, command: name };
    const command = readCommand(line, commandCatalogue, UUIDS, this.wayledger.clock.now());
    if (areRefusals(command)) throw new ProblemRaised(command);
    return command;
  }

  /** Who decided on an older version hears what has happened since. */
  private async outdated(
    command: GivenCommand & { readonly referral?: ReferralId },
    error: CommandRefused,
    ifVersion: number | undefined,
  ): Promise<Error> {
    const { referral } = command;
    if (referral === undefined || ifVersion === undefined) return error;
    const { version, between } = await factsBetween(this.wayledger, referral, ifVersion);
    if (version === null) {
      const message = 'There is no such referral: check its id.';
      return new CommandRefused([refuse('no-such-referral', message, { field: 'referral' })]);
    }
    const happened =
      version > ifVersion
        ? 'see what happened in between, then decide again.'
        : 'there is no such version yet. Read it again, then decide again.';
    const message = `This was decided on version ${ifVersion} and the referral is at ${version}: ${happened}`;
    const data = { expected: ifVersion, actual: version };
    return new ProblemRaised(
      [refuse('version-changed', message, { data })],
      {},
      {
        currentVersion: version,
        between,
      },
    );
  }
}
