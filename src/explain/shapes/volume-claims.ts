import { namesPostgres } from '../answer.ts';
import type { Explanation } from '../explanation.ts';
import { finding, shape } from './shape.ts';
import type { Finding } from './shape.ts';

/** The rows of `kubectl get pvc`, and `kubectl describe pvc`, where a claim of a PostgreSQL server has no volume. */
export function volumeClaims(text: string): Explanation | undefined {
  const waiting = [...listed(text), ...described(text)];
  const [first] = waiting;
  if (first === undefined || !namesPostgres.test(text)) return undefined;
  return {
    ...shape({
      text: 'PersistentVolumeClaim',
      means:
        'A claim without a volume keeps its pod from being placed: its server, or the job that makes its copy, has not started.',
      candidates: [...new Map(waiting.map((one) => [one.name, one])).values()].slice(0, 3).map(ofClaim),
      advice:
        'Name a class in the definition of the cluster or in the values of the chart (a claim that exists cannot be changed; one that never had a volume holds no data), or make one the default. Never delete a claim that is, or was, bound: that is the data.',
      where: 'to see what Kubernetes says of it',
      command: `kubectl describe pvc ${first.name} | tail -10`,
    }),
    kind: 'consequence',
  };
}

interface Claim {
  readonly name: string;
  readonly status: 'Pending' | 'Lost';
  /** Undefined where the text does not say. */
  readonly storageClass: string | undefined;
}

/** NAME STATUS VOLUME CAPACITY ACCESS MODES STORAGECLASS AGE (pkg/printers/internalversion/printers.go, printPersistentVolumeClaim). */
function listed(text: string): readonly Claim[] {
  if (!/^[^\w\n]*(?:NAMESPACE\s+)?NAME\s+STATUS\s+VOLUME\b/mu.test(text)) return [];
  const hasSpace = /^[^\w\n]*NAMESPACE\s+NAME\s+STATUS\s+VOLUME\b/mu.test(text);
  return text.split('\n').flatMap((line): readonly Claim[] => {
    const words = line
      .trim()
      .split(/\s+/u)
      .slice(hasSpace ? 1 : 0);
    const [name = '', status, ...rest] = words;
    if (!/^[a-z0-9][\w./-]*$/u.test(name)) return [];
    if (status === 'Lost') return [{ name: plain(name), status, storageClass: undefined }];
    if (status !== 'Pending') return [];
    // what has no volume has no size and no modes either
    const storageClass = rest.find((word) => !/^(?:\d+[smhdwy])+$|^<unset>$/u.test(word)) ?? '';
    return [{ name: plain(name), status, storageClass }];
  });
}

const plain = (name: string): string => name.replace(/^persistentvolumeclaim\//u, '');

function described(text: string): readonly Claim[] {
  return text.split(/^(?=Name: )/mu).flatMap((part): readonly Claim[] => {
    const name = /^Name: +(\S+)/mu.exec(part)?.[1];
    const storageClass = /^StorageClass:[ \t]*(\S*)[ \t]*$/mu.exec(part)?.[1];
    const status = /^Status: +(Pending|Lost)\b/mu.exec(part)?.[1];
    if (name === undefined || storageClass === undefined || status === undefined) return [];
    return [{ name, status: status === 'Lost' ? 'Lost' : 'Pending', storageClass }];
  });
}

function ofClaim({ name, status, storageClass }: Claim): Finding {
  const say = (cause: string, command: string): Finding => ({ ...finding(cause), check: { on: 'client', command } });
  if (status === 'Lost')
    return say(
      `The volume of ${name} is gone, or was given to another claim. Look for it before anything else: it may be there with the policy Retain ("Released").`,
      'kubectl get pv',
    );
  if (storageClass === '')
    return say(
      `${name} has no storage class (it asks for none, or none was the default when it was made), so nothing makes a volume for it.`,
      'kubectl get storageclass',
    );
  return say(
    storageClass === undefined
      ? `${name} waits for a volume.`
      : `${name} waits for a volume of class ${storageClass}: it does not exist, its provisioner does not answer or has no room, or it waits for a pod that can be placed (WaitForFirstConsumer).`,
    `kubectl get storageclass; kubectl describe pvc ${name} | tail -10`,
  );
}
