import { setTimeout as delay } from 'node:timers/promises';
import type { Wayledger } from '#engine';
import { LOG_START, type Position } from '#event-log';
import type { PersonId } from '#kernel';
import type { Standing } from '../projector/projector.js';

/** How far behind the log the read models may be, in milliseconds. */
export const BEHIND_MS_MAX = 30_000;
/** How long a store may take to answer. */
export const CHECK_MS_MAX = 2_000;
/** Nobody's: the key store is asked for it to see whether it answers. */
const NOBODY = '00000000-0000-0000-0000-000000000000' as PersonId;

export interface Readiness {
  readonly ready: boolean;
  readonly checks: {
    readonly service: 'running' | 'stopping';
    readonly log: 'ok' | 'unreachable';
    readonly keys: 'ok' | 'unreadable';
    readonly readModels: ReadModels;
  };
}

interface ReadModels extends Omit<Standing, 'running'> {
  /** `stale`: further behind than they may be. */
  readonly status: 'ok' | 'catching-up' | 'stale' | 'projector-down';
}

/** Whether the service can do its work at this moment. */
export abstract class ReadinessCheck {
  abstract run(): Promise<Readiness>;
}

export interface Checked {
  readonly wayledger: Pick<Wayledger, 'log' | 'keys'>;
  readonly projector: { standing(head: Position): Standing };
  readonly isStopping: () => boolean;
}

export class StoresReadiness extends ReadinessCheck {
  constructor(private readonly given: Checked) {
    super();
  }

  async run(): Promise<Readiness> {
    const { wayledger, projector, isStopping } = this.given;
    const [head, keysAnswer] = await Promise.all([
      inTime(wayledger.log.head()),
      inTime(wayledger.keys.find(NOBODY).then(() => true)),
    ]);
    const readModels = readModelsOf(projector.standing(head ?? LOG_START));
    const checks = {
      service: isStopping() ? 'stopping' : 'running',
      log: head === null ? 'unreachable' : 'ok',
      keys: keysAnswer === null ? 'unreadable' : 'ok',
      readModels,
    } as const;
    const ready =
      !isStopping() && head !== null && keysAnswer !== null && readModels.status === 'ok';
    return { ready, checks };
  }
}

function readModelsOf({ running, ...rest }: Standing): ReadModels {
  if (!running) return { status: 'projector-down', ...rest };
  if (rest.behindMs === null) return { status: 'catching-up', ...rest };
  return { status: rest.behindMs > BEHIND_MS_MAX ? 'stale' : 'ok', ...rest };
}

/** `null`: it failed, or did not answer in time. */
async function inTime<T>(asked: Promise<T>): Promise<T | null> {
  const late = new AbortController();
  try {
    const limit = delay(CHECK_MS_MAX, null, { signal: late.signal }).catch(() => null);
    return await Promise.race([asked, limit]);
  } catch {
    return null;
  } finally {
    late.abort();
  }
}
