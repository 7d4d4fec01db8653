/** The names under which an application wires in its stores. */
export const EVENT_LOG = Symbol('EventLog');
export const SEALER = Symbol('Sealer');
export const COMMAND_HASHER = Symbol('CommandHasher');
