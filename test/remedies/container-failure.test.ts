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

it.each([
  ['exec /entrypoint.sh: exec format error', /\/entrypoint\.sh is a script without a first line/u],
  ['standard_init_linux.go:228: exec user process caused: exec format error', /its entrypoint is a script without/u],
  [
    'OCI runtime create failed: unable to start container process: exec: "/entrypoint.sh": permission denied: unknown',
    /chmod \+x/u,
  ],
  ['exec /entrypoint.sh: no such file or directory', /first line of \/entrypoint\.sh.*sed -i 's\/\\r\$\/\/'/u],
  [
    `pg_basebackup: error: directory "/data" exists but is not empty`,
    /before pg_basebackup: test -s \/data\/PG_VERSION \|\|/u,
  ],
])('a container that ends with "%s" is started when that is corrected', (said, expected) => {
  const [first = '', second = ''] = stepsFor(said);
  expect(first).toMatch(expected);
  expect(second).toContain('docker start db2');
});

it.each([
  // nothing is there by that name
  ['exec: "/entrypoint.sh": stat /entrypoint.sh: no such file or directory: unknown'],
  ['pg_basebackup: error: directory "/elsewhere" exists but is not empty'],
  ["mkdir: cannot create directory '/data/x': Permission denied"],
])('a container that ends with "%s" has another fault', (said) => {
  expect(stepsFor(said).join('\n')).toMatch(/corrected that the message is about/u);
});
