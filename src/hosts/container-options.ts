import { arrayIn, entriesIn, textAt, valueAt } from './parsed-json.ts';

/**
 * The options of `docker create` and `docker run` that make a container as this one was made, but for its name, volumes,
 * environment, image and command. Undefined where it has something that is not among them.
 */
export function optionsOf(found: unknown): readonly string[] | undefined {
  const [config, host] = [valueAt(found, 'Config'), valueAt(found, 'HostConfig')];
  const networks = networkOptions(found, host);
  const labels = labelsOf(config);
  if (
    networks === undefined ||
    labels === undefined ||
    !hasOnlyKnown(host) ||
    valueAt(config, 'Healthcheck') !== undefined
  )
    return undefined;
  const id = textAt(found, 'Id') ?? '';
  const hostname = textAt(config, 'Hostname') ?? '';
  const [policy, retries] = [
    textAt(valueAt(host, 'RestartPolicy'), 'Name') ?? '',
    Number(valueAt(valueAt(host, 'RestartPolicy'), 'MaximumRetryCount') ?? 0),
  ];
  const option = (name: string, value: string | number | undefined): readonly string[] =>
    value === undefined || value === '' || value === 0 ? [] : [`--${name}`, String(value)];
  const shared = Number(valueAt(host, 'ShmSize') ?? 0);
  return [
    ...networks,
    ...entriesIn(valueAt(host, 'PortBindings')).flatMap(([port, places]) =>
      arrayIn(places).flatMap((place) => {
        const address = textAt(place, 'HostIp') ?? '';
        const at = address.includes(':') ? `[${address}]` : address;
        return ['-p', `${at === '' ? '' : `${at}:`}${textAt(place, 'HostPort') ?? ''}:${port.replace(/\/tcp$/u, '')}`];
      }),
    ),
    ...(policy === '' || policy === 'no' ? [] : ['--restart', retries === 0 ? policy : `${policy}:${retries}`]),
    ...option('shm-size', shared === defaultSharedMemory ? 0 : shared),
    ...option('memory', Number(valueAt(host, 'Memory') ?? 0)),
    ...option('cpus', Number(valueAt(host, 'NanoCpus') ?? 0) / 1e9),
    ...option('user', textAt(config, 'User')),
    ...option('hostname', id.startsWith(hostname) ? undefined : hostname),
    ...option('stop-signal', textAt(config, 'StopSignal')),
    ...option('stop-timeout', Number(valueAt(config, 'StopTimeout') ?? 0)),
    ...labels,
    ...(valueAt(host, 'Init') === true ? ['--init'] : []),
    ...(valueAt(host, 'ReadonlyRootfs') === true ? ['--read-only'] : []),
  ];
}

/** What Docker gives where nothing is said (moby: config.DefaultShmSize). */
const defaultSharedMemory = 64 * 1024 * 1024;

/** What proxies, backups and updates go by; undefined where one may be a secret. Those of its image it has anyway. */
function labelsOf(config: unknown): readonly string[] | undefined {
  const labels = entriesIn(valueAt(config, 'Labels')).filter(([name]) => !ofImage.test(name));
  if (labels.some(([name, value]) => /pass|secret|token|key|\n/iu.test(`${name}=${String(value)}`))) return undefined;
  return labels.flatMap(([name, value]) => ['--label', `${name}=${String(value)}`]);
}

const ofImage = /^(?:org\.opencontainers\.|org\.label-schema\.|com\.docker\.|desktop\.docker\.|maintainer$)/u;

/** One network, which names resolve in where it is a user's own; what a container has beyond that is not made by one line. */
function networkOptions(found: unknown, host: unknown): readonly string[] | undefined {
  const all = entriesIn(valueAt(valueAt(found, 'NetworkSettings'), 'Networks'));
  const [first, ...more] = all;
  const mode = textAt(host, 'NetworkMode') ?? '';
  if (more.length > 0 || mode.includes(':') || entriesIn(valueAt(first?.[1], 'IPAMConfig')).length > 0)
    return undefined;
  const aliases = arrayIn(valueAt(first?.[1], 'Aliases')).filter((alias) => typeof alias === 'string');
  const name = first?.[0] ?? mode;
  const id = textAt(found, 'Id') ?? '';
  return ['', 'default', 'bridge'].includes(name)
    ? []
    : [...['--network', name], ...aliases.flatMap((alias) => (id.startsWith(alias) ? [] : ['--network-alias', alias]))];
}

/** All else that a container can be created with is as Docker makes it. */
function hasOnlyKnown(host: unknown): boolean {
  const memory = Number(valueAt(host, 'Memory') ?? 0);
  return entriesIn(host).every(
    ([name, value]) =>
      known.has(name) ||
      isNothing(value) ||
      (name === 'LogConfig' && textAt(value, 'Type') === 'json-file' && isNothing(valueAt(value, 'Config'))) ||
      (name === 'IpcMode' && (value === 'private' || value === 'shareable')) ||
      (name === 'Runtime' && value === 'runc') ||
      (name === 'MemorySwap' && value === 2 * memory) ||
      (name === 'CgroupnsMode' && (value === 'private' || value === 'host')),
  );
}

/** They are among the options, are taken over with the volumes, or are the engine's own. */
const known = new Set([
  ...['NetworkMode', 'PortBindings', 'RestartPolicy', 'ShmSize', 'Memory', 'NanoCpus', 'Init', 'ReadonlyRootfs'],
  ...['Binds', 'Mounts', 'VolumesFrom', 'VolumeDriver', 'AutoRemove', 'ContainerIDFile'],
  ...['ConsoleSize', 'MaskedPaths', 'ReadonlyPaths', 'Isolation'],
]);

const isNothing = (value: unknown): boolean =>
  value === null ||
  value === undefined ||
  value === false ||
  value === 0 ||
  value === '' ||
  (typeof value === 'object' && Object.keys(value).length === 0);
