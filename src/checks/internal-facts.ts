import type { FactTypes } from '../facts/facts.ts';
import type { Observed } from '../facts/observed.ts';
import type { RefusedParameter } from '../facts/standby-configuration.ts';
import type { Inside } from './primary/look-by-sql.ts';
import type { StandbySettings } from './standby-settings.ts';
import type { Upstream } from './upstream.ts';

/** What checks tell one another and nobody else: secrets are in it. The engine keeps it to itself. */
export interface InternalFactTypes {
  /** Not applicable: nobody looks at a standby that exists. */
  readonly standbySettings: StandbySettings;
  readonly upstream: Upstream;
  /** What keeps the WAL receiver's libpq from making a connection at all, wherever it is set. */
  readonly refusedParameter: RefusedParameter;
  /** What --admin shows of the server that it leads to. */
  readonly overAdmin: Inside;
}

const internal: Readonly<Record<keyof InternalFactTypes, true>> = {
  standbySettings: true,
  upstream: true,
  refusedParameter: true,
  overAdmin: true,
};

export const isInternal = (name: string): boolean => name in internal;

/** All that a check can bring back and wait for. */
export type CheckedTypes = FactTypes & InternalFactTypes;
export type CheckedName = keyof CheckedTypes;
export type Checked = { readonly [Name in CheckedName]: Observed<CheckedTypes[Name]> };
