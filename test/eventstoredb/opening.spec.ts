import { createServer, type AddressInfo, type Socket } from 'node:net';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { EventRefused, LogAddressRefused, LogUnavailable, type EventLog } from '#event-log';
import { parseConnectionString } from '#event-log/eventstoredb';
import { anEvent, aStream, readAll, until } from '#event-log/conformance';
import { CERTIFICATES, startNode, type ServerNode } from './server/index.js';
import { openLog } from './support/scene.js';

const PASSWORD = 'c0rrect-h0rse';
const WRONG = 'wr0ng-h0rse';
const OPENING_MS = 800;
/** The last attempt may begin just before patience ends. */
const OPENING_MAX_MS = OPENING_MS + 1_500;

describe('opening a log on EventStoreDB:', () => {
  let secured: ServerNode;
  let plain: ServerNode;
  const { authority } = CERTIFICATES;

  beforeAll(async () => {
    const users = { admin: PASSWORD, clerk: PASSWORD };
    secured = await startNode({ tls: CERTIFICATES, users });
    plain = await startNode();
  });

  afterAll(async () => {
    await secured.stop();
    await plain.stop();
  });

  const at = ({ endpoint }: ServerNode): string => `${endpoint.address}:${endpoint.port}`;

  function opening(url: string): Promise<EventLog> {
    return openLog(parseConnectionString(url), {
      openingPatienceMs: OPENING_MS,
      patienceMs: OPENING_MS,
    });
  }

  /** Fails in time, with a sentence that no secret is part of. */
  async function refusal(url: string): Promise<Error> {
    const startedAtMs = performance.now();
    const error = await opening(url).then(
      async (log) => {
        await log.close();
        throw new Error('It was opened');
      },
      (reason: unknown) => reason as Error,
    );
    expect(performance.now() - startedAtMs).toBeLessThan(OPENING_MAX_MS);
    let told: unknown = error;
    while (told instanceof Error) {
      expect(`${told.message} ${told.stack ?? ''}`).not.toMatch(/h0rse|YWRtaW4/u);
      told = told.cause;
    }
    return error;
  }

  test('with the right authority and user it is open', async () => {
    const log = await opening(
      `esdb://admin:${PASSWORD}@${at(secured)}?tlsCAFile=${authority}&namespace=right`,
    );
    await log.append(aStream(), 'none', [anEvent()]);
    expect(await readAll(log)).toHaveLength(1);
    await log.close();
  });

  const refused: readonly (readonly [string, () => string, typeof LogUnavailable, RegExp])[] = [
    [
      'a wrong password',
      () => `esdb://admin:${WRONG}@${at(secured)}?tlsCAFile=${authority}`,
      LogUnavailable,
      /does not know this user, or not this password/u,
    ],
    [
      'a user who may not read everything',
      () => `esdb://clerk:${PASSWORD}@${at(secured)}?tlsCAFile=${authority}`,
      LogUnavailable,
      /does not let this user do what is needed \(read \$all/u,
    ],
    [
      'an authority that is not known here',
      () => `esdb://admin:${PASSWORD}@${at(secured)}`,
      LogUnavailable,
      /certificate that is trusted here \(a private CA is named by tlsCAFile=/u,
    ],
    [
      'an authority that did not sign',
      () => `esdb://admin:${PASSWORD}@${at(secured)}?tlsCAFile=${CERTIFICATES.certificate}`,
      LogUnavailable,
      /certificate that is trusted here/u,
    ],
    [
      'TLS to a server without',
      () => `esdb://admin:${PASSWORD}@${at(plain)}?tlsCAFile=${authority}`,
      LogUnavailable,
      /a server without TLS by tls=false/u,
    ],
    [
      'no TLS to a server with it',
      () => `esdb://${at(secured)}?tls=false`,
      LogUnavailable,
      /TLS on or off as here\? tls=false is off/u,
    ],
    [
      'an authority that is not known here, of a cluster',
      () => `esdb+discover://admin:${PASSWORD}@${at(secured)}`,
      LogUnavailable,
      /tlsCAFile= names a private CA/u,
    ],
  ];
  test.each(refused)('%s', async (_, url, kind, sentence) => {
    const error = await refusal(url());
    expect(error).toBeInstanceOf(kind);
    expect(error.message).toMatch(sentence);
    expect(error.message).toContain(at(url().includes(at(plain)) ? plain : secured));
  });

  test.each([`admin:${WRONG}`, `clerk:${PASSWORD}`])('%s is not tried twice', async (user) => {
    const before = secured.seen.calls('read');
    await refusal(`esdb://${user}@${at(secured)}?tlsCAFile=${authority}`);
    expect(secured.seen.calls('read')).toBe(before + 1);
  });

  test.each(['tlsCAFile=nowhere.pem', `userCertFile=nowhere.pem&userKeyFile=nowhere.key`])(
    'a certificate’s file that is not there: %s',
    async (setting) => {
      const error = await refusal(`esdb://admin:${PASSWORD}@${at(secured)}?${setting}`);
      expect(error).toBeInstanceOf(LogAddressRefused);
      expect(error.message).toMatch(/names "nowhere.pem", which cannot be read/u);
    },
  );

  test('a file of something else for a certificate', async () => {
    const url = `esdb://admin:${PASSWORD}@${at(secured)}?tlsCAFile=package.json`;
    const error = await refusal(url);
    expect(error).toBeInstanceOf(LogAddressRefused);
    expect(error.message).toMatch(/names "package.json", which holds nothing in PEM format\./u);
  });

  test('an address where nobody is', async () => {
    const nobody = createServer();
    nobody.listen(0, '127.0.0.1');
    await once(nobody, 'listening');
    const { port } = nobody.address() as AddressInfo;
    nobody.close();
    await once(nobody, 'close');
    for (const url of [
      `esdb://127.0.0.1:${port}?tls=false`,
      `esdb+discover://127.0.0.1:${port}?tls=false`,
      `esdb://admin:${PASSWORD}@127.0.0.1:${port}`,
    ]) {
      const error = await refusal(url);
      expect(error).toBeInstanceOf(LogUnavailable);
      expect(error.message).toMatch(/127\.0\.0\.1:\d+ could not be reached/u);
    }
  });

  test('an address where nobody says anything', async () => {
    const sockets: Socket[] = [];
    const silent = createServer((socket) => sockets.push(socket.on('error', () => undefined)));
    silent.listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const { port } = silent.address() as AddressInfo;
    const error = await refusal(`esdb://127.0.0.1:${port}?tls=false`);
    expect(error).toBeInstanceOf(LogUnavailable);
    expect(error.message).toContain('could not be reached');
    // gRPC itself does not give up a connection that is still being set up.
    for (const socket of sockets) socket.destroy();
    silent.close();
  });

  test('a name that no host has', async () => {
    const error = await refusal(`esdb://nowhere.invalid:2113?tls=false`);
    expect(error).toBeInstanceOf(LogUnavailable);
    expect(error.message).toMatch(/nowhere\.invalid:2113 could not be reached/u);
  });

  test('a namespace that is none', async () => {
    const settings = parseConnectionString(plain.url);
    await expect(openLog({ ...settings, namespace: 'Not-One' })).rejects.toThrow(EventRefused);
  });

  test('a server that is still starting is waited for', async () => {
    const starting = await startNode();
    starting.faults.notReady = true;
    const open = openLog(parseConnectionString(starting.url));
    const { seen, faults } = starting;
    await until('it was asked in vain', () => seen.calls('read') >= 3);
    faults.clear();
    const log = await open;
    await log.close();
    await starting.stop();
  });
});
