import type { BaseBackupCommand, CommandLineChange, Compression } from '../facts/base-backup.ts';
import { compressionProblem, compressionRequest } from '../postgres/compression-specification.ts';
import type { CompressionRequest } from '../postgres/compression-specification.ts';
import { parseTablespaceMapping } from '../postgres/tablespace-mapping.ts';
import { refusedValues } from './refused-values.ts';
import type { Conflict } from './refused-values.ts';

/**
 * Every contradiction in a command line that a pg_basebackup of the release `major` refuses (or the server, for it), in
 * the order in which it would come upon them (pg_basebackup.c, main). An option that this release does not know at all is
 * another rule's matter, and so is a --waldir that is not absolute. `slotIsMissing`: the slot that `-S` names is a name
 * that a slot can have, and is not on the primary.
 */
export function conflicts(command: BaseBackupCommand, major: number, slotIsMissing = false): readonly Conflict[] {
  const knowsTargets = major >= 15;
  return [
    ...mappingConflicts(command),
    ...(knowsTargets ? targetConflicts(command) : []),
    ...compressionConflicts(command, major),
    ...walConflicts(command, knowsTargets),
    ...slotConflicts(command, slotIsMissing),
    ...placeConflicts(command, knowsTargets),
    ...reportingConflicts(command),
    ...refusedValues(command, major),
  ];
}

function mappingConflicts({ tablespaceMappings }: BaseBackupCommand): readonly Conflict[] {
  return tablespaceMappings.flatMap(({ written }) => {
    const problem = parseTablespaceMapping(written);
    if (typeof problem !== 'string') return [];
    return [
      {
        options: [`-T ${written}`],
        says: problem,
        because: '-T takes OLDDIR=NEWDIR with two absolute paths; an equals sign in a path must be written as \\=.',
        instead: 'Write -T OLDDIR=NEWDIR with the directory on the primary first and the one on this machine second.',
        change: undefined,
      },
    ];
  });
}

function targetConflicts(command: BaseBackupCommand): readonly Conflict[] {
  if (command.target === undefined) return [];
  const target = written(command, 'target');
  const because = `With ${target} the server itself stores the backup, and sends nothing to this machine.`;
  return [
    ...(given(command, 'format')
      ? [
          {
            options: [written(command, 'format'), target],
            says: 'cannot specify both format and backup target',
            because,
            instead:
              command.directory === undefined
                ? `Remove ${written(command, 'format')}.`
                : `For a standby on this machine, remove ${target}.`,
            change: { without: [command.directory === undefined ? 'format' : 'target'] },
          },
        ]
      : []),
    ...(command.directory !== undefined
      ? [
          {
            options: [written(command, 'pgdata'), target],
            says: 'cannot specify both output directory and backup target',
            because,
            instead: `For a standby on this machine, remove ${target}.`,
            change: { without: ['target'] },
          },
        ]
      : []),
  ];
}

function compressionConflicts(command: BaseBackupCommand, major: number): readonly Conflict[] {
  const { compression, format, target } = command;
  if (compression === undefined) return [];
  if (major < 15) return oldCompressionConflicts(command, compression);
  const { where, algorithm, detail } = requestOf(command, compression, major);
  const options = [compression.written];
  const says = compressionProblem(algorithm, detail, major);
  if (says !== undefined)
    return [
      {
        options,
        says,
        ...(where === 'server' ? ({ refusedBy: 'server' } as const) : {}),
        because: 'The method is gzip, lz4, zstd or none, optionally followed by a colon and a level.',
        instead: 'Use for example --compress=server-gzip:6, or remove the option.',
        change: withoutCompression,
      },
    ];
  if (where === 'server') return [];
  if (target !== undefined)
    return [
      {
        options: [...options, written(command, 'target')],
        says: 'client-side compression is not possible when a backup target is specified',
        because: 'The server stores the backup itself, so pg_basebackup receives no data that it could compress.',
        instead: `Use --compress=server-${algorithm}.`,
        change: { ...withoutCompression, with: [`--compress=server-${algorithm}`] },
      },
    ];
  return format === 'plain' && algorithm !== 'none'
    ? [plainCompression(compression, `use --compress=server-${algorithm} to compress only the transfer`)]
    : [];
}

