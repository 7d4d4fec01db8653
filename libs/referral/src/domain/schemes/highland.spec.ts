import { beforeAll, describe, expect, test } from '@jest/globals';
import type { Slug } from '#kernel';
import { shippedScheme } from '../../testing/shipped-schemes.js';
import { asksOf } from '../asks.js';
import type { Scheme } from '../scheme.js';
import { JO, SAM } from '../testing/cast.js';
import { date, day, fold, given } from '../testing/given.js';
import { commandsUnder, told } from '../testing/under.js';

let highland: Scheme;
let say: ReturnType<typeof commandsUnder>;
beforeAll(async () => {
  highland = await shippedScheme('highland');
  say = commandsUnder(highland);
});
const TODAY = day('2026-04-10');
const accepted = (kind: 'broad' | 'medium' | 'specific') =>
  told([say.refer({ kind }), day('2026-04-01')], [say.accept(), day('2026-04-02')]);

describe('Highland', () => {
  test('tells broad, medium and specific apart, and must be told which it is', () => {
    given().when(say.refer(), TODAY).thenRefused('kind-needed', 'kind');
    for (const kind of ['broad', 'medium', 'specific'] as const) {
      expect(fold(accepted(kind))?.kind).toBe(kind);
    }
  });

  test('broad needs neither identity nor consent', () => {
    const state = fold(told([say.refer({ kind: 'broad' }, {}), TODAY]));
    expect(asksOf(state!, highland, highland, date('2026-04-10')).consent).toBe(false);
    for (const kind of ['medium', 'specific'] as const) {
      given().when(say.refer({ kind }, {}), TODAY).thenRefused('identity-needed', 'name');
      const asks = asksOf(fold(accepted(kind))!, highland, highland, date('2026-04-10'));
      expect(asks.consent).toBe(true);
    }
  });

  test('medium goes past the link worker to a programme', () => {
    expect(say.prescribe()(fold(accepted('medium')), TODAY)).toHaveLength(1);
  });

  test('specific needs a link worker and a plan made together', () => {
    const facts = accepted('specific');
    given(facts).when(say.prescribe(), TODAY).thenRefused('link-worker-needed');
    const assigned = told(
      [say.refer({ kind: 'specific' }), day('2026-04-01')],
      [say.accept(), day('2026-04-02')],
      [say.assign(), day('2026-04-03')],
    );
    given(assigned).when(say.prescribe(), TODAY).thenRefused('plan-needed');
    const planned = told(
      [say.refer({ kind: 'specific' }), day('2026-04-01')],
      [say.agreePlan(), day('2026-04-02')],
      [say.assign(), day('2026-04-03')],
      [say.accept(), day('2026-04-04')],
    );
    expect(say.prescribe()(fold(planned), TODAY)).toHaveLength(1);
  });

  test('two employers work under one board', () => {
    const [first] = say.assign(JO, 'change-mental-health' as Slug)(
      fold(accepted('specific')),
      TODAY,
    ) as never[];
    const [second] = say.assign(SAM, 'we-are-with-you' as Slug)(
      fold(accepted('specific')),
      TODAY,
    ) as never[];
    expect(first).toMatchObject({ data: { employer: 'change-mental-health' } });
    expect(second).toMatchObject({ data: { employer: 'we-are-with-you' } });
  });

  test('barriers have the codes of its list', () => {
    const facts = accepted('specific');
    expect(say.barrier('cannot-get-there')(fold(facts), TODAY)).toHaveLength(1);
    expect(say.barrier('no-reason-given')(fold(facts), TODAY)).toHaveLength(1);
    given(facts).when(say.barrier('bad-weather'), TODAY).thenRefused('no-such-reason', 'code');
  });

  test('a scheme of one kind need not be told, and one without kinds must not be', () => {
    const { specific } = highland.kinds!;
    const one = commandsUnder({ ...highland, kinds: { specific: specific! } });
    expect(fold(told([one.refer(), TODAY]))?.kind).toBe('specific');
    given()
      .when(one.refer({ kind: 'broad' }), TODAY)
      .thenRefused('kind-not-taken', 'kind');
    const { kinds: _kinds, ...rest } = highland;
    const plain: Scheme = { ...rest, identity: 'needed', consent: 'needed', linkWorker: 'needed' };
    const none = commandsUnder(plain);
    given()
      .when(none.refer({ kind: 'broad' }), TODAY)
      .thenRefused('kind-not-used', 'kind');
    expect(fold(told([none.refer(), TODAY]))?.kind).toBeUndefined();
  });

  test('what a kind needs is the file’s to say', () => {
    const { broad } = highland.kinds!;
    const strict = commandsUnder({
      ...highland,
      kinds: { broad: { ...broad!, identity: 'needed', plan: 'needed' } },
    });
    given().when(strict.refer({}, {}), TODAY).thenRefused('identity-needed');
    const facts = told([strict.refer(), TODAY], [strict.accept(), TODAY]);
    given(facts).when(strict.prescribe(), TODAY).thenRefused('plan-needed');
  });
});
