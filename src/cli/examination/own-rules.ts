import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

import type { AnyRule } from '../../rules/rule.ts';
import type { CommonOptions } from '../options/own-options.ts';
import { importFile } from '../import-file.ts';
import { UsageError } from '../usage-error.ts';

/**
 * The caller's rules and those of the files of --rules, which are run as code: a file is named on the command line and never
 * found. Throws a {@link UsageError} for what is no rule.
 */
export async function withOwnRules(
  given: readonly AnyRule[],
  { rules: files, fix, dryRun }: Pick<CommonOptions, 'rules' | 'fix' | 'dryRun'>,
): Promise<readonly AnyRule[]> {
  if (files.length === 0) return given;
  if (fix || dryRun)
    throw new UsageError(
      '--rules cannot be combined with --fix: what rules of your own propose is for a person to run.',
      'Run it without --fix, or without --rules.',
    );
  const { catalogue } = await import('../../rules/catalogue.ts');
  const { ownRules } = await import('../../rules/checked-own-rules.ts');
  const found: AnyRule[] = [...given];
  for (const file of files) {
    try {
      const taken = catalogue.map(({ id }) => id);
      found.push(...ownRules(await exportOf(file), file, taken));
    } catch (error) {
      throw new UsageError(
        `--rules ${file}: ${existsSync(file) ? (error instanceof Error ? error.message : String(error)) : 'the file does not exist'}.`.replace(
          /\.\.$/u,
          '.',
        ),
        'docs/own-rules.md shows what such a file has in it.',
      );
    }
  }
  const ids = found.map(({ id }) => id);
  const twice = ids.find((id, at) => ids.indexOf(id) !== at);
  if (twice !== undefined) throw new UsageError(`--rules: ${twice} is in two files.`, 'Leave one of them out.');
  return found;
}

/** The default export; a function is called with what a rule is made of, for a file that has no package to import it from. */
async function exportOf(file: string): Promise<unknown> {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a module is an object
  const { default: exported } = (await importFile(pathToFileURL(resolve(file)).href)) as { readonly default?: unknown };
  if (typeof exported !== 'function') return exported;
  const { toolbox } = await import('../../rules/own-rule.ts');
  const made: unknown = await exported(toolbox);
  return made;
}
