export {
  SCENARIOS,
  type Scenario,
  type SimulatedArea,
  type SimulatedLine,
  type SimulationOptions,
} from './simulated-line.js';
