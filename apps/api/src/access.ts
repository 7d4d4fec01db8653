import { SetMetadata } from '@nestjs/common';

/** Who may use a route. A route that says nothing answers nobody. */
export const ACCESS = 'access';
export type Access = 'operator' | 'public';

/** For whoever holds the token. */
export const ForOperator = () => SetMetadata(ACCESS, 'operator' satisfies Access);
/** For everybody who can reach the service: says nothing about anybody. */
export const ForEverybody = () => SetMetadata(ACCESS, 'public' satisfies Access);
