import type { Explanation } from '../explanation.ts';
import { finding, shape } from './shape.ts';
import type { Finding } from './shape.ts';

/** The rows of `kubectl get pods` and of `docker ps` that are about a PostgreSQL server and not well. */
export function workloads(text: string): Explanation | undefined {
  const lines = text.split('\n');
  const ill = [podOf, containerOf, taskOf].flatMap((look) => lines.flatMap((line) => look(line) ?? []));
  if (ill.length === 0 || !ofPostgres.test(text)) return undefined;
  const [{ of } = { of: 'pod' }] = ill;
  const kubernetes = of === 'pod';
  return {
    ...shape({
      text: kubernetes ? 'kubectl get pods' : of === 'task' ? 'docker service ps' : 'docker ps',
      means: kubernetes
        ? 'This is a list of pods. It says that something is wrong, and not what: the events and the log of the pod do.'
        : of === 'task'
          ? 'This is a list of the tasks of a service in a Docker swarm. It says that something is wrong; why is in the log of the service.'
          : 'This is a list of containers. It says that something is wrong, and not what: the log of the container does.',
      candidates: [...new Map(ill.map(({ found }) => [found.cause, found])).values()].slice(0, 3),
      where: kubernetes ? 'to see what Kubernetes says of it' : 'to see them all',
      command: kubernetes
        ? `kubectl describe pod ${ill[0]?.name ?? '<pod>'} | tail -20`
        : of === 'task'
          ? `docker service ps --no-trunc ${ill[0]?.name ?? '<service>'}`
          : 'docker ps -a',
    }),
    kind: 'consequence',
  };
}

const ofPostgres =
  /postgres|pgsql|stanza|backrest|pgbouncer|pgpool|\bpg\b|\bpg[-_\d]|patroni|spilo|repmgr|timescale|cnpg|[-_]db[-_\d]|standby|replica/iu;

interface Ill {
  readonly of: 'pod' | 'container' | 'task';
  readonly name: string;
  readonly found: Finding;
}

/** NAME READY STATUS RESTARTS AGE (pkg/printers/internalversion/printers.go, printPod). */
function podOf(line: string): Ill | undefined {
  const [, pod = '', ready = '', all = '', status = '', restarts = ''] =
    /^\s*(?:[\w-]+\s+)?(?:pod\/)?([a-z0-9][a-z0-9.-]*)\s+(\d+)\/(\d+)\s+([A-Z][\w:/.-]*)\s+(\d+)\b/u.exec(line) ?? [];
  if (pod === '' || isInfrastructure.test(pod)) return undefined;
  const found = ofPod(pod, status, { ready: Number(ready), all: Number(all), restarts: Number(restarts) });
  return found === undefined ? undefined : { of: 'pod', name: pod, found };
}

/** What runs beside the servers. */
const isInfrastructure = /operator|pgadmin|exporter|pooler|pgbouncer|grafana|prometheus/u;

function ofPod(
  pod: string,
  status: string,
  { ready, all, restarts }: { readonly ready: number; readonly all: number; readonly restarts: number },
): Finding | undefined {
  const say = (cause: string, command: string): Finding => ({
    ...finding(cause),
    check: { on: 'client', command },
  });
  const previous = `kubectl logs ${pod} --all-containers --previous --tail=50`;
  const events = `kubectl describe pod ${pod} | tail -20`;
  if (/^Init:(?:Error|CrashLoopBackOff)/u.test(status))
    return say(
      `An init container of ${pod} fails (often the one that makes the copy): its log says why.`,
      `kubectl logs ${pod} --all-containers --prefix --tail=50`,
    );
  if (/^Init:|^PodInitializing/u.test(status))
    return say(
      `${pod} is at an init container, which may be the copy of the primary: its log shows how far it is.`,
      `kubectl logs ${pod} --all-containers --prefix --tail=20`,
    );
  if (status === 'CrashLoopBackOff' || status === 'Error' || status === 'OOMKilled' || status === 'StartError')
    return say(
      `${pod} ended${status === 'OOMKilled' ? ' because it needed more memory than its limit' : ''} and is started again (${restarts} restarts): the log of the run before says why.`,
      previous,
    );
  if (status === 'Pending')
    return say(`${pod} has not been placed on a node: no node has room for it, or its volume cannot be bound.`, events);
  if (status.startsWith('ContainerCreating'))
    return say(
      `The container of ${pod} is not made yet: its volume or a secret cannot be mounted, if it stays so.`,
      events,
    );
  if (/^(?:ErrImagePull|ImagePullBackOff|InvalidImageName)/u.test(status))
    return say(`The image of ${pod} cannot be pulled.`, events);
  if (/^(?:CreateContainerConfigError|CreateContainerError|RunContainerError)/u.test(status))
    return say(`The container of ${pod} cannot be started: often a secret, a config map or a path is missing.`, events);
  if (status === 'Evicted') return say(`${pod} was evicted: its node ran out of memory or disk space.`, events);
  if (status === 'Running' && ready < all)
    return say(
      `${pod} runs and is not ready (${ready} of ${all}): the server is still recovering, or does not answer the readiness probe.`,
      `kubectl logs ${pod} --all-containers --prefix --tail=50`,
    );
  return undefined;
}

