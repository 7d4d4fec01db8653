export * from './command-hash.js';
export * from './fields.js';
export * from './identifiers.js';
export * from './key-store.js';
export * from './postgres-key-store.js';
export * from './sealing.js';
export * from './sqlite-key-store.js';
export * from './tokens.js';
