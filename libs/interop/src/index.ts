export * from './command-file.js';
export {
  NAME_LENGTH_MAX,
  NESTING_DEPTH_MAX,
  areRefusals,
  readFields,
  readGiven,
  readObject,
  type Given,
  type Refusals,
} from './given.js';
export * from './journal.js';
export * from './spreadsheet/index.js';