/** The column STATUS of `docker ps` and of `docker compose ps` (moby, container/state.go). */
function containerOf(line: string): Ill | undefined {
  const status =
    /\b(?:(Restarting|Exited) \((\d+)\)[^|]{0,40}?(?:ago|seconds?|minutes?|hours?|$)|Up [\w ]{1,30}\((unhealthy)\)|(Exit) (\d+))/u.exec(
      line,
    );
  if (status === null) return undefined;
  const words = line.trim().split(/\s{2,}/u);
  const name = /^[0-9a-f]{12}$/u.test(words[0] ?? '') ? (words.at(-1) ?? '') : (words[0] ?? '');
  const code = status[2] ?? status[5];
  if (!/^[\w.-]+$/u.test(name) || code === '0') return undefined;
  const cause =
    status[3] === undefined
      ? `${name} ended with exit status ${code ?? '?'}${status[1] === 'Restarting' ? ' and is started again and again' : ''}: its log says why.${code === '137' ? ' 137: it was killed, often because memory ran out.' : ''}`
      : `${name} runs, and its health check fails: the server is still recovering, or the check asks with a wrong user or database.`;
  return {
    of: 'container',
    name,
    found: { ...finding(cause), check: { on: 'client', command: `docker logs --tail 50 ${name}` } },
  };
}

/** A task that did not stay: ID NAME IMAGE NODE DESIRED STATE, CURRENT STATE, ERROR (docker/cli, cli/command/task/formatter.go). */
function taskOf(line: string): Ill | undefined {
  const [, service = '', error = ''] =
    /^\W*\w{12,25}\s+(?:\\?_\s+)?([\w.-]+)\.\d+\s+\S+\s.*\b(?:Failed|Rejected|Pending)\b.*?["“]([^"”]+)["”]?/u.exec(
      line,
    ) ?? [];
  if (service === '') return undefined;
  const say = (cause: string): Ill => ({
    of: 'task',
    name: service,
    found: { ...finding(cause), check: { on: 'client', command: `docker service logs --tail 50 ${service}` } },
  });
  const code = /non-zero exit \((\d+)\)/u.exec(error)?.[1];
  if (code !== undefined)
    return say(
      `The container of ${service} ended with exit status ${code}, and a new one is started each time: its log says why.${code === '137' ? ' 137: it was killed, often because memory ran out.' : ''}`,
    );
  if (/no suitable node/iu.test(error))
    return say(`No node may run ${service} (${error}): its constraints, its resources or a published port leave none.`);
  if (/no such image|pull access denied|manifest/iu.test(error))
    return say(
      `A node does not get the image of ${service}: pull it from a registry that all nodes reach, and deploy with --with-registry-auth.`,
    );
  if (/mount|bind source/iu.test(error))
    return say(
      `A node has no such directory or volume (${error}). A volume of the driver "local" exists on each node by itself: fix the service to the node that has the data (placement constraints).`,
    );
  return say(`${service} did not start: ${error}`);
}
