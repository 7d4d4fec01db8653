import { fileURLToPath } from 'node:url';
import { isSlug, assert, present, type CivilDate } from '#kernel';
import type { Scheme } from '../domain/scheme.js';
import { loadSchemes } from '../referral.module.js';

const FOLDER = fileURLToPath(new URL('../../../../../schemes', import.meta.url));
const LATEST = '9999-12-31' as CivilDate;

/** A scheme as its file says it. */
export async function shippedScheme(name: string): Promise<Scheme> {
  assert(isSlug(name), `${name} is the name of a scheme`);
  const found = (await loadSchemes(FOLDER)).inForce(name, LATEST);
  return present(found, `there is a scheme ${name}`);
}
