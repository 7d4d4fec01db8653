import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

const BIN = fileURLToPath(new URL('../../../../bin/wayledger.js', import.meta.url));
export const EXAMPLE = fileURLToPath(
  new URL('../../../../test/worked-example/commands.ndjson', import.meta.url),
);
/** Of commands in it. */
export const LINES = readFileSync(EXAMPLE, 'utf8').trim().split('\n').length;

/** As a person runs it. */
export function wayledger(...args: readonly string[]) {
  return wayledgerWith({}, ...args);
}

/** The same with these variables in its environment. */
export function wayledgerWith(variables: Record<string, string>, ...args: readonly string[]) {
  const env = { ...environment(), ...variables };
  const { status, stdout, stderr } = spawnSync(process.execPath, [BIN, ...args], {
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
    env,
  });
  return { status, stdout, stderr };
}

/** The same while this process goes on: to serve what it asks for, or several side by side. */
export async function wayledgerAside(...args: readonly string[]) {
  return wayledgerAsideWith({}, ...args);
}

export async function wayledgerAsideWith(
  variables: Record<string, string>,
  ...args: readonly string[]
) {
  const env = { ...environment(), ...variables };
  const child = spawn(process.execPath, [BIN, ...args], { env });
  const ended = once(child, 'exit');
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  await ended;
  return { status: child.exitCode, stdout, stderr };
}

/** The tester's own, without what it says about stores. */
function environment(): NodeJS.ProcessEnv {
  const all = Object.entries(process.env);
  return Object.fromEntries(all.filter(([name]) => !/^WAYLEDGER_(?:LOG|KEYS|VIEWS)/u.test(name)));
}

export function json(text: string): Record<string, unknown>[] {
  const lines = text.trim().split('\n');
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}

const NORTH = { id: 'finance', role: 'anchor', organisation: 'north' };
export type Line = Record<string, unknown>;

export function line(
  id: string,
  command: string,
  at: string,
  data: unknown,
  more: Line = {},
): Line {
  return { id, command, at, actor: NORTH, data, ...more };
}

export const SETUP = [
  line('o1', 'RegisterOrganisation', '2026-04-01', {
    organisation: 'north',
    name: 'North',
    roles: ['anchor'],
  }),
  line('o2', 'RegisterOrganisation', '2026-04-01', {
    organisation: 'allot',
    name: 'Allotments',
    roles: ['provider'],
  }),
  line('s1', 'RegisterService', '2026-04-01', {
    service: 'gardening',
    provider: 'allot',
    name: 'Gardening',
  }),
  line('w1', 'RegisterLinkWorker', '2026-04-01', { linkWorker: 'lw-a', employer: 'north' }),
];

export function receive(id: string, amount: number): Line {
  const data = { anchor: 'north', fund: 'lottery', funder: 'tnlcf', amount };
  return line(id, 'ReceiveFund', '2026-04-02', data);
}

export function write(
  folder: string,
  lines: readonly (Line | string)[],
  name = 'file.ndjson',
): string {
  const file = join(folder, name);
  writeFileSync(
    file,
    lines.map((given) => (typeof given === 'string' ? given : JSON.stringify(given))).join('\n'),
  );
  return file;
}

export function filesOf(folder: string): Record<string, string> {
  return Object.fromEntries(
    readdirSync(folder).map((name) => [
      name,
      createHash('sha256')
        .update(readFileSync(join(folder, name)))
        .digest('hex'),
    ]),
  );
}
