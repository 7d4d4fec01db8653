import { randomUUID } from 'node:crypto';
import gossip from '@eventstore/db-client/generated/gossip_pb.js';
import type { IGossipServer } from '@eventstore/db-client/generated/gossip_grpc_pb.js';
import features from '@eventstore/db-client/generated/serverfeatures_pb.js';
import type { IServerFeaturesServer } from '@eventstore/db-client/generated/serverfeatures_grpc_pb.js';
import type { Endpoint } from './refusal.js';
import { nowMs, type Serving } from './serving-node.js';
import { ticksOf } from './server-store.js';
import { uuidOf } from './wire.js';

const STATES = gossip.MemberInfo.VNodeState;
const SERVER_VERSION = '24.10.14';
const STREAM_METHODS = ['append', 'read', 'delete', 'tombstone'];

export interface Member {
  readonly endpoint: Endpoint;
  readonly state: 'leader' | 'follower' | 'unknown' | 'initializing';
  readonly alive: boolean;
}

/** Answers for anybody, also while there is no leader: it is how one is found. */
export function gossipCall(node: Serving, members: () => readonly Member[]): IGossipServer['read'] {
  return (call, callback) => {
    node.seen.noteCall('gossip', call.metadata);
    node.faults
      .befall('gossip', node.stopped)
      .then(() => {
        const now = ticksOf(nowMs(node));
        const infos = members().map((member) => memberInfo(member, now));
        callback(null, new gossip.ClusterInfo().setMembersList(infos));
      })
      .catch(callback);
  };
}

function memberInfo({ endpoint, state, alive }: Member, ticks: bigint): gossip.MemberInfo {
  const { address, port } = endpoint;
  return new gossip.MemberInfo()
    .setInstanceId(uuidOf(randomUUID(), false))
    .setTimeStamp(String(ticks))
    .setState(stateOf(state))
    .setIsAlive(alive)
    .setHttpEndPoint(new gossip.EndPoint().setAddress(address).setPort(port));
}

function stateOf(state: Member['state']): gossip.MemberInfo.VNodeState {
  switch (state) {
    case 'leader':
      return STATES.LEADER;
    case 'follower':
      return STATES.FOLLOWER;
    case 'unknown':
      return STATES.UNKNOWN;
    case 'initializing':
      return STATES.INITIALIZING;
  }
}

/** By this list the client chooses between the two ways to append. */
export function featuresCall(node: Serving): IServerFeaturesServer['getSupportedMethods'] {
  return (call, callback) => {
    node.seen.noteCall('features', call.metadata);
    node.faults
      .befall('features', node.stopped)
      .then(() => {
        const batch = node.batchAppend ? ['batchappend'] : [];
        const methods = [...STREAM_METHODS, ...batch].map((name) =>
          method('streams.streams', name),
        );
        callback(
          null,
          new features.SupportedMethods()
            .setEventStoreServerVersion(SERVER_VERSION)
            .setMethodsList([...methods, method('gossip.gossip', 'read')]),
        );
      })
      .catch(callback);
  };
}

function method(service: string, name: string): features.SupportedMethod {
  return new features.SupportedMethod()
    .setServiceName(`event_store.client.${service}`)
    .setMethodName(name);
}
