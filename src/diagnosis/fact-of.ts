import type { FactName, Facts, FactTypes } from '../facts/facts.ts';
import { unseen } from '../facts/observed.ts';
import type { Observed } from '../facts/observed.ts';

/** A fact as it is; one that no rule asked for was not seen. */
export const factOf = <Name extends FactName>(facts: Partial<Facts>, name: Name): Observed<FactTypes[Name]> =>
  facts[name] ?? unseen('not-asked', `${name} was not checked`);
