import { Text } from '#kernel';

/** Going past a capacity on purpose: who is the actor, why is said. */
export class Override {
  @Text('why it went past the capacity') reason!: string;
}
