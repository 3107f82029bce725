import { writeFile } from 'node:fs/promises';

import type { Scenario, Stage } from './scenario.ts';
import { usualOptions } from './scenario.ts';

const withWords =
  (...words: readonly string[]) =>
  (stage: Stage): readonly string[] => [...usualOptions(stage), ...words];

/** The faults of the command line: the corrected line that is printed is the one that goes on. */
export const commandScenarios: readonly Scenario[] = [
  {
    rule: 'command/wal-not-included',
    options: (stage) => [...usualOptions(stage).filter((word) => word !== '-R'), '-X', 'none'],
    // what is left is a warning that no standby comes of it
    optionsAfter: usualOptions,
  },
  { rule: 'command/options-conflict', name: '-z with the plain format', options: withWords('-z') },
  { rule: 'command/options-conflict', name: '-Z 6 with the plain format', options: withWords('-Z', '6') },
  {
    rule: 'command/options-conflict',
    name: '--compress=gzip with the plain format',
    from: 15,
    options: withWords('--compress=gzip'),
  },
  { rule: 'command/options-conflict', name: '-C without -S', options: withWords('-C') },
  {
    rule: 'command/options-conflict',
    name: '-S with -X fetch',
    options: withWords('-X', 'fetch', '-S', 'standby1'),
    primary: { settings: { wal_keep_size: '64MB' } },
  },
  {
    rule: 'command/options-conflict',
    name: '--no-slot with -S',
    options: withWords('--no-slot', '-S', 'standby1'),
    fault: async ({ primary }) => {
      await primary.server.psql("SELECT pg_create_physical_replication_slot('standby1', true)");
    },
  },
  {
    rule: 'command/option-not-supported',
    name: '--incremental before 17',
    to: 16,
    options: withWords('--incremental=/nowhere/backup_manifest'),
  },
  {
    rule: 'command/incremental-manifest',
    name: 'the manifest of another cluster',
    from: 17,
    primary: { settings: { summarize_wal: 'on' } },
    options: (stage) => [...usualOptions(stage), `--incremental=${stage.place.folder}/manifest`],
    optionsAfter: usualOptions,
    fault: async ({ place }) => {
      await writeFile(
        `${place.folder}/manifest`,
        '{ "PostgreSQL-Backup-Manifest-Version": 2,\n"System-Identifier": 123,\n"Files": [\n],\n"WAL-Ranges": [\n{ "Timeline": 1, "Start-LSN": "0/2000028", "End-LSN": "0/2000120" }\n],\n"Manifest-Checksum": "6a16"}\n',
      );
    },
  },
];
