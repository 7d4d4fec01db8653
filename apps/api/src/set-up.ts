import type { NestExpressApplication } from '@nestjs/platform-express';
import { SwaggerModule } from '@nestjs/swagger';
import { BODY_BYTES_MAX } from './limits.js';
import { apiDocument } from './openapi/document.js';

export const DOCS_PATH = 'v1/docs';

/**
 * What the routes need of the application around them, which is made with `bodyParser: false`:
 * bodies come as bytes, since they are read as a line of a command file is. The pages at `/v1/docs`
 * fetch from here only; under a content security policy they need styles of their own
 * (`style-src 'self' 'unsafe-inline'`) and images as data (`img-src 'self' data:`).
 */
export function setUpRoutes(app: NestExpressApplication): void {
  app.disable('etag');
  app.disable('x-powered-by');
  app.useBodyParser('raw', { type: () => true, limit: BODY_BYTES_MAX });
  SwaggerModule.setup(DOCS_PATH, app, () => apiDocument(), {
    raw: false,
    customSiteTitle: 'Wayledger',
    customCss: '.swagger-ui .topbar { display: none }',
  });
}
