import type { Slug } from '#kernel';
import type { Places } from './parameters.js';

/** A service of a provider of the area, and how it is paid. */
export interface Offering {
  readonly provider: Slug;
  readonly providerName: string;
  readonly service: Slug;
  readonly serviceName: string;
  /** How often it is chosen, against the others. */
  readonly weight: number;
  /** Sessions planned; left out where nobody keeps a register. */
  readonly sessions?: number;
  /** How many people at once, where that is limited. */
  readonly places?: Places[keyof Places];
  readonly priced?: Priced;
}

export interface Priced {
  readonly agreement: Slug;
  readonly pot: 'prescribing' | 'advice';
  readonly components: Components;
  /** What it pays from the second year on, where that is agreed. */
  readonly later?: Components;
  /** Pence that one prescription may cost at most. */
  readonly atMost: number;
}

type Components = readonly Readonly<Record<string, unknown>>[];

/** What an area has to offer. Everything is invented: providers, prices, sessions, places. */
export function catalogue(anchor: Slug, place: string, places: Places): readonly Offering[] {
  const at = (name: string) => `${anchor}-${name}` as Slug;
  const slug = (name: string) => name as Slug;
  const own = { provider: anchor, providerName: `${place} Together` };
  const allotments = { provider: at('allotments'), providerName: `${place} Allotments` };
  const choir = { provider: at('choir'), providerName: `${place} Community Choir` };
  const advice = { provider: at('advice'), providerName: `${place} Advice Centre` };
  const swim = { provider: at('swim'), providerName: `${place} Swimming Club` };
  const walkers = { provider: at('walkers'), providerName: `${place} Walkers` };
  const shed = { provider: at('shed'), providerName: `${place} Shed` };
  const library = { provider: at('library'), providerName: `${place} Library` };
  return [
    {
      ...{ ...allotments, service: slug('gardening'), serviceName: 'Gardening group' },
      ...{ weight: 11, sessions: GARDENING, places: places.gardening },
      priced: perSession(at('allotments-sessions')),
    },
    {
      ...{ ...choir, service: slug('singing'), serviceName: 'Singing together' },
      ...{ weight: 9, sessions: 6 },
      priced: atNthAttendance(at('choir-joined')),
    },
    {
      ...{ ...swim, service: slug('swimming'), serviceName: 'Back in the water' },
      ...{ weight: 8, sessions: 6, places: places.swimming },
      priced: seenThrough(at('swim-course')),
    },
    {
      ...{ ...advice, service: slug('money-advice'), serviceName: 'Money advice' },
      ...{ weight: 14, sessions: 2 },
      priced: perPerson(at('advice-people')),
    },
    {
      ...{ ...own, service: slug('kitchen-table'), serviceName: 'Kitchen table café' },
      ...{ weight: 8, sessions: 5 },
      priced: perCourse(at('own-cafe')),
    },
    {
      ...{ ...walkers, service: slug('weekly-walk'), serviceName: 'Weekly walk' },
      ...{ weight: 16 },
    },
    {
      ...{ ...shed, service: slug('shed'), serviceName: 'Shed mornings' },
      ...{ weight: 8, sessions: 6 },
    },
    {
      ...{ ...library, service: slug('reading-group'), serviceName: 'Reading group' },
      ...{ weight: 12 },
    },
    {
      ...{
        ...library,
        service: slug('digital-help'),
        serviceName: 'Help with phones and computers',
      },
      ...{ weight: 14 },
    },
  ];
}

const GARDENING = 8;

function perSession(agreement: Slug): Priced {
  const paying = (amount: number) => [
    { component: 'sessions', trigger: 'session-attended', amount },
    { component: 'no-show', trigger: 'session-missed', amount: 625, limit: 2 },
  ];
  const [components, later] = [paying(1_250), paying(1_300)];
  return { agreement, pot: 'prescribing', components, later, atMost: GARDENING * 1_300 };
}

function atNthAttendance(agreement: Slug): Priced {
  const components = [{ component: 'joined', trigger: 'nth-attendance', nth: 2, amount: 4_500 }];
  return { agreement, pot: 'prescribing', components, atMost: 4_500 };
}

function seenThrough(agreement: Slug): Priced {
  const components = [
    { component: 'seen-through', trigger: 'completed', amount: 7_200 },
    { component: 'minimum', trigger: 'drop-out-minimum', amount: 2_000 },
  ];
  return { agreement, pot: 'prescribing', components, atMost: 7_200 };
}

function perPerson(agreement: Slug): Priced {
  const components = [{ component: 'opened', trigger: 'prescribed', amount: 3_800 }];
  return { agreement, pot: 'advice', components, atMost: 3_800 };
}

function perCourse(agreement: Slug): Priced {
  const components = [
    { component: 'sessions', trigger: 'session-attended', amount: 4_998, per: 'course' },
    {
      ...{ component: 'no-show', trigger: 'session-missed', amount: 300, limit: 1 },
      classes: ['not-acceptable', 'not-stated'],
    },
  ];
  return { agreement, pot: 'prescribing', components, atMost: 4_998 };
}
