/** What a file of Patroni says of itself. It holds passwords: nothing else is read out of it. */
export interface PatroniConfiguration {
  readonly scope: string | undefined;
  readonly name: string | undefined;
  readonly dataDirectory: string | undefined;
}

/** YAML in block style, as packages and manuals write it: a value on the line of its key. */
export function configurationOf(text: string): PatroniConfiguration {
  const value = (pattern: RegExp): string | undefined => {
    const [, quoted, plain] = pattern.exec(text) ?? [];
    return quoted?.slice(1, -1) ?? plain?.trim();
  };
  return {
    scope: value(/^scope:[ \t]+(?:("[^"\n]*"|'[^'\n]*')|([^#\n]+))/mu),
    name: value(/^name:[ \t]+(?:("[^"\n]*"|'[^'\n]*')|([^#\n]+))/mu),
    dataDirectory: value(/^[ \t]+data_dir:[ \t]+(?:("[^"\n]*"|'[^'\n]*')|([^#\n]+))/mu),
  };
}
