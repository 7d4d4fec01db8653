import { createServer, connect, type AddressInfo, type Socket } from 'node:net';

export interface CuttingProxy {
  /** The same database, by way of the proxy. */
  readonly url: string;
  /** How often it has cut. */
  cuts(): number;
  /** From the next question that contains the text, each way, once. */
  cutAt(text: string, when: 'before the question' | 'after the answer'): void;
  /** Everything is swallowed from now on, and nothing is said. */
  fallSilent(): void;
  close(): Promise<void>;
}

/**
 * Between a client and a server: lets a question through, waits until the server has answered (it
 * has committed by then) and cuts the connection before the client hears of it.
 */
export async function cuttingProxy(target: string): Promise<CuttingProxy> {
  const { hostname, port } = new URL(target);
  const sockets = new Set<Socket>();
  let cut: { text: string; when: string } | undefined;
  let cuts = 0;
  let silent = false;
  const server = createServer((client) => {
    const upstream = connect(Number(port), hostname);
    let doomed = false;
    const end = (): void => {
      client.destroy();
      upstream.destroy();
    };
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', end);
      socket.on('close', end);
    }
    client.on('data', (bytes) => {
      if (silent) return;
      if (cut !== undefined && bytes.includes(cut.text)) {
        const { when } = cut;
        cut = undefined;
        cuts += 1;
        if (when === 'before the question') {
          end();
          return;
        }
        doomed = true;
      }
      upstream.write(bytes);
    });
    upstream.on('data', (bytes) => {
      if (doomed) end();
      else if (!silent) client.write(bytes);
    });
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const url = new URL(target);
  url.port = String((server.address() as AddressInfo).port);
  return {
    url: url.href,
    cuts: () => cuts,
    cutAt(text, when) {
      cut = { text, when };
    },
    fallSilent() {
      silent = true;
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((closed) => server.close(closed));
    },
  };
}
