import 'reflect-metadata';
import type { AddressInfo } from 'node:net';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { parseInstant, present } from '#kernel';
import { LOG_START, type Position } from '#event-log';
import { Wayledger } from '#engine';
import { ApiModule } from '../../../apps/api/src/api.module.js';
import { Freshness, PositionAhead } from '../../../apps/api/src/freshness.js';
import { setUpRoutes } from '../../../apps/api/src/set-up.js';

/** Read models that are brought up to the log whenever somebody asks. */
class OnDemand extends Freshness {
  constructor(private readonly wayledger: Wayledger) {
    super();
  }

  async reach(position: Position = LOG_START) {
    const head = await this.wayledger.log.head();
    if (position > head) throw new PositionAhead('the log has nothing there yet');
    await this.wayledger.catchUp();
    return { position: head, head };
  }
}

export interface Answer {
  readonly status: number;
  readonly type: string | null;
  readonly headers: Headers;
  readonly text: string;
  /** Of what is JSON. */
  readonly body: Record<string, unknown>;
}

export interface Asked {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array<ArrayBuffer>;
}

export interface Service {
  readonly url: string;
  readonly data: string;
  readonly wayledger: Wayledger;
  ask(path: string, asked?: Asked): Promise<Answer>;
  /** A command as a client sends it. */
  post(path: string, key: string, body: unknown, headers?: Asked['headers']): Promise<Answer>;
  close(): Promise<void>;
}

/** After everything that happens in these histories. */
const NOW = present(parseInstant('2028-01-15T09:00:00Z'), 'it is an instant');

const KEEP_ALIVE_MS = 120_000;

/** The routes on a store in a temporary folder, at a port that is free. */
export async function startService(): Promise<Service> {
  const folder = mkdtempSync(join(tmpdir(), 'wayledger-api-'));
  const data = join(folder, 'data');
  const wayledger = await Wayledger.open({ data, clock: { now: () => NOW } });
  const app = await NestFactory.create<NestExpressApplication>(
    ApiModule.with(wayledger, new OnDemand(wayledger)),
    { logger: false, abortOnError: false, bodyParser: false },
  );
  setUpRoutes(app);
  await app.listen(0, '127.0.0.1');
  // A test that waits for a terminal must not find its connection closed at that very moment.
  app.getHttpServer().keepAliveTimeout = KEEP_ALIVE_MS;
  const { port } = app.getHttpServer().address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  const ask = async (path: string, { method = 'GET', headers = {}, body }: Asked = {}) => {
    const response = await fetch(`${url}${path}`, {
      ...{ method, headers, redirect: 'manual' },
      ...(body !== undefined && { body }),
    });
    return answerOf(response);
  };
  return {
    ...{ url, data, wayledger, ask },
    post: (path, key, body, headers = {}) =>
      ask(path, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', 'Idempotency-Key': key, ...headers },
        body: JSON.stringify(body),
      }),
    async close() {
      await app.close();
      await wayledger.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function answerOf(response: Response): Promise<Answer> {
  const { status, headers } = response;
  const text = await response.text();
  const type = headers.get('content-type');
  const body = (type?.includes('json') ? JSON.parse(text) : {}) as Answer['body'];
  return { status, type, headers, text, body };
}
