import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { GivenCommand, SlugOf, Text, type Slug, Summary } from '#kernel';
import { Directory, serviceStream } from './directory.js';

@Summary('What a provider offers and a link worker can prescribe.')
export class RegisterService extends GivenCommand {
  @SlugOf('service') service!: Slug;
  @SlugOf('provider') provider!: Slug;
  @Text() name!: string;
}

@CommandHandler(RegisterService)
export class RegisterServiceHandler implements ICommandHandler<RegisterService> {
  constructor(private readonly directory: Directory) {}

  async execute({ meta, service, provider, name }: RegisterService) {
    await this.directory.needProvider(provider);
    return this.directory.register(serviceStream(provider, service), meta, {
      type: 'ServiceRegistered',
      data: { service, provider, name },
    });
  }
}
