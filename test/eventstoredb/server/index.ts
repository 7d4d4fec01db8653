export { Faults, type Failure, type Method, type Methods, type Unreplicated } from './faults.js';
export { comparePositions, type LogPosition, type LogRecord, type RawEvent } from './log-record.js';
export type { Endpoint } from './refusal.js';
export {
  Seen,
  type ExpectedKind,
  type FilterSeen,
  type HeadersSeen,
  type SubscriptionSeen,
} from './seen.js';
export { ServerCluster, startCluster, type ClusterOptions } from './server-cluster.js';
export {
  CERTIFICATES,
  ServerNode,
  startNode,
  type Certificates,
  type NodeOptions,
} from './server-node.js';
export { ServerStore, type ForgedEvent } from './server-store.js';
