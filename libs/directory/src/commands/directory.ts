import {
  CommandRefused,
  refuse,
  slugStream,
  type CommandAnswer,
  type CommandMeta,
  type Slug,
  type StreamName,
} from '#kernel';
import type { Streams } from '#event-log';
import { register } from '../domain/decide.js';
import type { DirectoryEvent, directoryEvents } from '../domain/events.js';
import type { EntryState } from '../domain/state.js';

export type DirectoryStreams = Streams<typeof directoryEvents, EntryState>;

export const organisationStream = (slug: Slug) => slugStream('organisation', slug);
export const linkWorkerStream = (slug: Slug) => slugStream('linkworker', slug);
/** A service's slug is its provider's own. */
export const serviceStream = (provider: Slug, slug: Slug) => slugStream('service', provider, slug);

/** What other slices ask of the directory, and the way its own commands go. */
export class Directory {
  constructor(private readonly streams: DirectoryStreams) {}

  async register(
    stream: StreamName,
    meta: CommandMeta,
    event: DirectoryEvent,
  ): Promise<CommandAnswer> {
    const decide = (state: EntryState) => register(state, event);
    const { version, position, added, unchanged } = await this.streams.execute({
      stream,
      meta,
      decide,
    });
    const events = added.map(({ id, type }) => ({ id, type }));
    return { stream, version, position, unchanged, events };
  }

  /** @throws CommandRefused */
  async needAnchor(anchor: Slug): Promise<void> {
    await this.needOrganisation(anchor, 'anchor', 'anchor');
  }

  async isAnchor(organisation: Slug): Promise<boolean> {
    const { state } = await this.streams.load(organisationStream(organisation));
    return state?.type === 'OrganisationRegistered' && state.data.roles.includes('anchor');
  }

  /** @throws CommandRefused */
  async needProvider(provider: Slug, field = 'provider'): Promise<void> {
    await this.needOrganisation(provider, 'provider', field);
  }

  /** @throws CommandRefused */
  async needLinkWorker(linkWorker: Slug): Promise<{ readonly employer: Slug }> {
    const { state } = await this.streams.load(linkWorkerStream(linkWorker));
    if (state?.type === 'LinkWorkerRegistered') return state.data;
    throw missing(`There is no link worker ${linkWorker}: register them first.`, 'linkWorker');
  }

  /** The version of the service's entry. @throws CommandRefused */
  async needService(provider: Slug, service: Slug): Promise<number> {
    const { state, version } = await this.streams.load(serviceStream(provider, service));
    if (state?.type === 'ServiceRegistered' && version !== 'none') return version;
    throw missing(`${provider} offers no service ${service}: register it first.`, 'service');
  }

  private async needOrganisation(
    slug: Slug,
    role: 'anchor' | 'provider',
    field: string,
  ): Promise<void> {
    const { state } = await this.streams.load(organisationStream(slug));
    if (state?.type === 'OrganisationRegistered' && state.data.roles.includes(role)) return;
    throw missing(
      state === null
        ? `There is no organisation ${slug}: register it first.`
        : `${slug} is not registered as ${role === 'anchor' ? 'an anchor' : 'a provider'}.`,
      field,
    );
  }
}

function missing(message: string, field: string): CommandRefused {
  return new CommandRefused([refuse('not-in-directory', message, { field })]);
}
