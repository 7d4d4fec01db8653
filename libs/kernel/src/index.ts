export * from './assert.js';
export * from './clock.js';
export * from './dates.js';
export * from './decider.js';
export * from './errors.js';
export * from './ids.js';
export * from './money.js';
export * from './shape.js';
