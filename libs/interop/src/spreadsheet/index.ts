export { FIELDS, SHEETS, type Sheet } from './fields.js';
export { References } from './known-rows.js';
export { FILE_BYTES_MAX, YAML_BYTES_MAX } from './limits.js';
export { parseMapping, type MappedFile } from './mapping.js';
export { planImport, type Plan, type ToBeAsked } from './plan.js';
export {
  keyOf,
  type PlannedCommand,
  type PlannedRow,
  type Planning,
  type RefusedRow,
  type RowReason,
  type SheetRow,
} from './planned.js';
export { parseSetup, type Setup } from './setup.js';
export { setupCommands, type SetupCommand } from './setup-commands.js';
export { SheetFileRefused } from './yaml-file.js';
export {
  TO_FILL_IN,
  UNSURE,
  guessFile,
  mappingText,
  type GuessedFile,
  type UnknownFile,
} from './propose-mapping.js';
export { setupText } from './propose-setup.js';
