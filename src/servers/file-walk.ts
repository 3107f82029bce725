import { flag, integer, list, object, text } from './decoder.ts';
import type { Decoder } from './decoder.ts';

/** What a server saw of its own data directory. */
export interface FileWalk {
  readonly examined: number;
  readonly complete: boolean;
  readonly unreadable: readonly { readonly path: string; readonly directory: boolean; readonly because: string }[];
  readonly names: readonly string[];
}

export const fileWalkAnswer: Decoder<FileWalk> = object((field) => ({
  examined: field('examined', integer),
  complete: field('complete', flag),
  unreadable: field(
    'unreadable',
    list(
      object((of) => ({
        path: of('path', text),
        directory: of('directory', flag),
        because: of('because', text),
      })),
    ),
  ),
  names: field('names', list(text)),
}));

/**
 * A server goes through its data directory as a base backup does, and reads the first byte of each file: what it cannot
 * list or open there, a base backup cannot either. Within one statement, that ends after so many entries and so much time.
 * What is empty is not opened: a FIFO is among that, whose opening waits for its writer. A directory that is not
 * PostgreSQL's own is listed and not entered: it may be a symbolic link, which a base backup leaves out, and no function
 * tells.
 */
export const fileWalk = (limits: {
  readonly entries: number;
  readonly milliseconds: number;
}): string => `DO $standbylint$
DECLARE
  stop timestamptz := clock_timestamp() + interval '${Math.round(limits.milliseconds)} milliseconds';
  queue text[] := ARRAY['.'];
  unreadable jsonb := '[]';
  names jsonb := '[]';
  directory text;
  entry text;
  path text;
  examined int := 0;
  complete bool := true;
  isdirectory bool;
  bytes bigint;
BEGIN
  <<walk>>
  WHILE cardinality(queue) > 0 LOOP
    directory := queue[1];
    queue := queue[2:];
    BEGIN
      FOR entry IN SELECT pg_ls_dir(directory) LOOP
        IF examined >= ${Math.round(limits.entries)} OR clock_timestamp() > stop THEN
          complete := false;
          EXIT walk;
        END IF;
        examined := examined + 1;
        path := CASE WHEN directory = '.' THEN entry ELSE directory || '/' || entry END;
        CONTINUE WHEN entry LIKE 'pgsql\\_tmp%' OR entry ~ '^t[0-9]+_[0-9]+(_(fsm|vm|init))?([.][0-9]+)?$' OR (directory = '.' AND
          (entry LIKE 'pg\\_internal.init%' OR entry IN ('postgresql.auto.conf.tmp', 'current_logfiles.tmp',
            'backup_label', 'tablespace_map', 'backup_manifest', 'postmaster.pid', 'postmaster.opts')));
        isdirectory := false;
        BEGIN
          SELECT s.isdir, s.size INTO isdirectory, bytes FROM pg_stat_file(path, true) AS s;
          IF entry !~ '^(t[0-9]+_)?[0-9]+(_(fsm|vm|init))?([.][1-9][0-9]*)?$' OR isdirectory THEN
            names := names || to_jsonb(path);
          END IF;
          IF isdirectory THEN
            IF path ~ '^(base|global|pg_tblspc)(/|$)' THEN
              queue := queue || path;
            ELSIF path NOT IN ('pg_wal', 'pg_stat_tmp', 'pg_replslot', 'pg_dynshmem', 'pg_notify', 'pg_serial', 'pg_snapshots', 'pg_subtrans') THEN
              PERFORM pg_ls_dir(path) LIMIT 1;
              IF path ~ '^pg_' THEN queue := queue || path; END IF;
            END IF;
          ELSIF bytes > 0 THEN
            PERFORM pg_read_binary_file(path, 0, 1);
          END IF;
        EXCEPTION
          WHEN undefined_file THEN NULL;
          WHEN OTHERS THEN
            unreadable := unreadable || jsonb_build_object('path', path, 'directory', coalesce(isdirectory, false), 'because', SQLERRM);
        END;
      END LOOP;
    EXCEPTION
      WHEN undefined_file THEN NULL;
      WHEN OTHERS THEN
        unreadable := unreadable || jsonb_build_object('path', directory, 'directory', true, 'because', SQLERRM);
    END;
  END LOOP;
  PERFORM set_config('standbylint.walk', jsonb_build_object('examined', examined, 'complete', complete,
    'unreadable', unreadable, 'names', names)::text, false);
END $standbylint$; SELECT current_setting('standbylint.walk')`;