/** What `-z` or -Z asks for, and where it is done: without a word where the backup goes. */
export function requestOf(
  { target }: Pick<BaseBackupCommand, 'target'>,
  { value }: Compression,
  major: number,
): CompressionRequest & { readonly where: 'client' | 'server' } {
  const asked: CompressionRequest =
    value === undefined ? { where: undefined, algorithm: 'gzip', detail: undefined } : compressionRequest(value, major);
  return { ...asked, where: asked.where ?? (target === undefined ? 'client' : 'server') };
}

/**
 * Up to 14 the value is a number and nothing else: atoi() makes 0 of a word, which compresses nothing. The range is
 * checked for each -Z that is given, although only the last one counts.
 */
function oldCompressionConflicts(
  { format, options }: BaseBackupCommand,
  compression: Compression,
): readonly Conflict[] {
  const outOfRange = options.find(
    ({ name, written: text }) => name === 'compress' && (oldLevel(text) < 0 || oldLevel(text) > 9),
  );
  if (outOfRange !== undefined)
    return [
      {
        options: [outOfRange.written],
        says: `invalid compression level "${valueOf(outOfRange.written)}"`,
        because: 'Before PostgreSQL 15 the value is a gzip level from 0 to 9.',
        instead: 'Use a level from 0 to 9, or remove the option.',
        change: withoutCompression,
      },
    ];
  const compresses = compression.value === undefined || oldLevel(compression.written) !== 0;
  return format === 'plain' && compresses ? [plainCompression(compression)] : [];
}

const oldLevel = (text: string): number => Number.parseInt(valueOf(text), 10) || 0;

/** `-Z 5`, `-Z5`, `--compress 5`, `--comp=5`. */
const valueOf = (text: string): string => text.replace(/^(?:--[a-z]+[= ]|-Z ?)/u, '');

const plainCompression = (compression: Compression, instead?: string): Conflict => ({
  options: [compression.written],
  says: 'only tar mode backups can be compressed',
  because: 'The plain format writes the files of a data directory, which cannot be compressed.',
  instead: `Remove ${compression.written}${instead === undefined ? '' : `, or ${instead}`}.`,
  change: withoutCompression,
});

const withoutCompression: CommandLineChange = { without: ['compress', 'gzip'] };

function walConflicts(command: BaseBackupCommand, knowsTargets: boolean): readonly Conflict[] {
  const { target, walMethod, format, directory } = command;
  const method = given(command, 'wal-method') ? written(command, 'wal-method') : '-X stream (the default)';
  if (knowsTargets && target !== undefined && walMethod === 'stream')
    return [
      {
        options: [written(command, 'target'), method],
        says: 'WAL cannot be streamed when a backup target is specified',
        because: 'WAL would be streamed to this machine, but the backup is stored on the server.',
        instead: 'Add -X fetch.',
        change: { without: ['wal-method'], with: ['-X', 'fetch'] },
      },
    ];
  if (target === undefined && format === 'tar' && walMethod === 'stream' && directory === '-')
    return [
      {
        options: [written(command, 'format'), written(command, 'pgdata'), method],
        says: 'cannot stream write-ahead logs in tar mode to stdout',
        because: 'Standard output can receive only one archive, but the streamed WAL is a second one.',
        instead: 'Add -X fetch, or give a directory.',
        change: { without: ['wal-method'], with: ['-X', 'fetch'] },
      },
    ];
  return [];
}

