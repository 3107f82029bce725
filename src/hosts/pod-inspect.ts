import { answer, noAnswer } from './host.ts';
import type { Answer } from './host.ts';
import { run } from './local-programs.ts';
import { arrayIn, parsedJson, textAt, valueAt } from './parsed-json.ts';

/** A pod as it is written, `[CONTEXT/]NAMESPACE/POD[/CONTAINER]`. */
export interface PodName {
  readonly context: string | undefined;
  readonly namespace: string;
  readonly name: string;
  readonly container: string | undefined;
}

/** One container of a pod, as the API of Kubernetes tells of it. */
export interface Pod {
  /** What makes it again, as kubectl names it. */
  readonly controller: string | undefined;
  readonly container: string;
  readonly image: string;
  readonly restarts: number;
  /** Why it does not run; undefined: it does. */
  readonly waits: string | undefined;
}

/** The words before which every call is the same. */
export const contextWords = ({ context }: Pick<PodName, 'context'>): readonly string[] =>
  context === undefined ? [] : ['--context', context];

/** Names of contexts may have slashes: those that kubectl knows tell where one ends. */
export async function podNameIn(written: string, timeoutMs: number): Promise<Answer<PodName>> {
  const parts = written.split('/');
  const listed =
    parts.length < 3 ? undefined : await run('kubectl', ['config', 'get-contexts', '-o', 'name'], { timeoutMs });
  const known = listed?.ok === true ? listed.value.stdout.split('\n').filter((line) => line !== '') : [];
  const fits = (context: string): boolean =>
    written.startsWith(`${context}/`) && [2, 3].includes(written.slice(context.length + 1).split('/').length);
  const found = known.filter(fits).toSorted((one, other) => other.length - one.length)[0];
  const rest = found === undefined ? parts : written.slice(found.length + 1).split('/');
  const context = found ?? (rest.length > 3 ? rest.slice(0, -3).join('/') : undefined);
  const [namespace = '', name = '', container] = found === undefined && rest.length > 3 ? rest.slice(-3) : rest;
  if (listed?.ok === false && listed.problem.code === 'ENOENT') return notInstalled;
  return answer({ context, namespace, name, container });
}

const notInstalled = noAnswer(
  'no-kubectl',
  'kubectl is not installed here',
  'Install it (Debian: kubernetes-client), and let it know the cluster: "kubectl get pods" must work.',
);

/** A pod, and of its containers the one that is named, or that has PostgreSQL. */
export async function inspectPod(pod: PodName, timeoutMs: number): Promise<Answer<Pod>> {
  const { namespace, name } = pod;
  const seconds = Math.max(1, Math.ceil(timeoutMs / 1_000));
  const words = [...contextWords(pod), 'get', 'pod', '-n', namespace, '-o', 'json', `--request-timeout=${seconds}s`];
  const asked = await run('kubectl', [...words, '--', name], { timeoutMs: Math.max(timeoutMs, 10_000) });
  if (!asked.ok) return asked.problem.code === 'ENOENT' ? notInstalled : asked;
  if (asked.value.exitCode !== 0) return refusal(asked.value.stderr, pod);
  return podIn(parsedJson(asked.value.stdout), pod);
}

function refusal(said: string, pod: PodName): ReturnType<typeof noAnswer> {
  const last = said.trim().split('\n').at(-1) ?? '';
  const message = last === '' ? 'kubectl get pod ended without a word' : last;
  const scope = [...contextWords(pod), '-n', pod.namespace].join(' ');
  if (/context .* does not exist|context was not found|no context exists/iu.test(last))
    return noAnswer('no-context', message, '"kubectl config get-contexts" lists those that there are.');
  if (/\(NotFound\)|not found/u.test(last))
    return noAnswer('no-pod', message, `"kubectl ${scope} get pods" lists those that there are.`);
  if (/\bforbidden\b/iu.test(last))
    return noAnswer('forbidden', message, `"kubectl ${scope} auth can-i get pods" must say yes.`);
  return noAnswer('kubectl', message, `"kubectl ${scope} get pods" must work, without a question.`);
}

