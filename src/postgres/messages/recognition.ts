import type { CatalogueEntry } from './catalogue.ts';
import type { MessageValues } from './message-format.ts';
import type { ConnectionTarget } from './message-layers.ts';

/** A message that is in the catalogue. */
export interface Recognition {
  readonly id: string;
  readonly entry: CatalogueEntry;
  /** What stood in it, by name (`role`, `host`, `slot`, `segment`, `file`, `lsn`, `timeline`, …), its DETAIL's values among them. */
  readonly values: MessageValues;
  /** The text that was recognised: of a message that carries another, the innermost. */
  readonly text: string;
  /** `place`: by SQLSTATE and function, its text being in another language; the values are then few. */
  readonly by: 'text' | 'place';
  /** errno's, the resolver's or OpenSSL's words at its end. */
  readonly cause: CatalogueEntry | undefined;
  /** Entries of the DETAIL's lines. */
  readonly details: readonly CatalogueEntry[];
  /** The message that carries it ("could not connect to the primary server: …"). */
  readonly within: CatalogueEntry | undefined;
  /** To whom the connection went, where libpq says it. */
  readonly connection: ConnectionTarget | undefined;
  /** The failures of the other ways that libpq tried, in their order. */
  readonly also: readonly Recognition[];
}
