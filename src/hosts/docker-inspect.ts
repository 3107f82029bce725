import { answer, noAnswer } from './host.ts';
import type { Answer } from './host.ts';
import { run } from './local-programs.ts';

/** What Docker tells of a container. */
export interface Container {
  readonly id: string;
  /** That of the image: it is here, whatever its name means by now. */
  readonly image: string;
  readonly state: 'running' | 'stopped' | 'restarting' | 'paused';
  /** Of the container; it may hold passwords. */
  readonly environment: Readonly<Record<string, string>>;
  readonly network: string | undefined;
  /** Where its volumes are in it. */
  readonly mounts: readonly string[];
}

export async function inspect(name: string, timeoutMs: number): Promise<Answer<Container>> {
  const asked = await run('docker', ['container', 'inspect', '--', name], { timeoutMs: Math.max(timeoutMs, 10_000) });
  if (!asked.ok) return asked.problem.code === 'ENOENT' ? noAnswer('no-docker', 'docker is not installed here') : asked;
  const { exitCode, stdout, stderr } = asked.value;
  if (exitCode !== 0)
    return /no such container/iu.test(stderr)
      ? noAnswer('no-container', `there is no container ${name}`)
      : noAnswer('docker', stderr.trim().split('\n').at(-1) ?? 'docker container inspect ended without a word');
  const [found] = arrayIn(parsed(stdout));
  const container = containerIn(found);
  return container === undefined
    ? noAnswer('docker', 'what docker container inspect printed is not understood')
    : answer(container);
}

function containerIn(found: unknown): Container | undefined {
  const [state, config, host] = ['State', 'Config', 'HostConfig'].map((key) => at(found, key));
  const [id, image] = [textAt(found, 'Id'), textAt(found, 'Image')];
  if (id === undefined || image === undefined) return undefined;
  const mode = textAt(host, 'NetworkMode') ?? 'default';
  const variables = arrayIn(at(config, 'Env')).flatMap((line) => {
    const [, key, value] = typeof line === 'string' ? (/^([^=]+)=([\s\S]*)$/u.exec(line) ?? []) : [];
    return key === undefined || value === undefined ? [] : [[key, value]];
  });
  return {
    id,
    image,
    state: stateIn(state, Number(at(found, 'RestartCount') ?? 0)),
    environment: Object.fromEntries(variables),
    // one that shares the network of a container that may be gone
    network: mode === 'default' || mode.startsWith('container:') ? undefined : mode,
    mounts: arrayIn(at(found, 'Mounts')).flatMap((mount) => textAt(mount, 'Destination') ?? []),
  };
}

/** Between two starts of a loop it runs for moments: Docker takes ten seconds for a success (moby: restartmanager). */
function stateIn(state: unknown, restarts: number): Container['state'] {
  if (at(state, 'Paused') === true) return 'paused';
  if (at(state, 'Restarting') === true) return 'restarting';
  if (at(state, 'Running') !== true) return 'stopped';
  const [started, ended] = ['StartedAt', 'FinishedAt'].map((key) => Date.parse(textAt(state, key) ?? ''));
  const loops = restarts > 0 && started !== undefined && ended !== undefined && Math.abs(started - ended) < loopMs;
  return loops && Date.now() - started < settledMs ? 'restarting' : 'running';
}

/** The longest pause that Docker makes between two starts. */
const loopMs = 61_000;
const settledMs = 10_000;

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const at = (value: unknown, key: string): unknown =>
  typeof value === 'object' && value !== null ? Object.getOwnPropertyDescriptor(value, key)?.value : undefined;

function textAt(value: unknown, key: string): string | undefined {
  const found = at(value, key);
  return typeof found === 'string' ? found : undefined;
}

const arrayIn = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
