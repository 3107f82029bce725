import { ifSeen } from '../../facts/observed.ts';
import { newestLibpq } from '../../postgres/conninfo-options.ts';
import { checkAgain } from '../../remedies/command-line.ts';
import { manual, safe } from '../../remedies/remedy.ts';
import { at, defineRule, evidence, fail, pass } from '../rule.ts';
import { isSlotName, slotOfName } from '../../derived/named-slot.ts';
import { conflicts } from '../../derived/option-conflicts.ts';
import { usedTool } from '../../derived/used-tool.ts';

export const optionsConflict = defineRule({
  id: 'command/options-conflict',
  title: 'The pg_basebackup options are invalid',
  severity: 'error',
  commands: ['preflight', 'clone'],
  needs: ['baseBackup'],
  wants: ['clientTools', 'slots', 'replicationLogin'],
  messages: [
    'pgbb-only-tar-compressed',
    'pgbb-slots-need-stream',
    'pgbb-no-slot-with-slot',
    'pgbb-needs-slot',
    'pgbb-waldir-plain-only',
    'pgbb-no-stream-tar-stdout',
    'pgbb-wal-stream-target',
    'pgbb-dir-and-target',
    'pgbb-client-compress-target',
    'pgbb-mapping-format',
    'pgbb-mapping-old-absolute',
    'pgbb-mapping-new-absolute',
    'bb-unrecognized-compression',
    'bb-invalid-compression-spec',
    'bb-unrecognized-checksum-algo',
    'bb-target-unrecognized',
    'bb-target-relative',
    'backup-label-too-long',
  ],
  says: [
    'WAL directory location cannot be specified along with a backup target',
    'cannot specify both format and backup target',
    '--no-manifest and %s are incompatible options',
    '--progress and --no-estimate-size are incompatible options',
    'multiple "=" signs in tablespace mapping',
    'invalid compression level',
    'unrecognized sync method: %s',
    'target "%s" does not accept a target detail',
    'target "%s" requires a target detail',
  ],
  docs: {
    what: 'Fails if options contradict each other, or if pg_basebackup or the server does not accept a value. The rules are those of the installed release.',
    why: 'pg_basebackup exits at once, and reports only the first problem.',
    notes:
      '`-z`, `-Z 6` and `--compress=gzip` compress on this machine, which only the tar format allows; `--compress=server-gzip` compresses the transfer and works with both formats. `-Z 0` and `server-0` mean no compression since PostgreSQL 16; 15 refuses them. Up to 14 the value of `-Z` is a number, and any word is read as 0. `-C` needs `-S`; `-S` needs `-X stream`.',
    references: [
      'pg_basebackup: https://www.postgresql.org/docs/current/app-pgbasebackup.html',
      'src/bin/pg_basebackup/pg_basebackup.c: main()',
    ],
  },
  judge({ baseBackup, clientTools, slots, replicationLogin }) {
    const tool = usedTool(baseBackup, ifSeen(clientTools));
    const major = tool?.major ?? newestLibpq;
    const release = `pg_basebackup ${tool?.version ?? major}`;
    const { slot } = baseBackup;
    const slotIsMissing =
      slot !== undefined && isSlotName(slot) && slotOfName(slot, slots, replicationLogin).kind === 'absent';
    const [first, ...others] = conflicts(baseBackup, major, slotIsMissing).map((conflict) => ({
      title: `pg_basebackup refuses ${conflict.options.join(' with ')}`,
      message: `${conflict.because} ${conflict.refusedBy === 'server' ? 'The server refuses this at the start of the base backup.' : 'pg_basebackup refuses this before it connects.'}`,
      where: at('client'),
      evidence: [
        evidence('options', conflict.options.join(' '), 'the command line'),
        evidence('error message', conflict.says, conflict.refusedBy ?? release),
      ],
      remedy:
        conflict.change === undefined
          ? safe('Change the options.', manual('client', conflict.instead))
          : safe(conflict.instead, checkAgain(baseBackup, conflict.change)),
    }));
    if (first !== undefined) return fail(first, ...others);
    return pass(`${release} accepts these options: ${baseBackup.printable}`);
  },
});
