import { expect, it } from 'vitest';

import { targetPlaces } from '../../src/derived/target-places.ts';
import { notApplicable, seen, unseen } from '../../src/facts/observed.ts';
import { aPlace } from '../rules/world.ts';

const [data, wal, fast] = [aPlace({ path: '/data' }), aPlace({ path: '/wal' }), aPlace({ path: '/fast' })];

it.each([
  ['all of them', seen(wal, '--waldir'), seen([{ place: fast }], '-T'), ['/data', '/wal', '/fast']],
  ['no tablespaces', seen(wal, '--waldir'), seen([], '-T'), ['/data', '/wal']],
  ['neither', notApplicable('no --waldir'), unseen('connection', 'it was not asked'), ['/data']],
] as const)('where a base backup writes: %s', (_, walDirectory, tablespaceTargets, paths) =>
  expect(targetPlaces({ targetDirectory: data, walDirectory, tablespaceTargets }).map(({ path }) => path)).toEqual(
    paths,
  ),
);
