import { catalogue } from './catalogue.ts';
import type { AnyRule } from './rule.ts';

/** Every rule, where it does not matter what each of them needs. */
export const rules: readonly AnyRule[] = catalogue;
