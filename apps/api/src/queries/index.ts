import type { Type } from '@nestjs/common';

/** One route a query, slice by slice. */
export const queryControllers: readonly Type[] = [];
