import type { Answer, Host, Place } from './host.ts';
import type { KeptLogins } from './kept-logins.ts';
import type { Purpose, Reached } from './reached.ts';

const kinds = ['docker', 'podman', 'compose', 'ssh', 'ssh+sudo', 'kubectl'] as const;

/**
 * A place as it is written before a directory: `docker:NAME[:DIR]`, `podman:…`, `compose:[PROJECT/]SERVICE[:DIR]`,
 * `ssh:[USER@]HOST[:DIR]`, `ssh+sudo:…` (as root there, by `sudo -n`), `kubectl:[CONTEXT/]NAMESPACE/POD[/CONTAINER][:DIR]`.
 */
export interface WrittenPlace {
  readonly kind: (typeof kinds)[number];
  readonly name: string;
  /** Undefined: the place's own PGDATA. */
  readonly path: string | undefined;
}

/** Undefined for what is no place: a directory whose name really begins like one is written `./docker:…`. */
export function placeIn(text: string): WrittenPlace | undefined {
  const kind = kinds.find((one) => text.startsWith(`${one}:`));
  if (kind === undefined) return undefined;
  const rest = text.slice(kind.length + 1);
  // the name of a context may be a URI or hold colons, and the directory begins at the root
  if (kind === 'kubectl') {
    const at = rest.search(/:(?=\/)/u);
    return at === -1
      ? { kind, name: rest, path: undefined }
      : { kind, name: rest.slice(0, at), path: rest.slice(at + 1) };
  }
  // an IPv6 address of ssh stands between brackets
  const [, name = '', path] = /^((?:[^:[\]]|\[[0-9A-Fa-f:.%]+\])*)(?::([\s\S]*))?$/u.exec(rest) ?? [];
  return {
    kind,
    name: isSsh(kind) ? name.replaceAll(/[[\]]/gu, '') : name,
    path: path === undefined || path === '' ? undefined : path,
  };
}

export const isSsh = (kind: WrittenPlace['kind']): boolean => kind === 'ssh' || kind === 'ssh+sudo';

/** A directory of a place as it is written. */
export function placeText(place: Place, directory: string): string {
  if (place.kind === 'container') return `${place.engine}:${place.name}:${directory}`;
  if (place.kind === 'pod') return `kubectl:${podText(place)}:${directory}`;
  const { destination, sudo } = place;
  return `ssh${sudo === true ? '+sudo' : ''}:${destination.includes(':') ? destination.replace(/[^@]*$/u, '[$&]') : destination}:${directory}`;
}

/** `[CONTEXT/]NAMESPACE/POD/CONTAINER` */
const podText = ({ context, namespace, name, container }: Extract<Place, { readonly kind: 'pod' }>): string =>
  [...(context === undefined ? [] : [context]), namespace, name, container].join('/');

/** Goes there, over a login that is kept where there is one; the caller ends it. */
export async function reach(
  { kind, name, path }: WrittenPlace,
  timeoutMs: number,
  purpose: Purpose,
  logins?: KeptLogins,
): Promise<Answer<Reached>> {
  if (kind === 'ssh' || kind === 'ssh+sudo') {
    const { sshHost } = await import('./ssh.ts');
    return sshHost({ destination: name, sudo: kind === 'ssh+sudo' }, path, timeoutMs, purpose, logins);
  }
  if (kind === 'kubectl') {
    const { podHost } = await import('./kubectl.ts');
    return podHost(name, path, timeoutMs, purpose);
  }
  const { containerHost, containerOfService } = await import('./container.ts');
  if (kind !== 'compose') return containerHost(kind, name, path, timeoutMs, purpose);
  const found = await containerOfService(name, timeoutMs);
  return found.ok ? containerHost('docker', found.value, path, timeoutMs, purpose) : found;
}

/** The container that a directory of this machine belongs to; see container-of-directory.ts. */
export async function placeOfDirectory(
  host: Host,
  directory: string,
  timeoutMs: number,
): Promise<WrittenPlace | undefined> {
  const { containerOfDirectory } = await import('./container-of-directory.ts');
  const found = await containerOfDirectory(host, directory, timeoutMs);
  return found && { kind: found.engine, name: found.name, path: found.path };
}
