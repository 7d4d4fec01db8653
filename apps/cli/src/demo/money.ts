import { sum, type Pence, type Slug } from '#kernel';
import { BalancesQuery, EntriesQuery, type AccountBalance, type LedgerEntry } from '#funding';
import type { Wayledger } from '#engine';
import { stackedBar } from '../terminal/charts.js';
import { bad, bold, dim, pounds, table } from '../terminal/output.js';

/** What a fund of an anchor received, and what became of it. */
export interface FundStands {
  readonly anchor: Slug;
  readonly fund: string;
  readonly received: Pence;
  /** = free + committed + spent. */
  readonly authorised: Pence;
  /** Below zero where late facts took a pot there. */
  readonly free: Pence;
  readonly committed: Pence;
  readonly spent: Pence;
}

/** What a provider earned from an anchor, fees for sessions that people missed included. */
export interface ProviderStands {
  readonly anchor: Slug;
  readonly provider: string;
  readonly earned: Pence;
  readonly committed: Pence;
  readonly missedFees: Pence;
}

export interface MoneyStands {
  /** The one with most to spend first. */
  readonly funds: readonly FundStands[];
  /** Who earned most first. */
  readonly providers: readonly ProviderStands[];
}

export async function moneyOf(
  wayledger: Pick<Wayledger, 'query'>,
  anchors: readonly Slug[],
): Promise<MoneyStands> {
  const all: MoneyStands[] = [];
  for (const anchor of anchors) {
    const balances = (await wayledger.query(new BalancesQuery(anchor))).map(moved);
    const fees = balances.filter(
      ({ path }) => path.at(-1) === 'noshow' && path.includes('consumed'),
    );
    const accounts = fees.map(({ path }) => path.join(':'));
    const missed =
      fees.length === 0 ? [] : await wayledger.query(new EntriesQuery(anchor, { accounts }));
    all.push({
      funds: fundsOf(anchor, balances),
      providers: providersOf(anchor, balances, missed),
    });
  }
  const providers = all.flatMap((one) => one.providers);
  return {
    funds: all.flatMap(({ funds }) => funds).sort(byAmount(({ authorised }) => authorised)),
    providers: providers.sort(byAmount(({ earned }) => earned)),
  };
}

/** The greatest first. */
function byAmount<T>(of: (each: T) => Pence): (a: T, b: T) => number {
  return (a, b) => Number(of(b) > of(a)) - Number(of(b) < of(a));
}

/** An account by the parts of its path, and what went into it: credits count positive. */
interface Moved {
  readonly path: readonly string[];
  readonly credit: Pence;
}

const moved = ({ account, balance }: Pick<AccountBalance, 'account' | 'balance'>): Moved => {
  return { path: account.split(':'), credit: -balance };
};

function fundsOf(anchor: Slug, balances: readonly Moved[]): FundStands[] {
  const funds = new Set(balances.map(({ path }) => path[2] ?? ''));
  return [...funds].map((fund) => {
    const mine = balances.filter(({ path }) => path[2] === fund);
    const budget = (head: string) =>
      sum(
        mine
          .filter(({ path }) => path[0] === 'budget' && path[4] === head)
          .map(({ credit }) => credit),
      );
    return {
      anchor,
      fund,
      received: -sum(mine.filter(({ path }) => path[0] === 'assets').map(({ credit }) => credit)),
      authorised: -budget('authority'),
      free: budget('available'),
      committed: budget('committed'),
      spent: budget('consumed'),
    };
  });
}

