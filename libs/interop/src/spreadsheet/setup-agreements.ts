import type { CivilDate, Slug } from '#kernel';
import type { YamlValue } from './yaml-file.js';

export interface SetupService {
  readonly provider: Slug;
  readonly providerName: string;
  readonly service: Slug;
  readonly name: string;
}

/** As `SignAgreement` takes them, with amounts in whole pence. */
export type TermsData = Readonly<Record<string, unknown>>;

export interface SetupAgreement {
  readonly agreement: string;
  readonly provider: Slug;
  readonly services: readonly Slug[];
  readonly from?: CivilDate;
  readonly until?: CivilDate;
  readonly pot: string;
  /** `free`: nothing is signed and nothing is paid. */
  readonly components: readonly TermsData[] | 'free';
  /** What else belongs to its terms. */
  readonly terms: TermsData;
}

const KEYS = [
  ...['provider', 'services', 'from', 'until', 'pot', 'components', 'price', 'priceBasis'],
];
const COMPONENT_KEYS = [
  ...['component', 'trigger', 'amount', 'share', 'per', 'limit', 'classes', 'nth', 'outcome'],
  ...['survives', 'ends'],
];
const POT = 'prescribing';

export function agreementsOf(
  value: YamlValue,
  services: readonly SetupService[],
): readonly SetupAgreement[] {
  const agreements = [...value.map()].flatMap(([name, item]) => agreementOf(name, item) ?? []);
  for (const { provider, service } of services) {
    const priced = agreements.some(
      (one) => one.provider === provider && one.services.includes(service),
    );
    if (priced) continue;
    value.wrong(
      `${provider} has no agreement for ${service}: add one with its prices, or with ` +
        '"components: free".',
    );
  }
  return agreements;
}

function agreementOf(agreement: string, value: YamlValue): SetupAgreement | undefined {
  value.map(KEYS);
  const provider = value.key('provider').slug('the short name of its provider');
  const services = value
    .key('services')
    .items()
    .flatMap((item) => item.slug('a short name of a service') ?? []);
  if (services.length === 0) value.key('services').wrong('names no service that it prices.');
  const from = value.key('from').ifGiven((v) => v.date('its first day'));
  const until = value.key('until').ifGiven((v) => v.date('its last day'));
  const pot = value.key('pot').ifGiven((v) => v.slug('the pot that pays')) ?? POT;
  const price = value.key('price').ifGiven((v) => v.pounds('the price for one person'));
  const priceBasis = value.key('priceBasis').ifGiven((v) => v.text('when it is priced'));
  const components = componentsOf(value.key('components'));
  if (provider === undefined) return undefined;
  const days = { ...(from && { from }), ...(until && { until }) };
  const terms = { ...(price !== undefined && { price }), ...(priceBasis && { priceBasis }) };
  return { agreement, provider, services, ...days, pot, components, terms };
}

function componentsOf(value: YamlValue): SetupAgreement['components'] {
  if (value.value === 'free') return 'free';
  if (value.isEmpty) value.wrong('is not filled in: list what is paid for, or write free.');
  return value.items().map(componentOf);
}

/** The words are those of `SignAgreement`, which checks them; only pounds become pence here. */
function componentOf(value: YamlValue): TermsData {
  const given = value.map(COMPONENT_KEYS);
  const whole = (item: YamlValue) => item.whole('this');
  const readers: Readonly<Record<string, (item: YamlValue) => unknown>> = {
    amount: (item) => item.pounds('what is paid'),
    ...{ share: whole, limit: whole, nth: whole, outcome: outcomeOf },
  };
  const fields = [...given].map(([key, item]) => [key, (readers[key] ?? asItStands)(item)]);
  return Object.fromEntries(fields) as TermsData;
}

function asItStands({ value }: YamlValue): unknown {
  return value;
}

function outcomeOf(value: YamlValue): TermsData {
  const fields = [...value.map(['instrument', 'change', 'atLeast', 'windowDays'])].map(
    ([key, item]) => {
      if (key === 'windowDays') return [key, item.whole('days')];
      return [key, key === 'atLeast' ? Number(item.text('points')) : item.value];
    },
  );
  return Object.fromEntries(fields) as TermsData;
}
