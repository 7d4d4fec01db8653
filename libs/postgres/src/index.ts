export * from './address.js';
export * from './answer.js';
export * from './failures.js';
export * from './own-schema.js';
export * from './pool.js';
export * from './schema.js';
