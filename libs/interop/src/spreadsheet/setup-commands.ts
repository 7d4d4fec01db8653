import { keyOf, type PlannedCommand } from './planned.js';
import type { Setup } from './setup.js';

/** A command of the setup, and where in the file it is asked for. */
export interface SetupCommand extends PlannedCommand {
  readonly path: readonly string[];
}

/** The directory and the money, before any row: given again they change nothing. */
export function setupCommands(setup: Setup): readonly SetupCommand[] {
  const commands = [...directory(setup), ...money(setup), ...agreements(setup)];
  return commands.filter(
    ({ key }, index) => commands.findIndex((other) => other.key === key) === index,
  );
}

function directory(setup: Setup): SetupCommand[] {
  const { anchor, anchorName, since: at, unknownLinkWorker } = setup;
  const linkWorkers = [
    ...setup.linkWorkers.values(),
    ...(unknownLinkWorker === undefined ? [] : [unknownLinkWorker]),
  ];
  const services = [...setup.services.values()];
  const isProvider = services.some(({ provider }) => provider === anchor);
  const roles = isProvider ? ['anchor', 'provider'] : ['anchor'];
  const organisation = (slug: string, name: string, as: string[], path: string[]) => ({
    ...{ key: keyOf('organisation', slug), command: 'RegisterOrganisation', at, path },
    data: { organisation: slug, name, roles: as },
  });
  return [
    organisation(anchor, anchorName, roles, ['anchor']),
    ...services.map((one) =>
      organisation(one.provider, one.providerName, ['provider'], ['services']),
    ),
    ...services.map(({ provider, service, name }) => ({
      ...{ key: keyOf('service', provider, service), command: 'RegisterService', at },
      ...{ path: ['services'], data: { service, provider, name } },
    })),
    ...[...setup.practices.values()].map((one) =>
      organisation(one.organisation, one.name, ['referrer'], ['practices']),
    ),
    ...linkWorkers.map((linkWorker) => ({
      ...{ key: keyOf('link-worker', linkWorker), command: 'RegisterLinkWorker', at },
      ...{ path: ['linkWorkers'], data: { linkWorker, employer: anchor } },
    })),
  ];
}

function money({ anchor, fund: given, budgets }: Setup): SetupCommand[] {
  if (given === undefined) return [];
  const { fund, funder, received, amount } = given;
  return [
    {
      ...{ key: keyOf('fund', fund), command: 'ReceiveFund', at: received, path: ['fund'] },
      data: { anchor, fund, funder, amount },
    },
    ...budgets.map(({ year, from, to, pots }, index) => ({
      ...{ key: keyOf('budget', fund, String(year)), command: 'OpenBudget', at: from },
      path: ['budgets', String(index)],
      data: { anchor, fund, year, from, ...(to && { to }), pots },
    })),
  ];
}

function agreements({ anchor, since, agreements: all }: Setup): SetupCommand[] {
  return all.flatMap((one) => {
    const { agreement, provider: payee, services, from = since, until, components, terms } = one;
    if (components === 'free') return [];
    const data = { agreement, payer: anchor, payee, services, from, components, ...terms };
    return [
      {
        ...{ key: keyOf('agreement', agreement), command: 'SignAgreement', at: from },
        ...{ path: ['agreements', agreement], data: { ...data, ...(until && { until }) } },
      },
    ];
  });
}
