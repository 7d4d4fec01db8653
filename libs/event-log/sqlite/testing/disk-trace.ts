/** Reads what strace saw: which writes were on disk when an append was answered. */

const TRACED = 'trace=write,writev,pwrite64,pwritev,pwritev2,fsync,fdatasync';
export const STRACE = ['strace', '-f', '-y', '-s', '8192', '-e', TRACED, '-o'];

/** What the event of the nth append holds, to be found again in the pages that are written. */
export function markerOf(n: number): string {
  return `<append ${String(n).padStart(6, '0')}>`;
}

export interface Verdict {
  readonly acks: number;
  readonly syncs: number;
  /** Answers given while something of it was not, or not surely, on disk; with the reason. */
  readonly tooEarly: readonly string[];
}

const WRITE = /^p?writev?(?:64|2)?\(\d+<([^>]*)>/;
const SYNC = /^f(?:data)?sync\(\d+<([^>]*)>.*\)\s+= 0$/;
const ACK = /^write\(1<[^>]*>, "ACK (\d+)\\n"/;

export function judge(trace: string, path: string): Verdict {
  const unsynced = new Set<string>();
  const written = new Set<string>();
  const tooEarly: string[] = [];
  let acks = 0;
  let syncs = 0;
  for (const call of systemCalls(trace)) {
    const ack = ACK.exec(call)?.[1];
    const writeTo = WRITE.exec(call)?.[1];
    const synced = SYNC.exec(call)?.[1];
    if (ack !== undefined) {
      acks += 1;
      if (!written.has(markerOf(Number(ack)))) tooEarly.push(`${ack}: nothing of it was written`);
      if (unsynced.size > 0) tooEarly.push(`${ack}: ${[...unsynced].join(', ')} not synced`);
    } else if (writeTo === path || writeTo === `${path}-wal`) {
      unsynced.add(writeTo);
      for (const [marker] of call.matchAll(/<append \d{6}>/g)) written.add(marker);
    } else if (synced !== undefined && unsynced.delete(synced)) {
      syncs += 1;
    }
  }
  return { acks, syncs, tooEarly };
}

/** Calls as they ended; one that another thread interrupted is put together again. */
function systemCalls(trace: string): string[] {
  const begun = new Map<string, string>();
  return trace.split('\n').flatMap((line) => {
    const [, thread = '', text = ''] = /^(\d+)\s+(.*)$/.exec(line) ?? [];
    if (text.endsWith('<unfinished ...>')) {
      begun.set(thread, text.slice(0, -'<unfinished ...>'.length));
      return [];
    }
    const resumed = /^<\.\.\. \w+ resumed>(.*)$/.exec(text)?.[1];
    return [resumed === undefined ? text : `${begun.get(thread) ?? ''}${resumed}`];
  });
}
