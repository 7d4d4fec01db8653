import type { CommandClass } from '#kernel';
import { commandSlices } from '#engine';

export interface CommandRoute {
  readonly slice: string;
  /** In the catalogue. */
  readonly name: string;
  readonly path: string;
  readonly command: CommandClass;
  /** `If-Match` is needed: it is about a referral that is there already. */
  readonly versioned: boolean;
}

/** The one command on a referral that makes it. */
export const BEGINS = 'Refer';

/** One route a command: `RecordAttendance` of referrals is `/v1/referral/record-attendance`. */
export const commandRoutes: readonly CommandRoute[] = Object.entries(commandSlices).flatMap(
  ([slice, commands]) =>
    Object.entries(commands).map(([name, command]): CommandRoute => {
      const path = `/v1/${slice}/${kebab(name)}`;
      return { slice, name, path, command, versioned: slice === 'referral' && name !== BEGINS };
    }),
);

function kebab(name: string): string {
  return name.replace(/(?<=[a-z])[A-Z]/gu, (letter) => `-${letter}`).toLowerCase();
}
