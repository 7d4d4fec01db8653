import { commandRoutes } from './commands/routes.js';
import { queryRoutes } from './queries/routes.js';

const DOCUMENT_PATH = '/v1/openapi.json';

/** A path in which names in braces stand for one part each. */
function patternOf(path: string): RegExp {
  const parts = path.split(/\{\w+\}/u).map((part) => part.replaceAll('.', '\\.'));
  return new RegExp(`^${parts.join('[^/]+')}/?$`, 'iu');
}

const ROUTES = [
  ...commandRoutes.map(({ path }) => ({ pattern: patternOf(path), methods: ['POST'] })),
  ...[DOCUMENT_PATH, ...queryRoutes.map(({ path }) => path)].map((path) => {
    return { pattern: patternOf(path), methods: ['GET', 'HEAD'] };
  }),
];

/** What a path can be asked with; nothing where there is no such path. */
export function methodsOf(path: string): readonly string[] {
  return ROUTES.filter(({ pattern }) => pattern.test(path)).flatMap(({ methods }) => methods);
}
