export { givenKeys, type KeysAddress } from './keys-address.js';
export { KNOWN_AT_FORMS, dayOfCut, knownBy, readKnownAt, type KnownAt } from './known-at.js';
export {
  givenLog,
  logInFolder,
  sideOfCopy,
  type LogAddress,
  type OnWaiting,
} from './log-address.js';
export { commandSchemas, eventSchemas, fieldSchemas, type Schema } from './schemas.js';
export { StoreAddressRefused } from './store-address.js';
export { givenViews, type ViewsAddress } from './views-address.js';
export { SHIPPED_SCHEMES, WayledgerModule, type Stores } from './wayledger.module.js';
export {
  DataRefused,
  Wayledger,
  commandCatalogue,
  commandSlices,
  eventCatalogue,
  projections,
  type OpenOptions,
} from './wayledger.js';
