export { Auditor, type Books } from './auditor.js';
export { compareBooks } from './books-checks.js';
export { verify, type Check } from './verify.js';
