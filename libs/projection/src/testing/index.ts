export { reduced } from './reduced.js';
