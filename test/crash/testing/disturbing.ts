import { setTimeout as delay } from 'node:timers/promises';
import type { Importer, Seen } from './importer.js';
import type { Onlooker } from './onlooker.js';
import type { Random } from './random.js';

const DEEDS = ['killed', 'killed', 'cut off', 'paused', 'paused and killed'] as const;
const MOMENTS = ['whenever', 'answering', 'in a transaction'] as const;
const SOON_MS_MAX = 1_500;
/** Mostly far shorter; now and then longer than anybody waits for a process that holds a lock. */
const PAUSE_MS_MAX = 13_000;
const ANSWERS_MAX = 40;
const LOOK_MS_MAX = 3_000;
/** In each file's way; then it is left alone, so that it gets through on a slow machine too. */
const TIMES = 6;

/** Kills, pauses and cuts off the processes of an import at random moments. */
export async function disturb(
  importer: Importer,
  onlooker: Onlooker,
  random: Random,
  seen: Seen,
): Promise<void> {
  for (let times = 0; times < TIMES; times += 1) {
    const moment = MOMENTS[random.below(MOMENTS.length)] ?? 'whenever';
    const deed = DEEDS[random.below(DEEDS.length)] ?? 'killed';
    const soonMs = random.below(SOON_MS_MAX);
    const pauseMs = PAUSE_MS_MAX * (random.below(100) / 100) ** 4;
    const answers = 1 + random.below(ANSWERS_MAX);
    const came = await momentOf(moment, importer, onlooker, { soonMs, answers });
    const { process } = importer;
    if (process === undefined) return;
    if (!came) continue;
    seen.count(seen.deeds, `${deed} ${moment}`);
    if (deed === 'cut off') await onlooker.cut(importer.name);
    if (deed.startsWith('paused')) {
      process.pause();
      await delay(pauseMs);
      if (deed === 'paused') process.resume();
    }
    importer.excuse();
    if (deed.endsWith('killed')) {
      process.kill();
      await process.ended;
    }
  }
}

/** Whether it came: a process may end before. */
async function momentOf(
  moment: (typeof MOMENTS)[number],
  importer: Importer,
  onlooker: Onlooker,
  given: { readonly soonMs: number; readonly answers: number },
): Promise<boolean> {
  if (moment === 'whenever') {
    await delay(given.soonMs);
    return true;
  }
  const { process } = importer;
  if (process === undefined) return false;
  if (moment === 'answering') {
    const enough = process.answers.length + given.answers;
    await process.until(() => process.answers.length >= enough);
    return process.answers.length >= enough;
  }
  const deadline = performance.now() + LOOK_MS_MAX;
  while (importer.process !== undefined && performance.now() < deadline) {
    if (await onlooker.isWithin(importer.name)) return true;
  }
  return false;
}
