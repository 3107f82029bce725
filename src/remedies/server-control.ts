import type { ServerControl } from '../facts/primary.ts';
import type { Side, Step } from '../facts/report.ts';
import { manual, shell } from './remedy.ts';
import { shellWord } from './quoting.ts';

/**
 * How this server is restarted, as it is really run: pg_ctl, Debian's pg_ctlcluster, a systemd unit, a container. The
 * command is for the operating-system user that owns the data directory.
 */
export function restart(on: Side, control: ServerControl): Step {
  switch (control.kind) {
    case 'pg_ctl':
      // without its own environment the program may not be on PATH: the folder that the server runs from is exact
      return shell(
        on,
        `${program(control.binDirectory, 'pg_ctl')} restart -D ${shellWord(control.dataDirectory)} -w -m fast`,
      );
    case 'pg_ctlcluster':
      return shell(on, `pg_ctlcluster ${shellWord(control.version)} ${shellWord(control.cluster)} restart`);
    case 'systemd':
      return manual(on, `As root, restart the server's unit: systemctl restart ${shellWord(control.unit)}`);
    case 'container':
      return manual(on, 'Restart the container that the server runs in.');
    case 'unknown':
      return manual(on, 'Restart the PostgreSQL server.');
  }
}

/** A program of the release that the server runs, by its whole path where that is known. */
export const program = (binDirectory: string | undefined, name: string): string =>
  binDirectory === undefined ? name : shellWord(`${binDirectory}/${name}`);