function providersOf(
  anchor: Slug,
  balances: readonly Moved[],
  missed: readonly LedgerEntry[],
): ProviderStands[] {
  const stands = new Map<string, { earned: Pence; committed: Pence; missedFees: Pence }>();
  const of = (provider: string) => {
    const known = stands.get(provider) ?? { earned: 0n, committed: 0n, missedFees: 0n };
    stands.set(provider, known);
    return known;
  };
  for (const { path, credit } of balances) {
    const earner = earnerIn(path);
    if (earner !== null) of(earner).earned += credit;
    if (path[0] === 'budget' && path[4] === 'committed') of(path[6] ?? '').committed += credit;
  }
  for (const { lines } of missed) {
    const all = lines.map(({ account, amount }) => moved({ account, balance: amount }));
    const fees = all.filter(({ path }) => path[4] === 'consumed' && path[5] === 'noshow');
    const [earner] = all.flatMap(({ path }) => earnerIn(path) ?? []);
    if (earner !== undefined) of(earner).missedFees += sum(fees.map(({ credit }) => credit));
  }
  return [...stands].map(([provider, each]) => ({ anchor, provider, ...each }));
}

/** Whose earnings an account says, the anchor's own service too; `null`: nobody's. */
function earnerIn(path: readonly string[]): string | null {
  if (path[0] === 'liabilities' && path[3] === 'accrued') return path[4] ?? null;
  return path[0] === 'expenses' && path[4] === 'ownservice' ? (path[1] ?? null) : null;
}

const BAR_COLUMNS = 76;
/** A page has room for the greatest. */
const PROVIDERS_SHOWN_MAX = 12;
const FUNDS_SHOWN_MAX = 6;

export function moneyText({ funds, providers }: MoneyStands): string {
  const shown = funds.slice(0, FUNDS_SHOWN_MAX);
  const all = (of: (stands: FundStands) => Pence) => sum(funds.map(of));
  const whole: FundAmounts = {
    received: all(({ received }) => received),
    authorised: all(({ authorised }) => authorised),
    free: all(({ free }) => free),
    committed: all(({ committed }) => committed),
    spent: all(({ spent }) => spent),
  };
  const more = funds.length - shown.length;
  return (
    `${bold('Where the money stands')}${dim(' (pounds; every price is invented)')}\n` +
    shown.map((each) => fundText(`${each.fund} of ${each.anchor}`, each)).join('') +
    (more > 0 ? dim(`  … and ${more} more\n`) + fundText(`all ${funds.length}`, whole) : '') +
    `\n${providersText(providers)}`
  );
}

type FundAmounts = Omit<FundStands, 'anchor' | 'fund'>;

function fundText(name: string, stands: FundAmounts): string {
  const { received, authorised, free, committed, spent } = stands;
  const drawn = stackedBar(
    [
      { amount: spent, fill: '█' },
      { amount: committed, fill: '▒' },
      { amount: free, fill: '·' },
    ],
    BAR_COLUMNS,
  );
  const below = free < 0n ? bad(' (late facts took it below zero)') : '';
  return (
    `  ${bold(name)}: received ${pounds(received)}, authorised ${pounds(authorised)}\n` +
    (drawn === '' ? '' : `  ${drawn}\n`) +
    `  █ spent ${pounds(spent)}   ▒ committed ${pounds(committed)}   · free ${pounds(free)}` +
    `${below}\n`
  );
}

function providersText(providers: readonly ProviderStands[]): string {
  const shown = providers.slice(0, PROVIDERS_SHOWN_MAX);
  const rows = shown.map(({ anchor, provider, earned, committed, missedFees }) => [
    provider === anchor ? `${provider} itself` : provider,
    anchor,
    pounds(earned),
    pounds(missedFees),
    pounds(committed),
  ]);
  const total = (of: (stands: ProviderStands) => Pence) => pounds(sum(providers.map(of)));
  const all = [
    bold(`all ${providers.length}`),
    '',
    total(({ earned }) => earned),
    total(({ missedFees }) => missedFees),
    total(({ committed }) => committed),
  ];
  const more = providers.length - shown.length;
  return (
    table(
      ['provider', 'paid by', 'earned', 'of it missed', 'committed'],
      [...rows, ...(more > 0 ? [[dim(`… ${more} more`)]] : []), all],
      ['left', 'left', 'right', 'right', 'right'],
    ) + dim('"Of it missed": fees for sessions that were kept free and nobody came to.\n')
  );
}
