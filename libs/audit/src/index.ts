export { Auditor, type Books } from './auditor.js';
export { compareBooks } from './books-checks.js';
export { verify, type Check } from './verify.js';
export {
  tellStory,
  type StepCorrection,
  type StepMoney,
  type StoryStep,
  type StoryTold,
} from './replay/story.js';
