import { setTimeout as pause } from 'node:timers/promises';
import { deriveId, idFieldsOf } from '#kernel';
import { commandRoutes } from '../../../apps/api/src/commands/routes.js';
import type { Line } from './commands.js';

/** What was acknowledged of one line. */
export interface Acknowledged {
  readonly line: Line;
  readonly answer: Answer;
}

export interface Answer {
  readonly stream: string;
  readonly version: number;
  readonly events: readonly { readonly id: string; readonly type: string }[];
  readonly unchanged: boolean;
}

/** The service as clients know it: it may be away, and come back at another port. */
export interface Place {
  url(): Promise<string>;
  readonly token: () => string;
  /** It does not come back. */
  readonly gone: AbortSignal;
}

const AWAY_MS = 20;

/**
 * Gives a line until it is answered, with the same key each time, as who does not know whether the
 * first one arrived. A refusal is an error of the test: nothing here should be refused.
 */
export async function give(place: Place, name: string, line: Line): Promise<Answer> {
  while (!place.gone.aborted) {
    const answered = await post(await place.url(), place.token(), name, line);
    if (answered?.status === 200) return (await answered.json()) as Answer;
    if (answered !== null && answered.status !== 503) {
      throw new Error(`${String(line['id'])} was answered ${await answered.text()}`);
    }
    await pause(AWAY_MS);
  }
  throw new Error('The service is gone.');
}

/** `null` when there was no answer. */
async function post(
  url: string,
  token: string,
  name: string,
  line: Line,
): Promise<Response | null> {
  const route = commandRoutes.find((each) => each.name === line['command']);
  if (route === undefined) throw new Error(`No route for ${String(line['command'])}`);
  const headers = {
    Authorization: `Bearer ${token}`,
    'Content-Type': 'application/json',
    'Idempotency-Key': `${name} ${String(line['id'])}`,
    ...(route.versioned && { 'If-Match': '*' }),
  };
  const data = { ...(line['data'] as Record<string, unknown>) };
  // A file may have names of its own for these; HTTP has ids.
  for (const [field, kind] of idFieldsOf(route.command)) {
    const own = data[field];
    if (typeof own === 'string') data[field] = deriveId(name, kind, own);
  }
  const body = JSON.stringify({ at: line['at'], actor: line['actor'], data });
  try {
    const answer = await fetch(`${url}${route.path}`, { method: 'POST', headers, body });
    // Its body may be cut off by the same kill.
    const text = await answer.text();
    return new Response(text, { status: answer.status });
  } catch {
    return null;
  }
}
