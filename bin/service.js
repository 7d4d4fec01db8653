#!/usr/bin/env node
import { handOver } from './hand-over.js';

await handOver(import.meta.url, new URL('../dist/apps/api/src/main.js', import.meta.url));
