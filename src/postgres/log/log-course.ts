import type { Recognition } from '../messages/recognition.ts';
import type { LogRecord } from './log-record.ts';

/** Of the WAL receiver (or the worker that synchronises slots): over as soon as it streams again. */
export function isOfReceiver(record: LogRecord, recognition: Recognition | undefined): boolean {
  if (record.program !== undefined) return false;
  if (record.backendType === 'walreceiver') return true;
  // its library is loaded by nobody else, and what loads it says nothing of the process
  if (ofItsLibrary.test(record.message)) return true;
  if (record.location !== undefined && receiverFiles.test(`/${record.location.file}`)) return true;
  const outermost = recognition?.within ?? recognition?.entry;
  if (outermost !== undefined)
    return (
      receiverFiles.test(outermost.file) || receiverIds.has(outermost.id) || outermost.id.startsWith('walreceiver-')
    );
  return false;
}

/** Of the server's start and recovery: over as soon as it accepts connections. */
export function isOfStart(record: LogRecord, recognition: Recognition | undefined): boolean {
  // a session has a user; so has a login that was refused
  if (record.user !== undefined || isOfReceiver(record, recognition)) return false;
  if (recognition === undefined) return true;
  // the whole server ends with it, and starts again with this behind it
  if (record.severity === 'PANIC') return true;
  const { topic, side, id, file, variantOf } = recognition.entry;
  // what the server loads at its start, it does not load again with an error: FATAL there is the end of a start
  const isLoaded = endsStart.has(variantOf ?? id) || ofTls.test(file);
  const isOfStarter = topic !== 'wal-missing' && ofStarter.test(`/${file}`) && !toClients.test(id);
  if (record.severity === 'FATAL' && (isLoaded || (isOfStarter && !ofSessions.has(topic)))) return true;
  return side === 'standby' && !ofSessions.has(topic) && !toClients.test(id);
}

/** The receiver's ordinary ends: a reload with another primary_conninfo, a promotion, a shutdown. */
export const isOrdinaryEnd = ({ sqlstate }: LogRecord, recognition: Recognition | undefined): boolean =>
  recognition?.id === 'walreceiver-terminated-by-admin' || sqlstate === '57P01';

/**
 * Ordinary by themselves: the WAL at hand ends so (xlogreader.c), a base backup's first start says so, and port checks and
 * restarts of the other side leave such lines.
 */
export function isHarmlessAlone({ id, entry }: Recognition): boolean {
  return harmless.has(entry.variantOf ?? id);
}

/** Also while it recovers: the topic of the second is that of sessions. */
const endsStart: ReadonlySet<string> = new Set(['could-not-load-hba', 'known-assigned-too-many']);

/** What restores slots and compares settings before it accepts connections; a FATAL there is no session's. */
const ofStarter = /\/(?:slot|xlog|postmaster|procarray)\.c$/u;

const ofTls = /be-secure-(?:openssl|common)\.c$/u;

const receiverFiles = /\/(?:walreceiver|libpqwalreceiver|slotsync)\.c$/u;

const ofItsLibrary = /^could not (?:access|load|find) .*libpqwalreceiver/u;

/** xlog.c, when the receiver brought what cannot be followed. */
const receiverIds: ReadonlySet<string> = new Set(['new-timeline-forked-before', 'new-timeline-not-child']);

/** What those are told who connect meanwhile; the default log_line_prefix does not say that it is a session. */
const toClients = /^(?:db-(?:starting|shutting|not-|in-)|terminating-(?:connection|crash|postmaster)|connection-)/u;

const ofSessions: ReadonlySet<string> = new Set(['auth-hba', 'role', 'conflict', 'sync-rep', 'backup-verify']);

const harmless: ReadonlySet<string> = new Set([
  'invalid-record-length',
  'record-incorrect-prev-link',
  'unexpected-pageaddr',
  'invalid-magic-number',
  'contrecord-requested',
  'no-contrecord-flag',
  'invalid-contrecord-length',
  'invalid-record-offset',
  'db-was-interrupted',
  'db-interrupted-in-recovery-logtime',
  'db-not-properly-shut-down',
  'incomplete-startup-packet',
  'invalid-startup-packet-length',
  'unexpected-eof-standby',
  'waiting-for-wal',
]);
