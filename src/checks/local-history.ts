import { posix } from 'node:path';

import type { LocalHistory, LocalWal } from '../facts/standby-wal.ts';
import type { Host } from '../hosts/host.ts';
import type { ControlFile } from '../postgres/control-file.ts';
import { endBefore, segmentStart, walFileName } from '../postgres/lsn.ts';
import type { Lsn, TimelineId } from '../postgres/lsn.ts';
import { historyWithoutFile, isAncestor } from '../postgres/timeline-history.ts';
import type { TimelineHistory } from '../postgres/timeline-history.ts';
import { checkpointBefore } from '../postgres/wal-back.ts';
import type { CheckpointBefore, WalBackwards } from '../postgres/wal-back.ts';
import { checkpointAt, endOfWal, isBegun } from '../postgres/wal-end.ts';
import type { WalSegmentFile } from '../postgres/wal-end.ts';
import { segmentStarts } from '../postgres/wal-listing.ts';

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
  const files = segmentsOf(host, wal, control, history);
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
function knownPosition(control: ControlFile): Lsn {
  const { checkpoint, minimumRecoveryPoint } = control;
  const reached = minimumRecoveryPoint === null ? checkpoint.location : endBefore(minimumRecoveryPoint.lsn, control);
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

/** The segments of its history, of which there can be thousands. */
interface Segments {
  /** Where they begin, the first ones first. */
  readonly starts: readonly Lsn[];
  /** Of two that begin there the one of the later timeline first. */
  readonly at: (start: Lsn) => readonly Segment[];
}

function segmentsOf(
  host: Host,
  wal: LocalWal,
  { walSegmentSize, walBlockSize, byteOrder }: ControlFile,
  history: TimelineHistory,
): Segments {
  const timelines = new Map<Lsn, TimelineId[]>();
  for (const ofTimeline of wal.timelines.toSorted((a, b) => b.timeline - a.timeline)) {
    const { timeline } = ofTimeline;
    if (!isAncestor(history, timeline)) continue;
    for (const start of segmentStarts(ofTimeline, walSegmentSize)) {
      const others = timelines.get(start);
      if (others === undefined) timelines.set(start, [timeline]);
      else others.push(timeline);
    }
  }
  const breadth = host.place === undefined ? 1 : 15;
  const begins = new Map(history.map((stretch) => [stretch.timeline, stretch.begin]));
  const segment = (start: Lsn, timeline: TimelineId): Segment => {
    const begin = begins.get(timeline) ?? undefined;
    const since = begin === undefined ? undefined : { timeline, begin };
    const path = posix.join(wal.path, walFileName(timeline, start, walSegmentSize));
    const read = async (offset: number, length: number): Promise<Uint8Array> => {
      const content = await host.read(path, { from: offset, maxBytes: length });
      return content.ok ? content.value.bytes : new Uint8Array();
    };
    return { start, timeline, segmentSize: walSegmentSize, blockSize: walBlockSize, byteOrder, since, read, breadth };
  };
  return {
    starts: [...timelines.keys()].toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0)),
    at: (start) => (timelines.get(start) ?? []).map((timeline) => segment(start, timeline)),
  };
}

const backwards = (files: Segments, { walSegmentSize, walBlockSize, byteOrder }: ControlFile): WalBackwards => ({
  segmentSize: walSegmentSize,
  blockSize: walBlockSize,
  byteOrder,
  segment: async (start) => {
    const bytes = await files.at(start)[0]?.read(0, walSegmentSize);
    return bytes?.length === walSegmentSize ? bytes : undefined;
  },
});

/** The segments that were written come first, and those that the server made in advance after them: only a few are opened. */
async function lastEnd({ starts, at }: Segments): Promise<Lsn | undefined> {
  const begun = async (index: number): Promise<Segment | undefined> => {
    const start = starts[index];
    for (const file of start === undefined ? [] : at(start)) if (await isBegun(file)) return file;
    return undefined;
  };
  let last: Segment | undefined;
  let [written, unwritten] = [-1, starts.length];
  while (unwritten - written > 1) {
    const middle = Math.floor((written + unwritten) / 2);
    const found = await begun(middle);
    if (found === undefined) unwritten = middle;
    else [written, last] = [middle, found];
  }
  return last === undefined ? undefined : (await endOfWal(last))?.end;
}

async function checkpointRecord(
  files: Segments,
  { walSegmentSize, checkpoint }: ControlFile,
  location: Lsn,
): Promise<Awaited<ReturnType<typeof checkpointAt>> | undefined> {
  const there = files.at(segmentStart(location, walSegmentSize));
  const file = there.find(({ timeline }) => timeline === checkpoint.timeline) ?? there[0];
  return file === undefined ? undefined : checkpointAt(file, location);
}
