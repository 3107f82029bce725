import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

import { literal } from '../../src/remedies/quoting.ts';
import { aPrimary } from '../lab/primary.ts';
import { own } from './pair-acts.ts';
import type { Scenario, Stage } from './scenario.ts';
import { usualOptions } from './scenario.ts';

/** The copy would be written to storage that a server of this machine uses. */
export const targetStorageScenarios: readonly Scenario[] = [
  {
    rule: 'target/shared-storage',
    name: "within the primary's data directory",
    options: (stage) =>
      usualOptions(stage).map((word) =>
        word === stage.place.dataDirectory ? join(stage.primary.server.dataDirectory, 'standby') : word,
      ),
    byHand: async () => undefined,
    optionsAfter: usualOptions,
  },
  {
    rule: 'target/shared-storage',
    name: "--waldir is the primary's pg_wal",
    options: (stage) => [...usualOptions(stage), `--waldir=${stage.primary.server.dataDirectory}/pg_wal`],
    byHand: async () => undefined,
    optionsAfter: usualOptions,
  },
  {
    rule: 'target/shared-storage',
    name: 'a tablespace goes to that of another cluster',
    fault: async (stage) => {
      const { primary } = stage;
      await mkdir(spaceOf(stage));
      await own(primary.server, spaceOf(stage));
      await primary.server.psql(`CREATE TABLESPACE space LOCATION ${literal(spaceOf(stage))}`);
      const other = await aPrimary({ release: primary.server.release, lifetime: 'file' });
      const place = join(other.server.folder, 'space');
      await mkdir(place);
      await own(other.server, place);
      await other.server.psql(`CREATE TABLESPACE space LOCATION ${literal(place)}`);
      taken.set(stage, place);
    },
    options: (stage) => [...usualOptions(stage), '-T', `${spaceOf(stage)}=${taken.get(stage) ?? ''}`],
    byHand: async () => undefined,
    optionsAfter: (stage) => [...usualOptions(stage), '-T', `${spaceOf(stage)}=${join(stage.place.folder, 'space')}`],
  },
];

const spaceOf = ({ primary }: Stage): string => join(primary.server.folder, 'space');
const taken = new Map<Stage, string>();
