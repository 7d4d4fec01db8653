import { describe, expect, test } from '@jest/globals';
import type { Slug } from '#kernel';
import { concerns, type Group } from './groups.js';

const slug = (text: string) => text as Slug;

describe('a group of anchors', () => {
  test('is these, or all but these; a fact of no anchor is in none', () => {
    const some: Group = { which: 'in', anchors: [slug('north'), slug('south')] };
    const rest: Group = { which: 'not in', anchors: some.anchors };
    for (const anchor of ['north', 'south', 'east']) {
      expect(concerns(some, slug(anchor))).toBe(anchor !== 'east');
      expect(concerns(rest, slug(anchor))).toBe(anchor === 'east');
    }
    expect([concerns(some, undefined), concerns(rest, undefined)]).toEqual([false, false]);
  });
});
