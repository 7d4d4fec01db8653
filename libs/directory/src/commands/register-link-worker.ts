import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { GivenCommand, SlugOf, type Slug, Summary } from '#kernel';
import { Directory, linkWorkerStream } from './directory.js';

@Summary('A link worker by a slug that names nobody: the employer knows who it is.')
export class RegisterLinkWorker extends GivenCommand {
  @SlugOf('link worker') linkWorker!: Slug;
  @SlugOf('organisation') employer!: Slug;
}

@CommandHandler(RegisterLinkWorker)
export class RegisterLinkWorkerHandler implements ICommandHandler<RegisterLinkWorker> {
  constructor(private readonly directory: Directory) {}

  execute({ meta, linkWorker, employer }: RegisterLinkWorker) {
    return this.directory.register(linkWorkerStream(linkWorker), meta, {
      type: 'LinkWorkerRegistered',
      data: { linkWorker, employer },
    });
  }
}
