import { answer, noAnswer } from './host.ts';
import type { Answer, Pieces } from './host.ts';
import { piecesOf } from './local-logs.ts';
import { programStream } from './local-programs.ts';
import { contextWords, inspectPod, podNameIn } from './pod-inspect.ts';
import type { Pod, PodName } from './pod-inspect.ts';
import { reachedByShell } from './reached.ts';
import type { Purpose, Reached } from './reached.ts';
import { word } from './shell-word.ts';

/**
 * A container of a pod that runs, over the system's own kubectl: its configuration, contexts, credentials. What is run there
 * is run by the user of the container; a copy is made by the user of the server.
 */
export async function podHost(
  written: string,
  path: string | undefined,
  timeoutMs: number,
  purpose: Purpose,
): Promise<Answer<Reached>> {
  const named = await podNameIn(written, timeoutMs);
  if (!named.ok) return named;
  const pod = named.value;
  const found = await inspectPod(pod, timeoutMs);
  if (!found.ok) return found;
  const { container, controller, restarts, waits } = found.value;
  const { context, namespace, name } = pod;
  const at = [...contextWords(pod), '-n', namespace, name, '-c', container];
  if (waits !== undefined) return notRunning(pod, found.value, at, waits);
  const label = `the container ${container} of the pod ${namespace}/${name}`;
  const copies = purpose === 'preflight' || purpose === 'copy';
  const shell = ['exec', '-i', ...at, '--', 'sh', ...(copies ? ['-c', asServerUser] : [])];
  const output = ['kubectl', 'logs', ...at].join(' ');
  const reached = await reachedByShell(
    { program: 'kubectl', args: shell },
    { label, path, timeoutMs, purpose },
    ({ privileged, environment, account }) => ({
      place: {
        ...{ kind: 'pod', context, namespace, name, container, controller },
        asRoot: privileged || environment[handedOver] !== undefined,
        superuser: environment['POSTGRES_USER'] ?? (privileged ? 'postgres' : account.name),
      },
      console: output,
      pieces: () => Promise.resolve(answer(outputOf(at, restarts))),
    }),
  );
  if (reached.ok || reached.problem.code === 'no-directory') return reached;
  const { code, message } = reached.problem;
  const scope = [...contextWords(pod), '-n', namespace].join(' ');
  return /\bforbidden\b/iu.test(message)
    ? noAnswer('forbidden', message, `"kubectl ${scope} auth can-i create pods/exec" must say yes.`)
    : noAnswer(code, message, `"kubectl exec ${at.join(' ')} -- sh -c true" must work, without a question.`);
}

/** Of the shell that root of the container has handed over to the user of the server; any other user is that one already. */
const handedOver = 'STANDBYLINT_OF_ROOT';
const asServerUser = `if [ "$(id -u)" = 0 ]; then ${handedOver}=yes; export ${handedOver}; exec su -s /bin/sh postgres; fi; exec sh`;

/** Its files can be read while it runs only. */
function notRunning(
  { name }: PodName,
  { container }: Pod,
  at: readonly string[],
  waits: string,
): ReturnType<typeof noAnswer> {
  const words = at.map((one) => (/^[\w@%+=:,./-]+$/u.test(one) ? one : word(one))).join(' ');
  return noAnswer(
    'pod-not-running',
    `its container ${container} does not run (${waits}), and kubectl shows the files of a container only while it runs: nothing was checked`,
    [
      `"kubectl logs ${words} --previous" says why it ended.`,
      `"kubectl debug ${words.replace(` -c ${container}`, '')} -it --same-node --copy-to=${name}-look --container=${container} -- sh" makes a copy of the pod with the same volumes, which starts no server: look at that one (kubectl:…/${name}-look), and delete it afterwards.`,
    ].join(' '),
  );
}

/** Where it was started again: what it said before that, too. */
function outputOf(at: readonly string[], restarts: number): Pieces {
  const logs = `kubectl logs ${at.map(word).join(' ')} --tail=${mostLines}`;
  const before = restarts > 0 ? `${logs} --previous 2>/dev/null; ` : '';
  const stream = programStream('sh', ['-c', `${before}exec ${logs} 2>&1`]);
  stream.end();
  return piecesOf(stream, false);
}

const mostLines = 200_000;
