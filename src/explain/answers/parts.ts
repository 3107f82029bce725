/** DETAIL and HINT lines that somebody may have alone, by the message they belong to. Each of these has an answer. */
export const partsOfMessages: Readonly<Record<string, readonly string[]>> = {
  'system-identifier-differs': ["The primary's identifier is %s, the standby's identifier is %s."],
  'start-point-not-in-history': ["This server's history forked from timeline %u at %X/%X."],
  'requested-wal-removed': ['requested WAL segment has already been removed'],
  'slot-is-active': ['replication slot is active for PID'],
  'data-dir-invalid-permissions': ['data directory has invalid permissions'],
  'requested-timeline-not-child': [
    "timeline is not a child of this server's history",
    'Latest checkpoint is at %X/%X on timeline %u, but in the history of the requested timeline, the server forked off from that timeline at %X/%X.',
    'Latest checkpoint in file "%s" is at %X/%X on timeline %u, but in the history of the requested timeline, the server forked off from that timeline at %X/%X.',
  ],
  'db-not-yet-accepting': [
    'Consistent recovery state has not been yet reached.',
    'Recovery snapshot is not yet ready for hot standby.',
  ],
  'db-starting-up': ['the database is starting up'],
  // put back into English by hand, or by a tool; or without its values, as in a sentence
  'no-hba-replication': [
    'no pg_hba.conf entry for replication connection',
    'No entry in pg_hba.conf for the replication connection from host "%s", user "%s"',
    'No entry in pg_hba.conf for replication connection from host "%s", user "%s"',
    'No entry in pg_hba.conf for the replication connection',
    'No entry in pg_hba.conf for replication connection',
  ],
  'lock-file-exists': [
    'Is another postmaster (PID %d) running in data directory "%s"?',
    'Is another postgres (PID %d) running in data directory "%s"?',
    'Is another postmaster (PID %d) using socket file "%s"?',
    'Is another postgres (PID %d) using socket file "%s"?',
  ],
  'archive-command-failed': ['The failed archive command was: %s'],
  'neither-conninfo-nor-restore': [
    'The database server will regularly poll the pg_wal subdirectory to check for files placed there.',
  ],
  'could-not-locate-required-checkpoint': [
    'If you are restoring from a backup, touch "%s/recovery.signal" or "%s/standby.signal" and add required recovery options.',
    'If you are restoring from a backup, touch "%s/recovery.signal" and add required recovery options.',
    'If you are not restoring from a backup, try removing the file "%s/backup_label".',
  ],
  'still-waiting-archive': ['Check that your "archive_command" is executing properly.'],
  'slot-all-in-use': ['Free one or increase "max_replication_slots".'],
  'walsender-permission': ['Only roles with the %s attribute may start a WAL sender process.'],
  'slot-permission-denied': ['Only roles with the %s attribute may use replication slots.'],
};
