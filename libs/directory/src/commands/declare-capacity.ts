import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { CommandRefused, GivenCommand, SlugOf, Summary, Whole, refuse, type Slug } from '#kernel';
import { Directory } from './directory.js';
import { Places } from './places.js';

@Summary(
  'How many people a service has places for at once, said by its provider or by an anchor. A ' +
    'service of which nobody said so has no limit; said again, the newest holds.',
)
export class DeclareCapacity extends GivenCommand {
  @SlugOf('provider') provider!: Slug;
  @SlugOf('service') service!: Slug;
  @Whole(0, 'how many people at once') places!: number;
}

@CommandHandler(DeclareCapacity)
export class DeclareCapacityHandler implements ICommandHandler<DeclareCapacity> {
  constructor(
    private readonly directory: Directory,
    private readonly places: Places,
  ) {}

  async execute({ meta, provider, service, places }: DeclareCapacity) {
    await this.directory.needService(provider, service);
    const { organisation } = meta.actor;
    if (organisation !== provider && !(await this.directory.isAnchor(organisation))) {
      throw new CommandRefused([
        refuse(
          'not-your-capacity',
          `${organisation} cannot say how many places ${provider} has: ` +
            'the provider itself does, or an anchor.',
          { field: 'actor.organisation' },
        ),
      ]);
    }
    return this.places.declare(meta, { provider, service, places });
  }
}
