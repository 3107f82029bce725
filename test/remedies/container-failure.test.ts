import { expect, it } from 'vitest';

import { seen } from '../../src/facts/observed.ts';
import { containerFailure } from '../../src/remedies/container-failure.ts';
import { aStoppedDirectory } from '../rules/standby-world.ts';

const stepsFor = (said: string): readonly string[] => {
  const ended = { exitCode: 1, outOfMemory: false, said };
  const control = { kind: 'container', name: 'db2', dataDirectory: '/data', ended } as const;
  const fault = containerFailure(seen({ control, running: false }, 'docker'), aStoppedDirectory());
  return fault?.remedy?.steps.map(({ text }) => text) ?? [];
};

it.each([
  ["chown: changing ownership of '/var/run/postgresql': Read-only file system", /--tmpfs \/var\/run\/postgresql;/u],
  ['mkdir: cannot create directory /run/postgresql: Read-only file system', /--tmpfs \/run\/postgresql;/u],
  ["touch: cannot touch '/run/postgresql/ready.tmp': Read-only file system", /--tmpfs \/run\/postgresql;/u],
  ['exec: postgers: not found', /corrected that the message is about/u],
])('a container that ends with "%s" is created again with what it lacks', (said, expected) => {
  expect(stepsFor(said).join('\n')).toMatch(expected);
});
