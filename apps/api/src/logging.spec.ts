import { describe, expect, test } from '@jest/globals';
import { LogUnavailable } from '#event-log';
import { errorFields, nestLog, openLogger } from './logging.js';

const NAME = 'Ada Lovelace';

function written(write: (logger: ReturnType<typeof openLogger>) => void): string {
  let text = '';
  write(openLogger('debug', { write: (line) => (text += line) }));
  return text;
}

describe('the log of the service', () => {
  test('says what it may, and leaves out what nobody allowed', () => {
    const text = written((logger) => {
      logger.info({ route: '/v1/referrals', status: 200, name: NAME, body: { NAME } }, 'answered');
      logger.child({ requestId: 'r1', headers: { cookie: NAME } }).warn({ req: { NAME } }, 'slow');
    });
    expect(text).not.toContain(NAME);
    const [first, second] = text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as object);
    expect(first).toEqual({
      level: 'info',
      time: expect.stringMatching(/^\d{4}-.*Z$/u),
      ...{ route: '/v1/referrals', status: 200, msg: 'answered' },
    });
    expect(second).toMatchObject({ level: 'warn', requestId: 'r1', msg: 'slow' });
  });

  test('says of an error where it happened, and not what it quotes', () => {
    const errors = [
      () => JSON.parse(`{"name": ${NAME}}`) as unknown,
      () => {
        throw new TypeError(NAME, { cause: new Error(`for\n    at ${NAME} (1:1:1)`) });
      },
      () => {
        // Not only errors can be thrown.
        // eslint-disable-next-line @typescript-eslint/only-throw-error
        throw NAME;
      },
      () => {
        throw Object.assign(new Error(NAME), { code: NAME });
      },
    ].map((work) => thrownBy(work));
    const text = written((logger) => {
      for (const error of errors) {
        logger.error({ error: errorFields(error) }, 'failed');
        nestLog(logger).error(error, NAME);
      }
    });
    expect(text).not.toContain(NAME);
    expect(text).toContain('logging.spec.ts:');
    expect(text).toContain('"name":"SyntaxError"');
  });

  test('says what our own errors say: they hold nothing about anybody', () => {
    const error = new LogUnavailable('The log is locked.', false);
    expect(errorFields(error)).toMatchObject({ name: 'LogUnavailable', message: error.message });
  });
});

function thrownBy(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    return error;
  }
}
