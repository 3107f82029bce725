import type { AdminRefusal } from '../../facts/connection.ts';
import type { Observed, Unseen } from '../../facts/observed.ts';
import { seen } from '../../facts/observed.ts';
import type { Catalogue, Part } from '../../servers/catalogue.ts';
import type { WalPlace } from '../../servers/catalogue-sql.ts';

/** What came of looking into the primary by SQL: its catalogue, or why nothing is seen of it. */
export type LookBySql =
  | {
      readonly seen: true;
      readonly catalogue: Catalogue;
      /** Where the catalogue has looked into the WAL. */
      readonly walAt: WalPlace | undefined;
      readonly host: string;
      readonly address: string;
      readonly port: number;
      /** It is reached over a socket, or at an address of this machine. */
      readonly ownAddress: boolean;
      /** Its postmaster, where it runs on this machine. */
      readonly postmaster: number | undefined;
      /** It has this machine's files and network. */
      readonly sameMachine: boolean;
      /** Whether the process of the replication session was seen there; undefined where it was not asked. */
      readonly seesReplication: boolean | undefined;
    }
  | { readonly seen: false; readonly why: Unseen; readonly refusal?: AdminRefusal | undefined };

/** A look that was stopped has seen nothing. */
export function finishedLook(over: Observed<LookBySql>): LookBySql {
  if (over.status === 'seen') return over.value;
  return { seen: false, why: over.status === 'unseen' ? over.why : { kind: 'not-asked', because: over.why } };
}

/** A fact from the catalogue; unseen for the look's own reason where there was no look. */
export function fromCatalogue<T>(bySql: LookBySql, read: (catalogue: Catalogue) => Observed<T>): Observed<T> {
  return bySql.seen ? read(bySql.catalogue) : { status: 'unseen', why: bySql.why };
}

/** A fact from a part that needs rights of its own. */
export function fromPart<T, U>(part: Part<T>, source: string, read: (value: T) => U): Observed<U> {
  return part.seen ? seen(read(part.value), source) : { status: 'unseen', why: whyOf(part) };
}

export function whyOf(part: Extract<Part<unknown>, { seen: false }>): Unseen {
  const { kind, because, grant } = part;
  return grant === undefined ? { kind, because } : { kind, because, remedy: grant };
}
