import type { Server } from 'node:http';
import type { Logger } from 'pino';

/** How long requests that are under way may take to end, in milliseconds. */
export const DRAIN_MS_MAX = 10_000;
const LOOK_MS = 50;

/**
 * Takes no more requests and lets those under way be answered; after `DRAIN_MS_MAX` they are cut
 * off. What was acknowledged is on disk by then, whoever heard of it.
 */
export async function closing(server: Server, logger: Logger): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve));
  // A connection that has had its answer may be kept open by the caller for ever.
  const idle = setInterval(() => {
    server.closeIdleConnections();
  }, LOOK_MS);
  const limit = setTimeout(() => {
    logger.warn('requests that did not end in time are cut off');
    server.closeAllConnections();
  }, DRAIN_MS_MAX);
  await closed;
  clearInterval(idle);
  clearTimeout(limit);
}
