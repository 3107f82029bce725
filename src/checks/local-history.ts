import { posix } from 'node:path';

import type { LocalHistory, LocalWal } from '../facts/standby.ts';
import type { Host } from '../hosts/host.ts';
import type { ControlFile } from '../postgres/control-file.ts';
import { parseWalFileName, segmentStart, walFileName } from '../postgres/lsn.ts';
import type { Lsn, TimelineId } from '../postgres/lsn.ts';
import { historyWithoutFile, isAncestor } from '../postgres/timeline-history.ts';
import type { TimelineHistory } from '../postgres/timeline-history.ts';
import { checkpointBefore } from '../postgres/wal-back.ts';
import type { CheckpointBefore, WalBackwards } from '../postgres/wal-back.ts';
import { checkpointAt, endOfWal } from '../postgres/wal-end.ts';
import type { WalSegmentFile } from '../postgres/wal-end.ts';

/** How far the standby's own WAL goes, and the bytes of the checkpoint that its control file names. */
export interface LocalEnd {
  readonly history: Omit<LocalHistory, 'checkpoint'>;
  readonly checkpoint: LocalHistory['checkpoint'];
  /** Looks for the last checkpoint before a position in the WAL here. */
  readonly before: (fork: Lsn) => Promise<CheckpointBefore | undefined>;
  /** The record of the checkpoint, header first; undefined where it is not in pg_wal. */
  readonly checkpointRecord: Uint8Array | undefined;
}

/** Reads the end of the WAL from the files: pg_control lags behind what was received, by minutes on a busy standby. */
export async function localEnd(host: Host, control: ControlFile, wal: LocalWal | undefined): Promise<LocalEnd> {
  const { timeline, history } = timelineOf(control, wal);
  const known = { timeline, history, position: knownPosition(control), positionFrom: 'pg_control' as const };
  const { location, redo } = control.checkpoint;
  const unread = { location, inLocalWal: undefined, inUpstreamWal: undefined };
  if (wal === undefined || wal.state !== 'directory')
    return {
      history: known,
      checkpoint: unread,
      checkpointRecord: undefined,
      before: () => Promise.resolve(undefined),
    };
  const files = await segmentsOf(host, wal.path, control, history);
  const end = await lastEnd(files);
  const found = await checkpointRecord(files, control, location);
  const isThere =
    found === undefined || found.kind === 'not-there' ? undefined : found.kind === 'checkpoint' && found.redo === redo;
  return {
    history:
      end === undefined || end < known.position ? known : { ...known, position: end, positionFrom: 'the WAL files' },
    checkpoint: { ...unread, inLocalWal: isThere },
    before: (fork) => checkpointBefore(fork, backwards(files, control)),
    checkpointRecord: isThere === true && found?.kind === 'checkpoint' ? found.bytes : undefined,
  };
}

/** Replay is known to have come so far: pg_control says nothing more recent. */
function knownPosition({ checkpoint, minimumRecoveryPoint }: ControlFile): Lsn {
  const reached = minimumRecoveryPoint?.lsn ?? checkpoint.location;
  return reached > checkpoint.location ? reached : checkpoint.location;
}

/**
 * The timeline that the standby is on: pg_control's, or a later one that it has received WAL of already (it lags behind),
 * with the history file that leads there.
 */
function timelineOf(
  { checkpoint, minimumRecoveryPoint }: ControlFile,
  wal: LocalWal | undefined,
): { readonly timeline: TimelineId; readonly history: TimelineHistory } {
  const recorded = minimumRecoveryPoint?.timeline ?? checkpoint.timeline;
  const known = recorded > checkpoint.timeline ? recorded : checkpoint.timeline;
  const historyOf = (timeline: TimelineId): TimelineHistory | undefined =>
    wal?.histories.find((one) => one.timeline === timeline)?.history;
  const later = (wal?.timelines ?? [])
    .map(({ timeline }) => timeline)
    .filter((timeline) => timeline > known)
    .toSorted((a, b) => b - a)
    .find((timeline) => {
      const history = historyOf(timeline);
      return history !== undefined && isAncestor(history, known);
    });
  const timeline = later ?? known;
  return { timeline, history: historyOf(timeline) ?? historyWithoutFile(timeline) };
}

interface Segment extends WalSegmentFile {
  readonly timeline: TimelineId;
}

/** The segments of its history, the last ones first; of two of the same number the one of the later timeline first. */
async function segmentsOf(
  host: Host,
  directory: string,
  { walSegmentSize, walBlockSize, byteOrder }: ControlFile,
  history: TimelineHistory,
): Promise<readonly Segment[]> {
  const listing = await host.list(directory, { limit: 200_000 });
  if (!listing.ok) return [];
  return listing.value.entries
    .flatMap(({ name }) => {
      const file = parseWalFileName(name, walSegmentSize);
      if (file?.kind !== 'segment' || !isAncestor(history, file.timeline)) return [];
      const path = posix.join(directory, name);
      const read = async (offset: number, length: number): Promise<Uint8Array> => {
        const content = await host.read(path, { from: offset, maxBytes: length });
        return content.ok ? content.value.bytes : new Uint8Array();
      };
      const { start, timeline } = file;
      return [{ start, timeline, segmentSize: walSegmentSize, blockSize: walBlockSize, byteOrder, read }];
    })
    .toSorted((a, b) => (a.start === b.start ? b.timeline - a.timeline : a.start < b.start ? 1 : -1));
}

const backwards = (
  files: readonly Segment[],
  { walSegmentSize, walBlockSize, byteOrder }: ControlFile,
): WalBackwards => ({
  segmentSize: walSegmentSize,
  blockSize: walBlockSize,
  byteOrder,
  segment: async (start) => {
    const bytes = await files.find((file) => file.start === start)?.read(0, walSegmentSize);
    return bytes?.length === walSegmentSize ? bytes : undefined;
  },
});

/**
 * The segments that were written come first, and those that the server made in advance after them: there can be
 * thousands of either, and only a few are opened.
 */
async function lastEnd(files: readonly Segment[]): Promise<Lsn | undefined> {
  const starts = [...new Set(files.map(({ start }) => start))].toReversed();
  const endIn = async (index: number): Promise<Lsn | undefined> => {
    for (const file of files.filter(({ start }) => start === starts[index])) {
      const found = await endOfWal(file);
      if (found !== undefined) return found.end;
    }
    return undefined;
  };
  let end: Lsn | undefined;
  let [written, unwritten] = [-1, starts.length];
  while (unwritten - written > 1) {
    const middle = Math.floor((written + unwritten) / 2);
    const found = await endIn(middle);
    if (found === undefined) unwritten = middle;
    else [written, end] = [middle, found];
  }
  return end;
}

async function checkpointRecord(
  files: readonly Segment[],
  { walSegmentSize, checkpoint }: ControlFile,
  location: Lsn,
): Promise<Awaited<ReturnType<typeof checkpointAt>> | undefined> {
  const start = segmentStart(location, walSegmentSize);
  const file =
    files.find((one) => one.start === start && one.timeline === checkpoint.timeline) ??
    files.find((one) => one.start === start);
  return file === undefined ? undefined : checkpointAt(file, location);
}

/** The file and the offset of a position, as pg_read_binary_file() wants them. */
export const placeOf = (timeline: TimelineId, position: Lsn, { walSegmentSize }: ControlFile) => ({
  name: walFileName(timeline, position, walSegmentSize),
  offset: Number(position - segmentStart(position, walSegmentSize)),
});
