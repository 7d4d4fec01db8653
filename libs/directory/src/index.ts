export { Directory } from './commands/directory.js';
export { directoryEvents, type DirectoryEvent, type DirectoryFact } from './domain/events.js';
export { DirectoryModule, directoryCommands } from './directory.module.js';
