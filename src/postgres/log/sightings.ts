import type { MessageValues } from '../messages/message-format.ts';
import type { Recognition } from '../messages/recognition.ts';
import { isHarmlessAlone } from './log-course.ts';
import type { LogRecord } from './log-record.ts';
import type { Moment } from './moment.ts';
import { shortened } from './shortened-record.ts';

/** All records of one message with the same role, host, slot, segment, file, … */
export interface Sighting {
  readonly recognition: Recognition;
  /** Of the last record. */
  readonly record: LogRecord;
  readonly first: Moment;
  readonly last: Moment;
  readonly count: number;
  /** How many of them came after the last start. */
  readonly sinceStart: number;
  /** How many in a row, up to the last and since the last start, were of the same WAL position. */
  readonly inPlace: number;
  /** How many of that position came at the end of the life before it: the restart did not get past it. */
  readonly inPlaceBefore: number;
  /** What came later shows that it is over: it streamed again, or the server started. */
  readonly healed: boolean;
  /** Normal life by itself: the end of the WAL at hand, a port check. */
  readonly harmless: boolean;
}

/** Whether what came later shows that a record's fault is over. */
export type IsHealed = (record: LogRecord, recognition: Recognition, last: Moment, isOfTheReceiver: boolean) => boolean;

export interface SightingsWatch {
  /** A server starts: what is seen from now on is of its life. */
  readonly begins: () => void;
  readonly see: (recognition: Recognition, record: LogRecord, moment: Moment, isOfTheReceiver: boolean) => void;
  /** By their last occurrence, the latest first. */
  readonly result: (isHealed: IsHealed) => readonly Sighting[];
}

/** Folds the records of one message with the same values into one sighting. Bounded: of the many there is one per message. */
export function sightingsWatch(): SightingsWatch {
  const folded = new Map<string, Folded>();
  let starts = 0;

  function see(recognition: Recognition, record: LogRecord, moment: Moment, isOfTheReceiver: boolean): void {
    const full = keyOf(recognition);
    const key = folded.has(full) || folded.size < mostSightings ? full : recognition.id;
    const known = folded.get(key);
    const sinceStart = known === undefined || known.starts !== starts ? 0 : known.sinceStart;
    const isSame = known?.recognition.values['lsn'] === recognition.values['lsn'];
    const isInPlace = sinceStart > 0 && isSame;
    const before = sinceStart > 0 ? known?.inPlaceBefore : known?.inPlace;
    folded.set(key, {
      recognition,
      record: shortened(record),
      first: known?.first ?? moment,
      last: moment,
      count: (known?.count ?? 0) + 1,
      sinceStart: sinceStart + 1,
      inPlace: isInPlace ? (known?.inPlace ?? 0) + 1 : 1,
      inPlaceBefore: isSame ? (before ?? 0) : 0,
      starts,
      isOfTheReceiver,
    });
  }

  const result = (isHealed: IsHealed): readonly Sighting[] =>
    [...folded.values()]
      .toSorted((a, b) => b.last.position - a.last.position)
      .map(({ starts: ofStart, isOfTheReceiver, ...one }) => ({
        ...one,
        sinceStart: ofStart === starts ? one.sinceStart : 0,
        inPlace: ofStart === starts ? one.inPlace : 0,
        healed: isHealed(one.record, one.recognition, one.last, isOfTheReceiver),
        harmless: isHarmlessAlone(one.recognition),
      }));

  return { begins: () => (starts += 1), see, result };
}

/** `starts`: how many servers had started when it was last seen. */
type Folded = Omit<Sighting, 'healed' | 'harmless'> & {
  readonly starts: number;
  readonly isOfTheReceiver: boolean;
};

const mostSightings = 500;

function keyOf({ id, values, within }: Recognition): string {
  const significant = names.flatMap((name) =>
    values[name] === undefined ? [] : [`${name}=${shortText(values[name])}`],
  );
  return [id, within?.id ?? '', ...significant].join('\u0000');
}

/** What makes two records of a message two faults; positions, process ids and times do not. */
const names: readonly (keyof MessageValues)[] = [
  'role',
  'host',
  'slot',
  'segment',
  'file',
  'directory',
  'parameter',
  'database',
  'systemIdentifier',
  'tablespace',
];

const shortText = (text: string): string => text.slice(0, 200);
