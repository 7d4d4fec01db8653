export * from './generations.js';
export * from './projection.js';
export * from './reading.js';
export * from './rows.js';
export * from './runner.js';
export * from './table.js';
export * from './timers.js';
export * from './views-database.js';
