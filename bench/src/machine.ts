import { execFileSync } from 'node:child_process';
import { closeSync, fdatasyncSync, openSync, readFileSync, statfsSync, writeSync } from 'node:fs';
import { cpus, release, totalmem, type } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { median, percentile } from './measure.ts';

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryMb: number;
  readonly system: string;
  /** One write of a block at the end of a file and its way to the disk, in milliseconds. */
  readonly diskSyncMs: { readonly p50: number; readonly p99: number };
}

const PROBES = 200;
/** https://github.com/torvalds/linux/blob/master/include/uapi/linux/magic.h */
const TMPFS_MAGIC = 0x01021994;

/** Of the machine, and of the disk that a folder is on. */
export function machineOf(folder: string): Machine {
  const [first] = cpus();
  return {
    cpu: first?.model.trim() ?? 'unknown',
    cores: cpus().length,
    memoryMb: Math.round(totalmem() / 1e6),
    system: `${type()} ${release()}`,
    diskSyncMs: diskSync(folder),
  };
}

/** In memory nothing waits for a disk: durable figures of such a folder would be worth nothing. */
export function isInMemory(folder: string): boolean {
  return statfsSync(folder).type === TMPFS_MAGIC;
}

function diskSync(folder: string): Machine['diskSyncMs'] {
  const file = openSync(join(folder, 'sync-probe'), 'w');
  const block = Buffer.alloc(4_096, 1);
  const took: number[] = [];
  try {
    for (let probe = 0; probe < PROBES; probe += 1) {
      const started = performance.now();
      writeSync(file, block);
      fdatasyncSync(file);
      took.push(performance.now() - started);
    }
  } finally {
    closeSync(file);
  }
  return { p50: median(took), p99: percentile(took, 0.99) };
}

/** Of everything that takes part. */
export function versions(root: string, postgres: string): Readonly<Record<string, string>> {
  const memory = new DatabaseSync(':memory:');
  const sqlite = String(memory.prepare('SELECT sqlite_version() AS v').get()?.['v']);
  memory.close();
  const text = readFileSync(join(root, 'bench', 'package.json'), 'utf8');
  const { dependencies } = JSON.parse(text) as { dependencies: Record<string, string> };
  return {
    wayledger: commitOf(root),
    node: process.versions.node,
    sqlite,
    postgresql: postgres,
    emmett: dependencies['@event-driven-io/emmett-postgresql'] ?? '',
    pg: dependencies['pg'] ?? '',
  };
}

/** The commit that is measured; `+` where what is measured is not what was committed. */
function commitOf(root: string): string {
  try {
    const git = (...args: string[]) =>
      execFileSync('git', ['-C', root, ...args], { encoding: 'utf8', stdio: 'pipe' }).trim();
    const changed = git('status', '--porcelain', '--', ':!bench/results') !== '';
    return `${git('rev-parse', '--short=10', 'HEAD')}${changed ? '+' : ''}`;
  } catch {
    return 'unknown';
  }
}
