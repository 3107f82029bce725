import type { Symptom } from './symptom.ts';

/** A deed that is thought of, not one that was done or refused. */
const planned =
  /\b(?:says?|said|tells?|told me|about to|going to|gonna|should|shall|can|could|may|might|want(?:ed)? to|plan(?:s|ned|ning)? (?:to|on)|think(?:ing)? (?:of|about)|consider\w*|tempted|try(?:ing)?|safe(?:ly)?|ok(?:ay)?|good idea|do (?:I|we)|must|ha(?:ve|d) to|need(?:s|ed)? to|suggest\w*|recommend\w*|advis\w+|last resort|option|instead|would|will|ready to|before (?:I|we)|just (?:run|use|do))\b|['’]ll\b|\?/iu;

const notPlanned =
  /\b(?:will|do|does|did|would|should|must|can)(?: not|n['’]t)\b|\bnever\b|\b(?:ran|did run|have run|was run)\b/iu;

/** Named in a sentence that says neither that it was done nor that it is not to be; what is thought of it may be in another one. */
const resetsWal = [
  /\bpg_reset(?:wal|xlog)\b/iu,
  // in its own clause: "it does not start, so I will run it" plans it all the same
  new RegExp(
    `^(?!.*(?:(?:${notPlanned.source})[^,;]*\\bpg_reset|\\bpg_reset(?:wal|xlog)\\b[^,;]*(?:${notPlanned.source})))`,
    'iu',
  ),
];
const thoughtOf = `(?=[^]*(?:${planned.source}))`;

const copies = String.raw`\b(?:standbys?|replicas?|slaves?|secondar(?:y|ies)|followers?)\b`;
const mains = String.raw`\b(?:primary|master|leader|main (?:server|database|db|node))\b`;
const isBroken = String.raw`[^.!?\n,;]{0,60}(?:\b(?:not|cannot|never|crash\w*|fail\w*|refus\w*|broken|corrupt\w*|damaged|dead|down|panics?|gone|lost)\b|n['’]t\b)`;
const none = String.raw`[^]*\b(?:no|without (?:an?y? )?|lost (?:the|our|my)|(?:do|does|did)(?: not|n['’]t) have (?:an?y? )?) ?(?:working |usable |healthy )?(?:standby|replica|slave|secondary)\b`;

const whatStandbyHas =
  'psql -c "SELECT pg_is_in_recovery(), pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn(), pg_last_xact_replay_timestamp()"';

const whyNotStarted = {
  cause:
    'Why the server does not start: the first FATAL or PANIC line of its log. A full disk, a setting or a port that is taken need nothing but to be put right.',
  on: 'primary',
  check: 'grep -nE "FATAL|PANIC" <log of PostgreSQL> | tail -5; df -h <data directory>',
};

/** What somebody is about to do to data. It is said before anything else of a text. */
export const harmPlanned: readonly Symptom[] = [
  {
    all: resetsWal,
    beside: new RegExp(`^${thoughtOf}(?=[^]*${copies}${isBroken})(?![^]*${mains}${isBroken})`, 'iu'),
    means:
      'Do not run pg_resetwal on a standby: it could never follow its primary again. A standby whose files are damaged is made again by a base backup.',
    causes: [
      { ...whyNotStarted, on: 'standby' },
      {
        cause: 'The primary is well: then nothing is lost.',
        on: 'primary',
        check: 'psql -c "SELECT pg_is_in_recovery(), pg_current_wal_lsn()"',
      },
      {
        cause: 'Move the directory of the standby aside and copy the primary again.',
        check: 'sudo -u postgres pg_basebackup -h <primary> -U <role> -D <data directory> -X stream -c fast -R -P',
      },
    ],
    asks: true,
    harm: true,
    steps: true,
  },
  {
    all: resetsWal,
    beside: new RegExp(
      `^${thoughtOf}(?!${none})(?=[^]*${copies})(?=[^]*(?:${mains}${isBroken}|\\bpg_reset(?:wal|xlog)\\b[^.!?\n]{0,20}\\bon[^.!?\n]{0,12}${mains}))`,
      'iu',
    ),
    means:
      'Do not run pg_resetwal. The standby has the data: if the primary does not start, promote the standby. pg_resetwal throws away the WAL that the primary needs for its recovery: what is left is damaged without a message, and the standby cannot follow it any more.',
    causes: [
      whyNotStarted,
      {
        cause:
          'If it cannot be put right soon: what the standby has. Leave it running, and do not stop or copy it over.',
        check: whatStandbyHas,
      },
      {
        cause:
          'Keep the old primary stopped, so that no client writes to it, and promote the standby. Under Patroni, repmgr or an operator use its own command instead.',
        check: 'psql -c "SELECT pg_promote()"',
      },
      {
        cause: 'Leave the directory of the old primary as it is until all is well, then make a standby of it.',
        on: 'primary',
        check: 'pg_controldata -D <data directory> | grep -E "cluster state|TimeLineID"',
      },
    ],
    todo: 'If it is the standby that does not start: it never needs pg_resetwal, but a new base backup.',
    asks: true,
    harm: true,
    steps: true,
  },
  {
    all: resetsWal,
    beside: new RegExp(`^${thoughtOf}`, 'iu'),
    means:
      'Do not run pg_resetwal yet. It throws away the WAL that the server needs for its recovery: what is left is damaged without a message, and no standby or backup of this cluster can go on from it.',
    causes: [
      whyNotStarted,
      {
        cause: 'A standby that has the data, to be promoted, or a backup with an archive, to be restored.',
        check: 'ls -l <directory of the backups>',
      },
      {
        cause: 'Before anything is changed: a copy of the whole directory, of the stopped server.',
        on: 'primary',
        check: 'pg_ctl status -D <data directory>; cp -a <data directory> <another directory>',
      },
    ],
    todo: 'Only where there is neither standby nor backup, and on the copy: pg_resetwal, start it, pg_dumpall at once, and load that into a new cluster.',
    asks: true,
    harm: true,
    steps: true,
  },
  {
    all: [/\bbackup_label\b/iu, /\b(?:delet\w+|remov\w+|rm|mov\w+|renam\w+)\b/iu, planned],
    beside: /^(?![^]*\bpg_(?:start_backup|backup_start)\b)/iu,
    means:
      'In a copy, a base backup or a restored backup, backup_label stays: it says from where the WAL has to be replayed. Without it the server starts from the wrong checkpoint, and is damaged without a message.',
    causes: [
      {
        cause:
          'The segment that it names is what recovery needs first: in pg_wal, or from the archive by restore_command.',
        check:
          'cat <data directory>/backup_label; ls <data directory>/pg_wal | head -3; postgres -C restore_command -D <data directory>',
        rule: 'standby/raw-copy',
      },
      {
        cause:
          'Only on the original server that crashed during an exclusive backup (13, 14; its own directory, nothing restored) is it right to move the file away.',
        on: 'primary',
        check: 'cat <data directory>/PG_VERSION; pg_controldata -D <data directory> | grep "cluster state"',
      },
    ],
    todo: 'If the WAL is nowhere: a new base backup with -X stream.',
    asks: true,
    harm: true,
  },
];
