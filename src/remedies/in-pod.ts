import type { ExaminedPlace } from '../facts/machine.ts';
import type { Step } from '../findings/report.ts';
import { isControl, isPlain, namedAs, psqlOf, terminal } from './in-container.ts';
import { shellWord } from './quoting.ts';

type Pod = Extract<ExaminedPlace, { readonly kind: 'pod' }>;

/** Texts speak of the examined machine as of this one. */
export const namedInPod = (text: string, pod: Pod): string => namedAs(text, `the pod ${pod.namespace}/${pod.name}`);

/**
 * The same steps for a shell that has kubectl. Whether a server runs is not ours to say there: its container ends with it, and
 * Kubernetes starts that again; what restarts it is a word to whatever made the pod, and told to a person.
 */
export function stepsFromPod(steps: readonly Step[], pod: Pod, owner: string): readonly Step[] {
  let stopped = false;
  return steps.map((step): Step => {
    const { on, does, kind, text, asRoot, edit: _edit, undo: _undo, ...rest } = step;
    if (on === 'primary' || does === 'container') return step;
    const manual = (words: string): Step => ({ ...rest, on: 'client', kind: 'manual', does, text: words });
    if (isControl(does)) {
      stopped = does === 'stop';
      return manual(does === 'stop' ? stopText(pod) : startText(pod));
    }
    const isRoots = asRoot !== undefined;
    if (does === 'check-again' || (kind === 'manual' && !isRoots) || (isRoots && !pod.asRoot))
      return { ...step, text: namedInPod(text, pod) };
    if (stopped)
      return manual(`In a pod that has the volumes of ${pod.namespace}/${pod.name}, before it is back: ${text}`);
    const user = isRoots || (does === 'change-mode' && pod.asRoot) ? undefined : owner;
    const command = { ...step, text: asRoot ?? text };
    return {
      ...rest,
      on: 'client',
      kind: 'shell',
      does,
      text: kind === 'sql' ? sqlInPod(step, pod, owner) : inPod(command, pod, user),
    };
  });
}

/** A command as it is typed outside; root there hands over to the user of the server. */
export function inPod(step: Pick<Step, 'text' | 'asksPassword'>, pod: Pod, user: string | undefined): string {
  const { text } = step;
  const there =
    pod.asRoot && user !== undefined
      ? `su -s /bin/sh ${shellWord(user)} -c ${shellWord(text)}`
      : isPlain(text)
        ? text
        : `sh -c ${shellWord(text)}`;
  return `${execIn(pod, terminal(step))} ${there}`;
}

function sqlInPod(step: Step, pod: Pod, owner: string): string {
  const { words, input } = psqlOf(step, pod.superuser);
  if (input === undefined) return inPod({ ...step, text: words }, pod, owner);
  return `${input} | ${inPod({ text: words }, pod, owner).replace(' exec ', ' exec -i ')}`;
}

const scopeOf = ({ context, namespace }: Pod): string =>
  `${context === undefined ? '' : `--context ${shellWord(context)} `}-n ${shellWord(namespace)}`;

const execIn = (pod: Pod, flags: string): string =>
  `kubectl exec ${flags}${scopeOf(pod)} ${pod.name} -c ${pod.container} --`;

const startText = (pod: Pod): string =>
  pod.controller === undefined
    ? `Have the tool that created the pod ${pod.namespace}/${pod.name} create it again: it has no controller, and would not come back after "kubectl delete pod".`
    : `Let Kubernetes start the server again: "kubectl delete pod ${scopeOf(pod)} ${pod.name}" ends the server and all its connections, and ${pod.controller} makes the pod again with the same volumes.`;

const stopText = (pod: Pod): string =>
  `Stop the server by way of what manages it${pod.controller === undefined ? '' : ` (${pod.controller})`}: Kubernetes starts the container again at once when its server is stopped in it.`;
