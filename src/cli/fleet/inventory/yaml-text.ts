import { parse } from 'yaml';

/** Data alone: no tag of YAML makes anything else of it, and no alias makes much of little. Throws for what is no YAML. */
export const parsedYaml = (text: string): unknown =>
  parse(text, { schema: 'core', maxAliasCount: 100, logLevel: 'error' });
