import type { AnyRule } from '../rule.ts';
import { architectureDiffers } from './architecture-differs.ts';
import { clockSkew } from './clock-skew.ts';
import { collationVersionDiffers } from './collation-version-differs.ts';
import { compressionNotBuiltIn } from './compression-not-built-in.ts';
import { localeMissing } from './locale-missing.ts';
import { directoryBeingWritten } from './directory-being-written.ts';

/** Whether what runs here can use what comes from there. */
export const platformRules = [
  collationVersionDiffers,
  architectureDiffers,
  clockSkew,
  localeMissing,
  compressionNotBuiltIn,
  directoryBeingWritten,
] as const satisfies readonly AnyRule[];
