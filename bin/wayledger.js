#!/usr/bin/env node
import { handOver } from './hand-over.js';

const main = new URL('../dist/apps/cli/src/main.js', import.meta.url);
const { run } = await handOver(import.meta.url, main);
await run(process.argv);