function slotConflicts(command: BaseBackupCommand, slotIsMissing: boolean): readonly Conflict[] {
  const { slot, noSlot, createsSlot, walMethod } = command;
  const has = slot !== undefined && slot !== '' ? slot : undefined;
  const method = written(command, 'wal-method');
  // once the slot is used it must be there
  const make = slotIsMissing && !createsSlot ? ['-C'] : [];
  const made = make.length === 0 ? '' : ' and add -C, which creates the slot';
  return [
    ...(slot !== undefined && walMethod !== 'stream'
      ? [
          {
            options: [written(command, 'slot'), method],
            says: 'replication slots can only be used with WAL streaming',
            because: `The slot keeps WAL for streaming during the base backup, but ${method} does not stream WAL.`,
            instead: `Use -X stream instead of ${method}${made}.`,
            change: { without: ['wal-method'], with: ['-X', 'stream', ...make] },
          },
        ]
      : []),
    ...(slot !== undefined && noSlot
      ? [
          {
            options: [written(command, 'no-slot'), written(command, 'slot')],
            says: '--no-slot cannot be used with slot name',
            because: 'One option gives a slot name, but the other one forbids a slot.',
            instead: `Remove --no-slot${has === undefined ? '' : `, so that slot ${has} keeps the WAL`}${made === '' ? '' : `,${made}`}.`,
            change: { without: ['no-slot'], with: make },
          },
        ]
      : []),
    ...(createsSlot && slot === undefined
      ? [
          {
            options: [written(command, 'create-slot')],
            says: '--create-slot needs a slot to be specified using --slot',
            because: 'The slot to create has no name.',
            instead: noSlot ? 'Remove -C, which contradicts --no-slot.' : 'Give a slot name, for example -S standby1.',
            change: noSlot ? { without: ['create-slot'] } : { with: ['-S', 'standby1'] },
          },
        ]
      : []),
  ];
}

function placeConflicts(command: BaseBackupCommand, knowsTargets: boolean): readonly Conflict[] {
  if (command.walDirectory === undefined) return [];
  const walDirectory = written(command, 'waldir');
  if (knowsTargets && command.target !== undefined)
    return [
      {
        options: [walDirectory, written(command, 'target')],
        says: 'WAL directory location cannot be specified along with a backup target',
        because: 'The server stores the backup, so its WAL has no directory on this machine.',
        instead: 'Remove --waldir.',
        change: { without: ['waldir'] },
      },
    ];
  if (command.target === undefined && command.format === 'tar')
    return [
      {
        options: [walDirectory, written(command, 'format')],
        says: 'WAL directory location can only be specified in plain mode',
        because: 'The tar format writes the WAL to a separate archive, pg_wal.tar.',
        instead: `Remove ${written(command, 'format')}: a standby needs the plain format.`,
        change: { without: ['format'] },
      },
    ];
  return [];
}

function reportingConflicts(command: BaseBackupCommand): readonly Conflict[] {
  return incompatible.flatMap(([one, other, because, loser]) =>
    given(command, one) && given(command, other)
      ? [
          {
            options: [written(command, one), written(command, other)],
            says: `--${one} and --${other} are incompatible options`,
            because,
            instead: `Remove --${loser}.`,
            change: { without: [loser] },
          },
        ]
      : [],
  );
}

const incompatible = [
  [
    'progress',
    'no-estimate-size',
    'One option shows progress as a percentage of the total size, but the other one skips the size estimate.',
    'no-estimate-size',
  ],
  [
    'no-manifest',
    'manifest-checksums',
    'One option selects checksums for the manifest, but the other one disables the manifest.',
    'no-manifest',
  ],
  [
    'no-manifest',
    'manifest-force-encode',
    'One option controls how the manifest is written, but the other one disables the manifest.',
    'no-manifest',
  ],
] as const;

const given = ({ options }: BaseBackupCommand, name: string): boolean => options.some((option) => option.name === name);

/** The last one counts, as it does for pg_basebackup. */
const written = ({ options }: BaseBackupCommand, name: string): string =>
  options.findLast((option) => option.name === name)?.written ?? `--${name}`;
