import { managerWords } from '../../postgres/manager-log/words.ts';
import type { Answer } from '../answer.ts';

/** Patroni and pg_rewind; `source` names the file that prints it. */
export const answersAboutPatroniRewind: readonly Answer[] = [
  {
    id: 'patroni-rewind-waits',
    says: managerWords['patroni-rewind-waits'].says,
    source: 'patroni/postgresql/rewind.py, execute',
    kind: 'consequence',
    matters: 3,
    means:
      'Before it rewinds this node, Patroni waits until the new primary has written a checkpoint on its new timeline and can be reached.',
    causes: [
      {
        cause: 'The new primary is still at the checkpoint after its promotion. This passes by itself.',
        on: 'primary',
        check: 'psql -c "SELECT timeline_id, checkpoint_lsn FROM pg_control_checkpoint()"',
      },
      {
        cause: 'The rewind user cannot log in there ("not accessible or not healthy").',
        on: 'standby',
        check: 'patronictl list; journalctl -u patroni -n 50 --no-pager',
      },
    ],
  },
  {
    id: 'patroni-rewind-unreachable',
    says: managerWords['patroni-rewind-unreachable'].says,
    source: 'patroni/postgresql/rewind.py, execute',
    matters: 4,
    means:
      'pg_rewind was broken off because the connection to the primary was lost. The data directory may be half rewound: it is not a valid copy until a rewind or a new copy succeeds.',
    causes: [
      {
        cause: 'The primary stopped, was demoted, or the network failed during the rewind.',
        on: 'standby',
        check: 'patronictl list',
      },
    ],
    todo: 'If Patroni does not get further: patronictl reinit <cluster name> <member> makes a new copy (the data directory of that member is deleted).',
  },
  {
    id: 'patroni-rewind-wal',
    says: managerWords['patroni-rewind-wal'].says,
    source: 'patroni/postgresql/rewind.py, pg_rewind',
    matters: 5,
    means:
      'pg_rewind needs an old WAL segment of this node that is no longer in pg_wal, and restore_command did not get it either.',
    causes: [
      {
        cause: 'The segment was never archived, or restore_command on this node is wrong.',
        on: 'standby',
        check: 'patronictl show-config | grep -A3 restore_command',
      },
    ],
    todo: 'Without it only a new copy helps: patronictl reinit <cluster name> <member> (deletes the data directory of that member). wal_keep_size on the primary keeps more for the next time.',
  },
  {
    id: 'patroni-removes-directory',
    says: [
      'remove_data_directory_on_diverged_timelines is set. removing...',
      'remove_data_directory_on_rewind_failure is set. removing...',
    ],
    source: 'patroni/postgresql/rewind.py, execute',
    kind: 'consequence',
    matters: 4,
    means:
      'Patroni deletes the data directory of this node and copies the leader, because the configuration tells it to when a rewind fails or the timelines have diverged.',
    causes: [
      {
        cause: 'Why the rewind failed is in the lines before.',
        on: 'standby',
        check: 'journalctl -u patroni -n 200 --no-pager | grep -A5 pg_rewind',
      },
    ],
  },
  {
    id: 'patroni-crash-recovery',
    says: ['Crash recovery finished with code=%d', 'Crash recovery finished with code=%s'],
    source: 'patroni/postgresql/rewind.py, ensure_clean_shutdown',
    matters: 4,
    means:
      'Before a rewind, Patroni starts the server in single-user mode to finish crash recovery, and that failed. The lines with stderr= right behind it say why.',
    causes: [
      {
        cause:
          'A file, library or setting that the server needs is missing for a start by hand, the disk is full, or another server runs on the directory.',
        on: 'standby',
        check: 'journalctl -u patroni -n 100 --no-pager | grep -A3 "stderr="; df -h',
      },
    ],
  },
];
