import { fundingQueries } from './funding-routes.js';
import { referralQueries } from './referral-routes.js';
import type { QueryRoute } from './route.js';

/** One route a query, slice by slice. */
export const queryRoutes: readonly QueryRoute[] = [...referralQueries, ...fundingQueries];
