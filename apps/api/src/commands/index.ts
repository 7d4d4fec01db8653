import type { Type } from '@nestjs/common';

/** One route a command, from the catalogue. */
export const commandControllers: readonly Type[] = [];
