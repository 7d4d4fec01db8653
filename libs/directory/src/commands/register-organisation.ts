import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { GivenCommand, SlugOf, SomeOf, Text, type Slug, Summary } from '#kernel';
import { ORGANISATION_ROLES } from '../domain/events.js';
import { Directory, organisationStream } from './directory.js';

@Summary(
  'An organisation by its slug; an anchor that delivers activities itself is a provider too.',
)
export class RegisterOrganisation extends GivenCommand {
  @SlugOf('organisation') organisation!: Slug;
  @Text() name!: string;
  @SomeOf(ORGANISATION_ROLES) roles!: (typeof ORGANISATION_ROLES)[number][];
}

@CommandHandler(RegisterOrganisation)
export class RegisterOrganisationHandler implements ICommandHandler<RegisterOrganisation> {
  constructor(private readonly directory: Directory) {}

  execute({ meta, organisation, name, roles }: RegisterOrganisation) {
    return this.directory.register(organisationStream(organisation), meta, {
      type: 'OrganisationRegistered',
      data: { organisation, name, roles },
    });
  }
}
