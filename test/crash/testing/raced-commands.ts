import { SETUP, linesOfReferral, mixed, type Line } from './commands.js';
import type { Random } from './random.js';

export const RACERS = ['a', 'b'] as const;
export type Racer = (typeof RACERS)[number];

/** In each file, of each kind. */
const OWN = 3;
const SHARED = 4;
const SCARCE = 3;
const CONTACTS = 2;
/** What one prescription takes of the scarce pot; there is enough for half of them. */
const TAKES = 500;
const ENOUGH_FOR = (RACERS.length * SCARCE) / 2;

const FINANCE = { id: 'finance', role: 'anchor', organisation: 'north' };
const LINK_WORKER = { id: 'ann', role: 'link-worker', organisation: 'north' };
const SIGNED = {
  id: 'scarce-agreement',
  command: 'SignAgreement',
  at: '2024-04-01',
  actor: FINANCE,
  data: {
    agreement: 'allot-once',
    payer: 'north',
    payee: 'allot',
    services: ['gardening'],
    components: [{ component: 'start', trigger: 'prescribed', amount: TAKES }],
  },
};

/**
 * What two give at the same time: referrals of each one's own; referrals that both tell the whole
 * story of, in the same words, and add to in words of their own; and referrals that all want
 * something of one pot that is too small.
 */
export interface Wave {
  readonly files: Readonly<Record<Racer, readonly Line[]>>;
  /** Which of these are accepted is a matter of who comes first; how many is not. */
  readonly scarce: readonly string[];
  readonly acceptedOfScarce: number;
}

/** `name` keeps its referrals apart from those of other waves. */
export function wave(random: Random, name: string): Wave {
  const shared = Array.from({ length: SHARED }, (_, index) =>
    withoutEnd(linesOfReferral(random, `${name}-s${index}`)),
  );
  const fund = `scarce-${name}`;
  const fileOf = (racer: Racer): Line[] => {
    const own = names(`${name}-${racer}`, OWN).map((each) => linesOfReferral(random, each));
    const scarce = names(`${name}-${racer}-last`, SCARCE).map((each) => linesOfScarce(each, fund));
    const told = shared.map((lines) => withContacts(random, lines, racer));
    return [
      ...SETUP,
      SIGNED,
      ...scarceBudget(fund),
      ...mixed(random, [...own, ...told, ...scarce]),
    ];
  };
  const files = { a: fileOf('a'), b: fileOf('b') };
  const scarce = RACERS.flatMap((racer) => names(`${name}-${racer}-last`, SCARCE)).map(prescribed);
  return { files, scarce, acceptedOfScarce: ENOUGH_FOR };
}

const names = (of: string, count: number) =>
  Array.from({ length: count }, (_, index) => `${of}${index}`);
const prescribed = (referral: string) => `${referral}-prescribed`;

/** Nothing can be told of a referral that the person has left: who is later would be refused. */
function withoutEnd(lines: readonly Line[]): readonly Line[] {
  return lines.filter(
    ({ command, data }) =>
      command !== 'RecordDropOut' || Object.hasOwn(data as object, 'prescription'),
  );
}

/** After the one in both files, which is the first therefore, whoever gives it. */
function withContacts(random: Random, lines: readonly Line[], racer: Racer): Line[] {
  const first = lines.findIndex(({ command }) => command === 'RecordContact');
  const told = [...lines];
  for (let index = 0; index < CONTACTS; index += 1) {
    const at = first + 1 + random.below(told.length - first);
    told.splice(at, 0, { ...lines[first], id: `${String(lines[first]?.['id'])}-${racer}${index}` });
  }
  return told;
}

function scarceBudget(fund: string): Line[] {
  const amount = TAKES * ENOUGH_FOR;
  const given = { at: '2024-04-01', actor: FINANCE };
  const of = { anchor: 'north', fund };
  return [
    {
      ...{ id: `${fund}-received`, command: 'ReceiveFund', ...given },
      data: { ...of, funder: 'tnlcf', amount },
    },
    {
      ...{ id: `${fund}-opened`, command: 'OpenBudget', ...given },
      data: { ...of, year: 2024, pots: [{ pot: 'prescribing', amount }] },
    },
  ];
}

function linesOfScarce(referral: string, fund: string): Line[] {
  const steps: [string, string, object][] = [
    [
      `${referral}-referred`,
      'Refer',
      {
        ...{ person: `p-${referral}`, anchor: 'north', scheme: 'spring', route: 'gp' },
        ...{ name: `Person of ${referral}`, contact: '07700 900000', needs: ['loneliness'] },
      },
    ],
    [`${referral}-accepted`, 'AcceptReferral', { by: 'person' }],
    [`${referral}-assigned`, 'AssignLinkWorker', { linkWorker: 'lw-a' }],
    [
      prescribed(referral),
      'Prescribe',
      {
        ...{ prescription: `${referral}-p`, service: 'gardening', provider: 'allot' },
        ...{ agreement: 'allot-once', fund, year: 2024, pot: 'prescribing' },
      },
    ],
  ];
  return steps.map(([id, command, data]) => ({
    ...{ id, command, at: '2024-05-01', actor: LINK_WORKER },
    data: { referral, ...data },
  }));
}
