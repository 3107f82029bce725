/** What a file of Patroni says of itself. It holds passwords: nothing else is read out of it. */
export interface PatroniConfiguration {
  readonly scope: string | undefined;
  readonly name: string | undefined;
  readonly dataDirectory: string | undefined;
  /** Where its log lies (log.py: `dir`); undefined: it goes to its standard error. */
  readonly logFile: string | undefined;
  /** Where its REST API is reached from its own machine; undefined where it is not said, or needs TLS. */
  readonly restApi: { readonly address: string; readonly port: number } | undefined;
}

/** YAML in block style, as packages and manuals write it: a value on the line of its key. */
export function configurationOf(text: string): PatroniConfiguration {
  const value = (pattern: RegExp): string | undefined => {
    const [, quoted, plain] = pattern.exec(text) ?? [];
    return quoted?.slice(1, -1) ?? plain?.trim();
  };
  const [, block = ''] = /^restapi:(.*\n(?:[ \t]+.*\n?)*)/mu.exec(text) ?? [];
  const [, host, port] = /\blisten:[ \t]*["']?([0-9A-Za-z.:*-]+):(\d+)/u.exec(block) ?? [];
  const [, log = ''] = /^log:(.*\n(?:[ \t]+.*\n?)*)/mu.exec(text) ?? [];
  const [, logDirectory] = /(?:^|[\s{,])dir:[ \t]*["']?(\/[^"',}\n#]*[^"',}\n#\s])/u.exec(log) ?? [];
  return {
    logFile: logDirectory === undefined ? undefined : `${logDirectory.replace(/\/+$/u, '')}/patroni.log`,
    restApi:
      host === undefined || /\bcertfile:/u.test(block)
        ? undefined
        : { address: /^(?:0\.0\.0\.0|\*|localhost)$/u.test(host) ? '127.0.0.1' : host, port: Number(port) },
    scope: value(/^scope:[ \t]+(?:("[^"\n]*"|'[^'\n]*')|([^#\n]+))/mu),
    name: value(/^name:[ \t]+(?:("[^"\n]*"|'[^'\n]*')|([^#\n]+))/mu),
    dataDirectory: value(/^[ \t]+data_dir:[ \t]+(?:("[^"\n]*"|'[^'\n]*')|([^#\n]+))/mu),
  };
}
