import 'reflect-metadata';
import { createRequire } from 'node:module';
import type { Logger } from 'pino';
import { messageOf } from '#kernel';
import { LogDamaged, LogUnavailable } from '#event-log';
import { KeyStoreBusy, KeyStoreRefused } from '#people';
import { ViewsRefused, ViewsUnavailable } from '#projection';
import { DataRefused } from '#engine';
import { ConfigRefused, describeConfig, readConfig, type Config } from './config.js';
import { errorFields, openLogger } from './logging.js';
import { LOOPBACK } from './loopback.js';
import { startService, type Service } from './service.js';
import { TokenRefused, openToken, type Token } from './token.js';

const { version } = createRequire(import.meta.url)('../../../../package.json') as {
  version: string;
};

/** The same as those of the command line. */
const EXIT = { done: 0, usage: 2, failed: 3 } as const;
/** Ctrl-C reaches this process directly and through npm as well: that is one signal. */
const SAME_SIGNAL_MS_MAX = 1_000;
/** https://tldp.org/LDP/abs/html/exitcodes.html */
const SIGNALS = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 } as const;
const SIGNALLED = 128;

const KNOWN_FAILURES = [
  ...[ConfigRefused, TokenRefused, DataRefused, LogUnavailable, LogDamaged],
  ...[KeyStoreBusy, KeyStoreRefused, ViewsRefused, ViewsUnavailable],
];

await run();

async function run(): Promise<void> {
  try {
    const config = readConfig(process.env);
    const logger = openLogger(config.verbosity);
    endOnUncaught(logger);
    logger.info({ version, ...describeConfig(config) }, 'starting');
    const token = openToken(config.stores.data);
    if (token.made !== null) say(tokenText(token.made, token, config));
    const service = await startService(config, token, logger);
    closeOnSignal(service, logger);
    logger.info({ url: service.url }, 'listening');
    say(`Wayledger answers at ${service.url}: Ctrl-C ends it.`);
  } catch (error) {
    say(failureText(error));
    process.exitCode = error instanceof ConfigRefused ? EXIT.usage : EXIT.failed;
  }
}

/** For a person; what is for machines is on standard output. */
function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

function tokenText(made: string, { file }: Token, { port }: Config): string {
  const url = `http://${LOOPBACK}:${port}`;
  return `
Who uses this service needs its token. It is shown this once and kept nowhere:

  ${made}

Try it, or browse ${url}/v1/docs and give it under "Authorize":

  curl -H 'Authorization: Bearer ${made}' ${url}/v1/referral/clocks

Lost? Stop the service, delete ${file} and start it again: that makes a new one.
`;
}

function failureText(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException;
  const portFault = { EADDRINUSE: 'is taken by another program', EACCES: 'may not be used by you' };
  if (code === 'EADDRINUSE' || (code === 'EACCES' && isListening(error))) {
    const port = String((error as { readonly port?: number }).port);
    return `Port ${port} ${portFault[code]}: set WAYLEDGER_PORT to another one, or end what has it.`;
  }
  const isKnown = KNOWN_FAILURES.some((kind) => error instanceof kind) || code !== undefined;
  const text = isKnown || !(error instanceof Error) ? messageOf(error) : (error.stack ?? '');
  return `Wayledger does not start.\n${text}`;
}

function isListening(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).syscall === 'listen';
}

function closeOnSignal(service: Service, logger: Logger): void {
  let firstAt: number | undefined;
  const hear = (signal: keyof typeof SIGNALS) => {
    const now = performance.now();
    if (firstAt !== undefined) {
      if (now - firstAt < SAME_SIGNAL_MS_MAX) return;
      logger.warn({ signal }, 'stopped at once');
      process.exit(SIGNALLED + SIGNALS[signal]);
    }
    firstAt = now;
    logger.info({ signal }, 'stopping');
    service.close().then(
      () => {
        logger.info('stopped');
        process.exit(EXIT.done);
      },
      (error: unknown) => {
        logger.fatal({ error: errorFields(error) }, 'stopping failed');
        process.exit(EXIT.failed);
      },
    );
  };
  process.on('SIGHUP', hear);
  process.on('SIGINT', hear);
  process.on('SIGTERM', hear);
}

/** Nobody knows what still holds: whoever watches over the service starts it again. */
function endOnUncaught(logger: Logger): void {
  const end = (error: unknown) => {
    logger.fatal({ error: errorFields(error) }, 'an error that nothing foresaw');
    process.exit(EXIT.failed);
  };
  process.on('uncaughtException', end);
  process.on('unhandledRejection', end);
}
