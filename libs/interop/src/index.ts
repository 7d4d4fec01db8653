export * from './command-file.js';
export * from './journal.js';
