import { parseLsn, parseTimelineId, timelineId } from './lsn.ts';
import type { Lsn, TimelineId } from './lsn.ts';

/** What backup_label says: recovery begins where it points and not where pg_control does. */
export interface BackupLabel {
  readonly start: Lsn;
  readonly startWalFile: string;
  /** From the name of the WAL file. */
  readonly timeline: TimelineId;
  readonly checkpoint: Lsn;
  /** `streamed` (pg_basebackup, and everything from 15 on) or `pg_start_backup` (the exclusive mode before 15). */
  readonly method: string | null;
  /** Which kind of server was copied. 13 writes `master` for a primary. */
  readonly from: 'primary' | 'standby' | null;
  /** In the primary's log_timezone, as it stands there: `2026-11-21 20:07:02 UTC`. */
  readonly startTime: string | null;
  readonly label: string | null;
  /** Set in an incremental backup (17 and later): pg_combinebackup must make a full one of it before a server can start on it. */
  readonly incrementalFrom: { readonly lsn: Lsn; readonly timeline: TimelineId } | null;
}

export type BackupLabelResult =
  | { readonly ok: true; readonly value: BackupLabel }
  | {
      readonly ok: false;
      readonly fault: { readonly line: number; readonly found: string; readonly expected: string };
    };

/**
 * Reads backup_label of 13 to 18 (access/transam/xlogbackup.c writes it, xlogrecovery.c, read_backup_label, reads it): two lines
 * must be there, in this order, and end without a carriage return; the others come after them.
 */
export function parseBackupLabel(text: string): BackupLabelResult {
  const [startLine = '', checkpointLine = '', ...rest] = text.split('\n');
  const others = rest.map((line) => line.replace(/\r$/u, ''));
  const [, startText = '', startWalFile = ''] =
    /^START WAL LOCATION: ([0-9A-F]+\/[0-9A-F]+) \(file ([0-9A-F]{24})\)$/iu.exec(startLine) ?? [];
  const start = parseLsn(startText);
  const timeline = timelineId(Number.parseInt(startWalFile.slice(0, 8), 16));
  if (start === undefined || timeline === undefined) {
    return fault(1, startLine, 'START WAL LOCATION: X/X (file NNNNNNNNNNNNNNNNNNNNNNNN)');
  }
  const [, checkpointText = ''] = /^CHECKPOINT LOCATION: ([0-9A-F]+\/[0-9A-F]+)$/iu.exec(checkpointLine) ?? [];
  const checkpoint = parseLsn(checkpointText);
  if (checkpoint === undefined) return fault(2, checkpointLine, 'CHECKPOINT LOCATION: X/X');

  const field = (name: string): { readonly value: string; readonly line: number } | undefined => {
    const index = others.findIndex((line) => line.startsWith(`${name}: `));
    const found = others[index];
    return found === undefined ? undefined : { value: found.slice(name.length + 2), line: index + 3 };
  };
  const startTimeline = field('START TIMELINE');
  if (startTimeline !== undefined && parseTimelineId(startTimeline.value) !== timeline) {
    return fault(startTimeline.line, startTimeline.value, `START TIMELINE: ${timeline}`);
  }
  const from = field('BACKUP FROM')?.value;
  const incrementalLsn = field('INCREMENTAL FROM LSN');
  const incrementalTimeline = field('INCREMENTAL FROM TLI');
  let incrementalFrom: BackupLabel['incrementalFrom'] = null;
  if (incrementalLsn !== undefined) {
    const baseLsn = parseLsn(incrementalLsn.value);
    const baseTimeline = parseTimelineId(incrementalTimeline?.value ?? '');
    if (baseLsn === undefined) return fault(incrementalLsn.line, incrementalLsn.value, 'INCREMENTAL FROM LSN: X/X');
    if (baseTimeline === undefined) {
      const line = incrementalTimeline?.line ?? incrementalLsn.line + 1;
      return fault(line, incrementalTimeline?.value ?? '', 'INCREMENTAL FROM TLI: N');
    }
    incrementalFrom = { lsn: baseLsn, timeline: baseTimeline };
  }
  return {
    ok: true,
    value: {
      start,
      startWalFile,
      timeline,
      checkpoint,
      method: field('BACKUP METHOD')?.value ?? null,
      from: from === undefined ? null : from === 'standby' ? 'standby' : 'primary',
      startTime: field('START TIME')?.value ?? null,
      label: field('LABEL')?.value ?? null,
      incrementalFrom,
    },
  };
}

const fault = (line: number, found: string, expected: string): BackupLabelResult => ({
  ok: false,
  fault: { line, found, expected },
});
