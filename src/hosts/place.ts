import type { Answer } from './host.ts';
import type { Reached } from './docker.ts';

/** A place as it is written before a directory: `docker:NAME[:DIR]`, `ssh:[USER@]HOST[:DIR]`. */
export interface WrittenPlace {
  readonly kind: 'docker' | 'ssh';
  readonly name: string;
  /** Undefined: the place's own PGDATA. */
  readonly path: string | undefined;
}

/** Undefined for what is no place: a directory whose name really begins like one is written `./docker:…`. */
export function placeIn(text: string): WrittenPlace | undefined {
  const [, kind, rest = ''] = /^(docker|ssh):([\s\S]*)$/u.exec(text) ?? [];
  if (kind !== 'docker' && kind !== 'ssh') return undefined;
  // an IPv6 address of ssh stands between brackets
  const [, name = '', path] = /^((?:[^:[\]/]|\[[0-9A-Fa-f:.%]+\])*)(?::([\s\S]*))?$/u.exec(rest) ?? [];
  return {
    kind,
    name: kind === 'ssh' ? name.replaceAll(/[[\]]/gu, '') : name,
    path: path === undefined || path === '' ? undefined : path,
  };
}

/** Goes there; the caller ends it. */
export async function reach({ kind, name, path }: WrittenPlace, timeoutMs: number): Promise<Answer<Reached>> {
  if (kind === 'docker') {
    const { dockerHost } = await import('./docker.ts');
    return dockerHost(name, path, timeoutMs);
  }
  const { sshHost } = await import('./ssh.ts');
  return sshHost(name, path, timeoutMs);
}
