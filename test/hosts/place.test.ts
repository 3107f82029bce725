import { expect, it } from 'vitest';

import { placeIn } from '../../src/hosts/place.ts';

it.each([
  ['docker:pg', { kind: 'docker', name: 'pg', path: undefined }],
  ['docker:pg:/data', { kind: 'docker', name: 'pg', path: '/data' }],
  ['docker:pg:/a:b', { kind: 'docker', name: 'pg', path: '/a:b' }],
  ['ssh:me@db2:/srv/pg', { kind: 'ssh', name: 'me@db2', path: '/srv/pg' }],
  ['ssh:me@[2001:db8::1]:/srv', { kind: 'ssh', name: 'me@2001:db8::1', path: '/srv' }],
  ['ssh+sudo:me@db2:/srv/pg', { kind: 'ssh+sudo', name: 'me@db2', path: '/srv/pg' }],
  ['ssh+sudo:me@[2001:db8::1]:/srv', { kind: 'ssh+sudo', name: 'me@2001:db8::1', path: '/srv' }],
  ['podman:pg:/data', { kind: 'podman', name: 'pg', path: '/data' }],
  ['compose:shop/db', { kind: 'compose', name: 'shop/db', path: undefined }],
  ['docker:', { kind: 'docker', name: '', path: undefined }],
])('%s is a place', (text, place) => {
  expect(placeIn(text)).toEqual(place);
});

it.each(['/srv/docker:pg', './docker:pg', 'data', 'C:docker', 'dockers:pg'])('%s is a directory', (text) => {
  expect(placeIn(text)).toBeUndefined();
});
