export { Directory } from './commands/directory.js';
export { Places, placesStream } from './commands/places.js';
export { directoryEvents, type DirectoryEvent, type DirectoryFact } from './domain/events.js';
export { placeEvents, type PlaceEvent, type PlaceFact } from './domain/place-events.js';
export { evolvePlaces, noPlaces, type Place, type PlaceMove } from './domain/places.js';
export { DirectoryModule, directoryCommands } from './directory.module.js';
