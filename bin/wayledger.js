#!/usr/bin/env -S node --max-semi-space-size=16 --heap-growing-percent=50
// On a large machine Node lets garbage of some hundred megabytes lie: with these two options, the
// only ones that can say so, a rebuild takes a quarter less memory, for a little more time.
import { handOver } from './hand-over.js';

const main = new URL('../dist/apps/cli/src/main.js', import.meta.url);
const { run } = await handOver(import.meta.url, main);
await run(process.argv);
