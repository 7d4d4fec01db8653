export {
  SCENARIOS,
  type Scenario,
  type SimulatedArea,
  type SimulatedLine,
  type SimulationOptions,
} from './simulated-line.js';
export { SimulationRefused, endDayOf, simulate, simulateAreas } from './simulate.js';
export { FIRST_DAY } from './days.js';
export { AREAS_MAX, SEED_MAX, YEARS_MAX } from './parameters.js';
