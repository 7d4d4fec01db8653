import { deriveId } from '#kernel';
import { startImport, type Answer, type Import } from './imports.js';
import type { Racer } from './raced-commands.js';

/** What keeps the names of all files apart from other files' names: they are one story. */
export const NAMESPACE = 'raced';

export const commandIdOf = (line: string) =>
  deriveId<'command'>('name', NAMESPACE, 'command', line);

/** As a person gives the stores of a process whose connections are to be told apart. */
export function storesAt(url: string, name: string): string[] {
  const at = `${url}?application_name=${name}`;
  return ['--log', at, '--views', at, '--keys', at];
}

/** What was seen of all processes. */
export class Seen {
  lives = 0;
  readonly deeds = new Map<string, number>();
  /** What processes that gave up said, and how often. */
  readonly complaints = new Map<string, number>();
  /** Of a process that was neither paused nor cut off meanwhile. */
  longestSilenceMs = 0;
  readonly acknowledged = new Set<string>();

  count(what: Map<string, number>, name: string): void {
    what.set(name, (what.get(name) ?? 0) + 1);
  }

  told(): string {
    const told = (what: Map<string, number>) =>
      [...what].map(([name, count]) => `${count} × ${name}`).join(', ') || 'none';
    return (
      `${this.lives} processes, ${this.acknowledged.size} events acknowledged; ` +
      `${told(this.deeds)}; longest without a word ${Math.round(this.longestSilenceMs)} ms; ` +
      `gave up: ${told(this.complaints)}`
    );
  }
}

/** One file, imported by one process after another until it has gone through. */
export class Importer {
  private run: Import;
  private isOver = false;
  private quietSince = performance.now();

  constructor(
    readonly name: Racer,
    private readonly args: { readonly file: string; readonly data: string; readonly url: string },
    private readonly mayBeRefused: ReadonlySet<string>,
    private readonly seen: Seen,
  ) {
    this.run = this.start();
  }

  /** The process of this moment; `undefined`: it has gone through. */
  get process(): Import | undefined {
    return this.isOver ? undefined : this.run;
  }

  /** It is no wonder when it says nothing until now. */
  excuse(): void {
    this.quietSince = performance.now();
  }

  async through(): Promise<void> {
    for (; !(await this.hasEnded()); this.run = this.start());
    this.isOver = true;
  }

  private start(): Import {
    const { file, data, url } = this.args;
    this.seen.lives += 1;
    const more = ['--namespace', NAMESPACE, ...storesAt(url, this.name)];
    const run = startImport(file, data, { more });
    let isFirst = true;
    void run.until(() => {
      // Until its first answer it starts, as long as that takes on a busy machine.
      if (!isFirst) this.listen();
      isFirst = false;
      this.excuse();
      return false;
    });
    return run;
  }

  private listen(): void {
    const silenceMs = performance.now() - this.quietSince;
    this.seen.longestSilenceMs = Math.max(this.seen.longestSilenceMs, silenceMs);
  }

  /** Whether it has gone through. */
  private async hasEnded(): Promise<boolean> {
    const { run, seen } = this;
    const { code, signal } = await run.ended;
    for (const answer of run.answers) this.hear(answer);
    const said = run.complaints();
    if (signal === 'SIGKILL') return false;
    if (run.summary !== undefined && said === '' && (code === 0 || code === REFUSED)) {
      return true;
    }
    if (code !== GAVE_UP || said === '' || /^\s+at /mu.test(said)) {
      throw new Error(`An import ended with ${code ?? signal} and said: ${said}`);
    }
    seen.count(seen.complaints, said.trim());
    return false;
  }

  private hear({ line, id, status, events = [], reasons = [] }: Answer): void {
    for (const event of events) this.seen.acknowledged.add(event.id);
    if (status !== 'refused') return;
    if (this.mayBeRefused.has(id) && reasons[0]?.code === 'pot-exhausted') return;
    throw new Error(`Line ${line} of ${this.name} was refused: ${JSON.stringify(reasons)}`);
  }
}

/** As the command line ends: some lines were refused; it could not go on. */
const REFUSED = 1;
const GAVE_UP = 3;
