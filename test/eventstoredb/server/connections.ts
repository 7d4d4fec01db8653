import { once } from 'node:events';
import { createServer, type Server as Listener, type AddressInfo, type Socket } from 'node:net';
import type { ConnectionInjector } from '@grpc/grpc-js/build/src/server.js';

export const LOOPBACK = '127.0.0.1';

/** The sockets of a node are held here and not by gRPC, so that they can be cut. */
export class Connections {
  readonly #listener: Listener;
  readonly #sockets = new Map<string, Socket>();

  constructor(injector: ConnectionInjector) {
    this.#listener = createServer((socket) => {
      const peer = `${socket.remoteAddress ?? ''}:${socket.remotePort ?? 0}`;
      this.#sockets.set(peer, socket);
      socket.on('close', () => this.#sockets.delete(peer));
      socket.on('error', () => undefined); // A client that goes away is no error here.
      injector.injectConnection(socket);
    });
  }

  /** The port that was given, or a free one for 0. */
  async listen(port: number): Promise<number> {
    this.#listener.listen(port, LOOPBACK);
    await once(this.#listener, 'listening');
    // An address of a TCP socket is never a path.
    return (this.#listener.address() as AddressInfo).port;
  }

  cut(peer: string): void {
    this.#sockets.get(peer)?.destroy();
  }

  async close(): Promise<void> {
    const closed = once(this.#listener, 'close');
    this.#listener.close();
    for (const socket of this.#sockets.values()) socket.destroy();
    await closed;
  }
}
