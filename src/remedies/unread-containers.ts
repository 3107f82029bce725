import type { Containers } from '../facts/containers.ts';
import { shellWord } from './quoting.ts';

/** What is to be made sure of before a former primary is started: one of those may have been promoted in its place. */
export const noneWasPromoted = (unread: readonly string[], engine: Containers['engine']): string =>
  `First make sure that no other server of this cluster was promoted. The data of ${unread.slice(0, mostNames).join(', ')}${unread.length > mostNames ? ` and ${unread.length - mostNames} more containers` : ''} could not be read here: ${engine} exec -u postgres ${unread.length === 1 ? shellWord(unread[0] ?? '') : 'NAME'} psql -XAtc "SELECT system_identifier, pg_is_in_recovery() FROM pg_control_system()" shows f for a primary.`;

const mostNames = 6;
