/**
 * The service with a fault that nothing catches, as `FAULT` says, once it listens.
 */
import '../../../apps/api/src/main.js';

class Unforeseen extends Error {
  override readonly name = 'Unforeseen';
}
const fault = new Unforeseen('Ada Lovelace');

if (process.env['FAULT'] === 'rejection') void Promise.reject(fault);
else
  setImmediate(() => {
    throw fault;
  });
