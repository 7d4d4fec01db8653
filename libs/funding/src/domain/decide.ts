export * from './decide-agreement.js';
export * from './decide-budget.js';
export * from './decide-fund.js';
export * from './decide-opening.js';
export * from './decide-spending.js';
