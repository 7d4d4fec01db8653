import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  openSync,
  readFileSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { makeFolder } from '#event-log/sqlite';

const TOKEN_BYTES = 32;
const FILE = 'token.sha256';
const HASH = /^[0-9a-f]{64}\n?$/u;
/** Longer than any token: what is longer is not even hashed. */
const PRESENTED_LENGTH_MAX = 200;

/** The file beside the stores does not hold what it should. */
export class TokenRefused extends Error {
  override readonly name = 'TokenRefused';
}

export class Token {
  constructor(
    /** Only where it was just made: it is kept nowhere. */
    readonly made: string | null,
    /** Where its hash is: who deletes it and starts again gets a new token. */
    readonly file: string,
    private readonly hash: Buffer,
  ) {}

  /** Takes as long whatever is presented. */
  matches(presented: string): boolean {
    if (presented.length > PRESENTED_LENGTH_MAX) return false;
    return timingSafeEqual(hashOf(presented), this.hash);
  }
}

/**
 * The token of a data folder, made at the first start: 256 random bits, of which only the SHA-256
 * is kept. Of several that start at once one makes it.
 * @throws TokenRefused
 */
export function openToken(data: string): Token {
  makeFolder(data);
  const file = join(data, FILE);
  const made = randomBytes(TOKEN_BYTES).toString('base64url');
  const isMade = !existsSync(file) && keep(data, file, hashOf(made).toString('hex'));
  return new Token(isMade ? made : null, file, storedIn(file));
}

function hashOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

/** Whole and on disk before it has its name; `false` when another process was quicker. */
function keep(folder: string, file: string, hash: string): boolean {
  const draft = `${file}.${randomBytes(8).toString('hex')}.new`;
  try {
    synced(openSync(draft, 'wx', 0o600), (opened) => writeSync(opened, `${hash}\n`));
    linkSync(draft, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return false;
  } finally {
    rmSync(draft, { force: true });
    if (process.platform !== 'win32') synced(openSync(folder, 'r'));
  }
  return true;
}

function synced(opened: number, write: (opened: number) => void = () => undefined): void {
  try {
    write(opened);
    fsyncSync(opened);
  } finally {
    closeSync(opened);
  }
}

function storedIn(file: string): Buffer {
  const text = readFileSync(file, 'utf8');
  if (HASH.test(text)) return Buffer.from(text.trim(), 'hex');
  throw new TokenRefused(
    `${file} does not hold the hash of a token: delete it and start again; that makes a new token.`,
  );
}
