/** What a file of Patroni says of itself. It holds passwords: nothing else is read out of it. */
export interface PatroniConfiguration {
  readonly scope: string | undefined;
  readonly name: string | undefined;
  /** Where in the store its cluster is (dcs/__init__.py, AbstractDCS: `/service/` where it is not said). */
  readonly namespace: string;
  /** The addresses of its store; none where they are not seen. */
  readonly store: readonly string[];
  readonly dataDirectory: string | undefined;
  /** Where the programs of PostgreSQL are. */
  readonly binDirectory: string | undefined;
  /** The names under postgresql.parameters. */
  readonly parameters: readonly string[];
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
  const [, listen] = /\blisten:[ \t]*["']?([0-9A-Za-z.:*-]+)/u.exec(block) ?? [];
  const [, store = ''] = /^(?:etcd3?|consul|zookeeper|exhibitor|raft):(.*\n?(?:[ \t]+.*\n?)*)/mu.exec(text) ?? [];
  const [, log = ''] = /^log:(.*\n(?:[ \t]+.*\n?)*)/mu.exec(text) ?? [];
  const [, logDirectory] = /(?:^|[\s{,])dir:[ \t]*["']?(\/[^"',}\n#]*[^"',}\n#\s])/u.exec(log) ?? [];
  return {
    parameters: parametersIn(text),
    logFile: logFileIn(logDirectory),
    restApi: /\bcertfile:/u.test(block) ? undefined : addressIn(listen),
    scope: value(/^scope:[ \t]+(?:("[^"\n]*"|'[^'\n]*')|([^#\n]+))/mu),
    namespace: namespaceOf(value(/^namespace:[ \t]+(?:("[^"\n]*"|'[^'\n]*')|([^#\n]+))/mu)),
    store: addressesIn(store),
    name: value(/^name:[ \t]+(?:("[^"\n]*"|'[^'\n]*')|([^#\n]+))/mu),
    binDirectory: value(/^[ \t]+bin_dir:[ \t]+(?:("[^"\n]*"|'[^'\n]*')|([^#\n]+))/mu),
    dataDirectory: value(/^[ \t]+data_dir:[ \t]+(?:("[^"\n]*"|'[^'\n]*')|([^#\n]+))/mu),
  };
}

/** Variables of its process beat what its file says, and may take its place (config.py: _build_environment_configuration). */
export function withVariables(
  file: string | undefined,
  environment: Readonly<Record<string, string>>,
): PatroniConfiguration {
  const of = (name: string): string | undefined => environment[`PATRONI_${name}`];
  const own = configurationOf(file ?? of('CONFIGURATION') ?? '');
  const given = Object.entries(environment).flatMap(([name, value]) =>
    /^PATRONI_(?:ETCD3?|CONSUL|ZOOKEEPER)_HOSTS?$/u.test(name) ? addressesIn(value) : [],
  );
  return {
    parameters: own.parameters,
    logFile: logFileIn(of('LOG_DIR')) ?? own.logFile,
    restApi: of('RESTAPI_CERTFILE') === undefined ? (addressIn(of('RESTAPI_LISTEN')) ?? own.restApi) : undefined,
    scope: of('SCOPE') ?? own.scope,
    name: of('NAME') ?? own.name,
    namespace: of('NAMESPACE') === undefined ? own.namespace : namespaceOf(of('NAMESPACE')),
    store: given.length === 0 ? own.store : given,
    binDirectory: of('POSTGRESQL_BIN_DIR') ?? own.binDirectory,
    dataDirectory: of('POSTGRESQL_DATA_DIR') ?? own.dataDirectory,
  };
}

/** In block style, or on one line; those of bootstrap.dcs are none of this member's. */
function parametersIn(text: string): readonly string[] {
  const [, block = ''] = /^postgresql:(.*\n?(?:(?:[ \t]+.*|[ \t]*#.*|[ \t]*)(?:\n|$))*)/mu.exec(text) ?? [];
  const [, indent = '', inline = '', below = ''] =
    /^([ \t]+)parameters:[ \t]*(.*)\n?((?:\1[ \t]+.*(?:\n|$)|[ \t]*(?:#.*)?(?:\n|$))*)/mu.exec(block) ?? [];
  if (inline.startsWith('{'))
    return inline
      .replaceAll(/"[^"]*"|'[^']*'/gu, (quoted) => (/^.\w+.$/u.test(quoted) ? quoted.slice(1, -1) : "''"))
      .split(/[{,]/u)
      .flatMap((part) => /^\s*([\w.]+)\s*:/u.exec(part)?.[1] ?? []);
  return below
    .split('\n')
    .filter((line) => line.startsWith(`${indent} `) || line.startsWith(`${indent}\t`))
    .flatMap((line) => /^[ \t]+["']?([\w.]+)["']?[ \t]*:/u.exec(line)?.[1] ?? []);
}

const namespaceOf = (given = 'service'): string => given.replaceAll(/^\/+|\/+$/gu, '');

const addressesIn = (text: string): readonly string[] => text.match(/[\w.-]+:\d{1,5}\b/gu) ?? [];

const logFileIn = (directory: string | undefined): string | undefined =>
  directory === undefined ? undefined : `${directory.replace(/\/+$/u, '')}/patroni.log`;

function addressIn(listen = ''): PatroniConfiguration['restApi'] {
  const [, host, port] = /^([0-9A-Za-z.:*-]+):(\d+)$/u.exec(listen) ?? [];
  if (host === undefined) return undefined;
  return { address: /^(?:0\.0\.0\.0|\*|localhost)$/u.test(host) ? '127.0.0.1' : host, port: Number(port) };
}
