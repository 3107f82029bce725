import { formatCount } from '../postgres/bytes.ts';
import type { ServerSide, StreamingPicture } from '../facts/streaming.ts';
import type { TextContext } from './finding-text.ts';
import { columns, indent, padEnd, wrap } from './layout.ts';
import { printable } from './printable.ts';

/** How PostgreSQL writes a position: `0/3000148`. */
type LsnText = (lsn: NonNullable<ServerSide['lsn']>) => string;

/** How the two stood before the copy. */
export interface Before {
  readonly primary: string;
  readonly lsn: string | undefined;
  /** What the target was: `does not exist`, `an empty directory`. */
  readonly target: string;
}

/** Primary and standby side by side, before the copy and now that the standby streams. */
export function pictureText(
  picture: StreamingPicture,
  before: Before,
  names: { readonly standby: string; readonly lsn: LsnText },
  { width, paint }: TextContext,
): readonly string[] {
  const named: Row = {
    what: 'now',
    primary: printable(before.primary),
    standby: printable(names.standby),
    mark: '',
  };
  const rows = pictureRows(picture, names.lsn);
  // long names are told elsewhere
  const fits = columns(named.primary) <= mostNamed && columns(named.standby) <= mostNamed;
  const table: readonly Row[] = [
    { what: '', primary: 'primary', standby: 'standby', mark: '' },
    { what: 'before', primary: before.lsn ?? '', standby: before.target, mark: '' },
    ...(fits ? [named] : []),
    ...rows,
  ];
  const label = Math.max(...table.map(({ what }) => columns(what)));
  const left = Math.max(...table.map(({ primary }) => columns(primary)));
  const lines = table.map(({ what, primary, mark, standby }, at) => {
    const cells = `${padEnd(primary, left)}  ${padEnd(mark, 2)} ${standby}`;
    return `  ${paint.quiet(padEnd(what, label))}  ${at === 0 ? paint.strong(cells) : cells}`.trimEnd();
  });
  const notes = [`Proved by ${picture.proof.by}: ${picture.proof.says}.`, ...picture.remarks];
  return [...lines, '', ...notes.flatMap((note) => indent(wrap(note, width - 2), 2))];
}

const mostNamed = 24;

interface Row {
  readonly what: string;
  readonly primary: string;
  readonly standby: string;
  /** `=` where both sides must be equal and are, `≠` where they are not. */
  readonly mark: string;
}

/** What is compared, in the order in which it is told. */
export function pictureRows({ primary, standby, rows }: StreamingPicture, lsn: LsnText): readonly Row[] {
  const lsnText = (position: ServerSide['lsn']): string => (position === undefined ? notShown : lsn(position));
  return [
    {
      what: 'pg_is_in_recovery()',
      primary: truth(primary.inRecovery),
      standby: truth(standby.inRecovery),
      mark: '',
    },
    {
      what: 'WAL sender, WAL receiver',
      primary: primary.streaming ?? notShown,
      standby: standby.streaming ?? notShown,
      mark: primary.streaming === 'streaming' || standby.streaming === 'streaming' ? '→' : '',
    },
    {
      what: 'LSN written, replayed',
      primary: lsnText(primary.lsn),
      standby: lsnText(standby.lsn),
      mark:
        primary.lsn !== undefined && standby.lsn !== undefined && standby.lsn > primary.lsn
          ? '≤'
          : mark(primary.lsn, standby.lsn),
    },
    {
      what: 'timeline',
      primary: primary.timeline?.toString() ?? notShown,
      standby: standby.timeline?.toString() ?? notShown,
      mark: mark(primary.timeline, standby.timeline),
    },
    ...rows.map((row) => ({
      what: `rows of ${printable(row.table)}`,
      primary:
        row.primaryAfterwards === undefined || row.primaryAfterwards === row.primary
          ? formatCount(row.primary)
          : `${formatCount(row.primary)}, then ${formatCount(row.primaryAfterwards)}`,
      standby: row.standby === undefined ? notShown : formatCount(row.standby),
      mark:
        row.primaryAfterwards === undefined || row.primaryAfterwards === row.primary
          ? mark(row.primary, row.standby)
          : '',
    })),
  ];
}

const notShown = 'not shown';
const mark = (one: unknown, other: unknown): Row['mark'] => {
  if (one === undefined || other === undefined) return '';
  return one === other ? '=' : '≠';
};
const truth = (value: boolean | undefined): string => (value === undefined ? notShown : String(value));

/** `1,234,567`, the same on every machine. */
