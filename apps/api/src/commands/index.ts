export { Commands } from './commands.js';
export { commandControllers } from './controllers.js';
export { commandRoutes, type CommandRoute } from './routes.js';