function podIn(found: unknown, pod: PodName): Answer<Pod> {
  const [metadata, spec, status] = ['metadata', 'spec', 'status'].map((key) => valueAt(found, key));
  const containers = arrayIn(valueAt(spec, 'containers'));
  const ownName = (container: unknown): string => textAt(container, 'name') ?? '';
  const names = containers.map(ownName);
  const usual = textAt(valueAt(metadata, 'annotations'), 'kubectl.kubernetes.io/default-container');
  const servers = containers.filter(isServer).map(ownName);
  const [only] = names.length === 1 ? names : servers.length === 1 ? servers : [];
  const container = pod.container ?? only ?? (usual !== undefined && servers.includes(usual) ? usual : undefined);
  const scope = `${pod.namespace}/${pod.name}`;
  if (container === undefined || !names.includes(container))
    return noAnswer(
      'no-container-of-pod',
      container === undefined
        ? `the pod ${scope} has the containers ${names.join(', ')}, and it does not show which of them is PostgreSQL's`
        : `the pod ${scope} has no container ${container}; it has ${names.join(', ')}`,
      `Write the container behind the pod: kubectl:${[...(pod.context === undefined ? [] : [pod.context]), scope, names[0]].join('/')}.`,
    );
  const state = arrayIn(valueAt(status, 'containerStatuses')).find((one) => ownName(one) === container);
  const owner = arrayIn(valueAt(metadata, 'ownerReferences')).find((one) => valueAt(one, 'controller') === true);
  return answer({
    container,
    controller: owner === undefined ? undefined : `${textAt(owner, 'kind')?.toLowerCase() ?? ''}/${ownName(owner)}`,
    image:
      textAt(
        containers.find((one) => ownName(one) === container),
        'image',
      ) ?? 'IMAGE',
    restarts: Number(valueAt(state, 'restartCount') ?? 0),
    waits: whyNotRunning(valueAt(state, 'state'), valueAt(state, 'lastState'), textAt(status, 'phase')),
  });
}

/** By what its image is called, its port, or what the images of PostgreSQL have in their environment; an exporter has none of them. */
function isServer(container: unknown): boolean {
  const image = /(?:^|\/)([^/:@]*)(?::[^/@]*)?(?:@.*)?$/u.exec(textAt(container, 'image') ?? '')?.[1] ?? '';
  if (/exporter|bouncer|pgpool|backup|init|proxy|odyssey|pgcat/u.test(image)) return false;
  const named = /^(?:crunchy-)?(?:postgres|postgresql|postgis|spilo|timescaledb|pgvector)(?:$|[-_\d])/u.test(image);
  const variables = arrayIn(valueAt(container, 'env')).map((one) => textAt(one, 'name') ?? '');
  const ports = arrayIn(valueAt(container, 'ports')).map((one) => valueAt(one, 'containerPort'));
  return named || ports.includes(5432) || variables.some((one) => /^(?:PGDATA|POSTGRES_PASSWORD)$/u.test(one));
}

function whyNotRunning(state: unknown, last: unknown, phase: string | undefined): string | undefined {
  if (valueAt(state, 'running') !== undefined) return undefined;
  const ended = valueAt(state, 'terminated') ?? valueAt(last, 'terminated');
  const reason = textAt(valueAt(state, 'waiting'), 'reason') ?? textAt(valueAt(state, 'terminated'), 'reason') ?? phase;
  const code = valueAt(ended, 'exitCode');
  const how = [
    ...(typeof code === 'number' ? [`it last ended with exit code ${code}`] : []),
    ...(textAt(ended, 'reason') === 'OOMKilled' ? ['killed for its memory'] : []),
  ];
  return `${reason ?? 'its state is not told'}${how.length === 0 ? '' : `; ${how.join(', ')}`}`;
}
