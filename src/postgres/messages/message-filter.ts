import { forwardSearch } from '../log/text.ts';
import type { MessageFilter } from '../log/text.ts';
import type { Catalogue } from './catalogue.ts';
import { heads } from './heads.ts';

/**
 * For reading big logs: whether a message of the server may be in the catalogue, by its first characters. It lets a few
 * others through and holds nothing back that recognise() would know.
 */
export function messageFilter({ serverHeads: known, foreignHeads }: Catalogue): MessageFilter {
  // the log is read one character a byte
  const others = heads(
    [...foreignHeads, ...recoveryCommands].map((head) => Buffer.from(head, 'utf8').toString('latin1')),
  );
  // "%s (PID %d) was terminated by signal %d", "%s was not reloaded": no search begins with a blank, at which each word would stop it
  const processes = forwardSearch('(PID ');
  const reloads = forwardSearch('was not reloaded');
  return (piece, at, end) => {
    if (known.has(piece, at) || others.has(piece, at)) return true;
    const first = piece.charCodeAt(at);
    // "%lld total checksum verification failures"
    if (first >= 48 && first <= 57) return true;
    if (beginsPath(piece, at) && reloads.within(piece, at, end) !== -1) return true;
    return processes.within(piece, at, end) !== -1;
  };
}

/** "%s \"%s\": %s": xlogarchive.c, ExecuteRecoveryCommand, is called for these. */
const recoveryCommands = ['archive_cleanup_command "', 'recovery_end_command "'];

/** The names of configuration files are absolute (guc.c, SelectConfigFiles). */
const beginsPath = (piece: string, at: number): boolean => {
  const first = piece.charCodeAt(at);
  return first === 47 || first === 92 || piece.charCodeAt(at + 1) === 58;
};
