export {
  givenLog,
  logInFolder,
  sideOfCopy,
  type LogAddress,
  type OnWaiting,
} from './log-address.js';
export { commandSchemas, eventSchemas } from './schemas.js';
export { WayledgerModule, type Stores } from './wayledger.module.js';
export {
  DataRefused,
  Wayledger,
  commandCatalogue,
  eventCatalogue,
  projections,
  type OpenOptions,
} from './wayledger.js';
