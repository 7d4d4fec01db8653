import { describe, expect, test } from '@jest/globals';
import type { Slug } from '#kernel';
import { register } from './decide.js';
import type { DirectoryEvent } from './events.js';

const allotments: DirectoryEvent = {
  type: 'OrganisationRegistered',
  data: { organisation: 'allot' as Slug, name: 'Hill Lane Allotments', roles: ['provider'] },
};

describe('registering in the directory', () => {
  test('a new entry is registered', () => {
    expect(register(null, allotments)).toEqual([allotments]);
  });

  test('the same entry again is nothing new', () => {
    expect(register(allotments, structuredClone(allotments))).toEqual([]);
  });

  test('another organisation under the same slug is refused', () => {
    const other = {
      ...allotments,
      data: { ...allotments.data, name: 'Another' },
    } as DirectoryEvent;
    expect(register(allotments, other)).toMatchObject({
      code: 'slug-taken',
      field: 'organisation',
    });
  });
});
