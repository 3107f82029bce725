import { forwardSearch } from '../log/text.ts';
import type { MessageFilter } from '../log/text.ts';
import type { Catalogue } from './catalogue.ts';
import { heads } from './heads.ts';

/**
 * For reading big logs: whether a message of the server may be in the catalogue, by its first characters. It lets a few
 * others through and holds nothing back that recognise() would know.
 *
 * @param atLeast how much an entry must matter (1 to 5)
 */
export function messageFilter(catalogue: Catalogue, atLeast = 1): MessageFilter {
  const ofServer = catalogue.messages.filter(
    ({ entry }) => entry.part === undefined && (entry.speaker === 'server' || entry.speaker === 'any'),
  );
  const known = heads(
    [...ofServer, ...catalogue.translations]
      .filter(({ entry, pattern }) => entry.matters >= atLeast && pattern.head !== '')
      // the log is read one character a byte
      .map((message) => [Buffer.from(message.pattern.head, 'utf8').toString('latin1'), message]),
  );
  // "%s (PID %d) was terminated by signal %d", "%s was not reloaded"
  const searches = [forwardSearch(' (PID '), forwardSearch(' was not reloaded'), forwardSearch('_command "')];
  return (piece, at, end) => {
    if (known.has(piece, at)) return true;
    const first = piece.charCodeAt(at);
    // "%lld total checksum verification failures"
    if (first >= 48 && first <= 57) return true;
    return searches.some((search) => search.within(piece, at, end) !== -1);
  };
}
