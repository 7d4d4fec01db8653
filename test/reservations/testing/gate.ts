/** Something to wait at until somebody opens it. */
export interface Gate {
  readonly opened: Promise<unknown>;
  open(): void;
}

export function gate(): Gate {
  const { promise, resolve } = Promise.withResolvers<null>();
  return {
    opened: promise,
    open: () => {
      resolve(null);
    },
  };
}

/** Who comes waits until so many are there. */
export function meeting(of: number): { come(): Promise<void>; readonly came: number } {
  const all = gate();
  let came = 0;
  return {
    async come() {
      came += 1;
      if (came === of) all.open();
      await all.opened;
    },
    get came() {
      return came;
    },
  };
}
