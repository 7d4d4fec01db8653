import type { AddressInfo } from 'node:net';
import { Module, type DynamicModule } from '@nestjs/common';
import { APP_GUARD, NestFactory } from '@nestjs/core';
import type { NextFunction, Request, Response } from 'express';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { Logger } from 'pino';
import { pinoHttp } from 'pino-http';
import { Wayledger } from '#engine';
import { ApiModule } from './api.module.js';
import type { Config } from './config.js';
import { closing } from './closing.js';
import { AccessGuard } from './guard.js';
import { HealthController } from './health/health.controller.js';
import { ReadinessCheck, StoresReadiness } from './health/readiness.js';
import { nestLog, requestLog } from './logging.js';
import { LOOPBACK, onlyLoopback } from './loopback.js';
import { answerMalformed } from './malformed.js';
import { Projector } from './projector/projector.js';
import { setUpRoutes } from './set-up.js';
import { Token } from './token.js';

export interface Service {
  readonly url: string;
  /** Answers what it has taken, then leaves the stores as they should be left. */
  close(): Promise<void>;
}

/** All of the service but the process around it. */
export async function startService(
  { stores, port, environment }: Config,
  token: Token,
  logger: Logger,
  moduleOf: (parts: Parts) => DynamicModule = (parts) => ServiceModule.with(parts),
): Promise<Service> {
  const onWaiting = (message: string) => {
    logger.warn(message);
  };
  const wayledger = await Wayledger.open({ ...stores, onWaiting });
  const projector = Projector.start({ log: wayledger.log, environment, logger });
  let isStopping = false;
  const closeStores = async () => {
    await projector.stop();
    await wayledger.close();
  };
  try {
    const readiness = new StoresReadiness({ wayledger, projector, isStopping: () => isStopping });
    const parts = { wayledger, projector, readiness, token };
    const app = await createApp(moduleOf(parts), logger);
    const server = app.getHttpServer();
    await app.listen(port, LOOPBACK);
    const url = `http://${LOOPBACK}:${(server.address() as AddressInfo).port}`;
    return {
      url,
      async close() {
        isStopping = true;
        await closing(server, logger);
        await app.close();
        await closeStores();
      },
    };
  } catch (error) {
    await closeStores();
    throw error;
  }
}

async function createApp(module: DynamicModule, logger: Logger): Promise<NestExpressApplication> {
  const options = {
    ...{ logger: nestLog(logger), abortOnError: false, bodyParser: false },
  } as const;
  const app = await NestFactory.create<NestExpressApplication>(module, options);
  app.useSecurityHeaders({
    contentSecurityPolicy: {
      // Nothing is fetched from elsewhere, and over plain HTTP on this machine nothing is upgraded.
      directives: {
        ...{ fontSrc: "'self'", styleSrc: ["'self'", "'unsafe-inline'"] },
        ...{ frameAncestors: "'none'", upgradeInsecureRequests: null },
      },
    },
    xFrameOptions: { action: 'deny' },
    strictTransportSecurity: false,
  });
  app.use(pinoHttp(requestLog(logger)));
  app.use(neverStored);
  app.use(onlyLoopback);
  setUpRoutes(app);
  answerMalformed(app.getHttpServer());
  return app;
}

function neverStored(_request: Request, response: Response, next: NextFunction): void {
  response.setHeader('Cache-Control', 'no-store');
  next();
}

/** What the module of the service is made of. */
export interface Parts {
  readonly wayledger: Wayledger;
  readonly projector: Projector;
  readonly readiness: ReadinessCheck;
  readonly token: Token;
}

@Module({})
export class ServiceModule {
  static with({ wayledger, projector, readiness, token }: Parts): DynamicModule {
    return {
      module: ServiceModule,
      imports: [ApiModule.with(wayledger, projector)],
      controllers: [HealthController],
      providers: [
        { provide: ReadinessCheck, useValue: readiness },
        { provide: Token, useValue: token },
        { provide: APP_GUARD, useClass: AccessGuard },
      ],
    };
  }
}
