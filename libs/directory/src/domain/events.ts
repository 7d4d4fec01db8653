import { shape, type EventOf, type Fact } from '#kernel';

export const ORGANISATION_ROLES = ['anchor', 'provider', 'referrer', 'funder'] as const;

/** The facts of the directory: they belong to no anchor, and no ledger depends on them. */
export const directoryEvents = {
  OrganisationRegistered: {
    version: 1,
    about: 'An organisation and what it may be: anchor, provider, referrer, funder.',
    data: shape.object({
      organisation: shape.slug('organisation'),
      name: shape.text(),
      roles: shape.array(shape.word(ORGANISATION_ROLES)),
    }),
  },
  LinkWorkerRegistered: {
    version: 1,
    about: 'A link worker and who employs them.',
    data: shape.object({
      linkWorker: shape.slug('link worker'),
      employer: shape.slug('organisation'),
    }),
  },
  ServiceRegistered: {
    version: 1,
    about: 'What a provider offers and a link worker can prescribe.',
    data: shape.object({
      service: shape.slug('service'),
      provider: shape.slug('provider'),
      name: shape.text(),
    }),
  },
} as const;

export type DirectoryEvent = EventOf<typeof directoryEvents>;
export type DirectoryFact = Fact<DirectoryEvent>;
