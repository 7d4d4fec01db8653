/** A larger file is no anchor's sheet of a year: split it. */
export const FILE_BYTES_MAX = 64 * 1024 * 1024;
export const ROWS_MAX = 500_000;
/** As long as any text that a command takes. */
export const CELL_LENGTH_MAX = 4_000;
/** Rows of titles and remarks that may stand above the header row. */
export const TITLE_ROWS_MAX = 20;
export const FILES_MAX = 50;
/** Of mapping.yaml and setup.yaml. */
export const YAML_BYTES_MAX = 1024 * 1024;
