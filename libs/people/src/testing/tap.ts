import { createServer, connect, type AddressInfo, type Socket } from 'node:net';

/** Stands between a client and its server, and hears what the client says. */
export interface Tap {
  /** The server's own address, by way of here. */
  readonly url: string;
  /** All that was said to the server, as Latin-1. */
  said(): string;
  /** From now on nobody is answered any more; nothing is closed either. */
  fallSilent(): void;
  close(): Promise<void>;
}

export async function tapOn(url: string): Promise<Tap> {
  const to = new URL(url);
  const heard: Buffer[] = [];
  const sockets = new Set<Socket>();
  let isSilent = false;
  const server = createServer((client) => {
    const behind = connect(Number(to.port), to.hostname);
    for (const socket of [client, behind]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.once('close', () => {
        client.destroy();
        behind.destroy();
      });
    }
    client.on('data', (bytes) => {
      heard.push(bytes);
      if (!isSilent) behind.write(bytes);
    });
    behind.on('data', (bytes) => {
      if (!isSilent) client.write(bytes);
    });
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const here = new URL(url);
  here.port = String((server.address() as AddressInfo).port);
  return {
    url: here.href,
    said: () => Buffer.concat(heard).toString('latin1'),
    fallSilent() {
      isSilent = true;
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((closed) => server.close(closed));
    },
  };
}
