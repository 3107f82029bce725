import type { EarlierManifest } from '../../../src/facts/base-backup.ts';
import { manifestFrame } from '../../../src/postgres/backup-manifest.ts';
import { lsn, parseSystemIdentifier, timelineId } from '../../../src/postgres/lsn.ts';
import { incrementalManifest } from '../../../src/rules/command/incremental-manifest.ts';
import { testRule } from '../rule-tester.ts';
import type { Changes } from '../rule-tester.ts';
import { aBaseBackup, aPrimary } from '../world.ts';

const path = '/srv/full/backup_manifest';

function given(manifest: Omit<EarlierManifest, 'path'>, position = lsn(0x5_00_00_00n)): Changes {
  const [systemIdentifier, timeline] = [parseSystemIdentifier('7714080082213117823'), timelineId(1)];
  if (systemIdentifier === undefined || timeline === undefined) throw new Error('no such server');
  return {
    baseBackup: aBaseBackup({ incremental: path }),
    primary: aPrimary({ systemIdentifier, timeline, walPosition: position }),
    earlierManifest: { path, ...manifest },
  };
}

const own = '"System-Identifier": 7714080082213117823,\n';
const written = (version: number, system: string, timeline: number, end: string): Omit<EarlierManifest, 'path'> => ({
  frame: manifestFrame(
    `{ "PostgreSQL-Backup-Manifest-Version": ${version},\n${system}"Files": [\n`,
    `],\n"WAL-Ranges": [\n{ "Timeline": ${timeline}, "Start-LSN": "0/2000028", "End-LSN": "${end}" }\n],\n"Manifest-Checksum": "6a16"}\n`,
  ),
});

testRule(incrementalManifest, {
  healthyIs: 'not-applicable',
  passes: [{ name: 'of this cluster', facts: given(written(2, own, 1, '0/2000120')) }],
  fails: [
    {
      name: 'of another cluster',
      facts: given(written(2, '"System-Identifier": 123,\n', 1, '0/2000120')),
      message: /123, but the system identifier of the server is 7714080082213117823/,
    },
    {
      name: 'it is not there',
      facts: given({ problem: 'ENOENT: no such file or directory' }),
      message: /cannot be read/,
    },
    {
      name: 'another file',
      facts: given({ frame: manifestFrame('hello', 'hello') }),
      message: /not a backup manifest/,
    },
    { name: 'of a release before 17', facts: given(written(1, '', 1, '0/2000120')), message: /version 1/ },
    {
      name: 'a later timeline',
      facts: given(written(2, own, 2, '0/2000120')),
      message: /timeline 2, which the server/,
    },
    {
      name: 'the server was put back',
      facts: given(written(2, own, 1, '0/9000000')),
      message: /is only at 0\/5000000/,
    },
  ],
});
