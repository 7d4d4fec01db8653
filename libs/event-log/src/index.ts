export * from './codec.js';
export * from './errors.js';
export * from './overlay.js';
export * from './place.js';
export * from './port.js';
export * from './stored-event.js';
export * from './streams.js';
export * from './tokens.js';
