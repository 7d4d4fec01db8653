export { queryControllers } from './controllers.js';
export { queryRoutes } from './routes.js';
export type { QueryRoute } from './route.js';
