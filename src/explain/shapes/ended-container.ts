import { namesPostgres } from '../answer.ts';
import type { Explanation } from '../explanation.ts';
import { finding, shape } from './shape.ts';
import type { Finding } from './shape.ts';

/**
 * How a container ended: the state in `kubectl describe pod` and `kubectl get pod -o yaml` (pkg/apis/core/types.go,
 * ContainerStateTerminated), in `docker inspect`, and what `kubectl exec` says of a command.
 */
export function endedContainer(text: string): Explanation | undefined {
  const code = codeIn(text);
  if (code === undefined || code === 0 || !namesPostgres.test(text)) return undefined;
  const reason = /^[^\S\n]*"?reason"?: +"?(\w+)/imu.exec(text)?.[1];
  const oom = reason === 'OOMKilled' || /"OOMKilled": true/u.test(text);
  return {
    ...shape({
      text: `exit code ${code}${oom ? ', OOMKilled' : ''}`,
      means: meaningOf(code, oom),
      candidates: causesOf(code, oom),
      where: 'to see what it said last',
      command: 'kubectl logs <pod> --all-containers --previous --tail=50',
    }),
    kind: 'consequence',
  };
}

const codeIn = (text: string): number | undefined => {
  const codes = [
    ...text.matchAll(
      /(?:^[^\S\n]*Exit Code: +|"?\bexitCode"?: *|"ExitCode": *|\bterminated with exit code )(\d{1,3})\b/gmu,
    ),
  ].map(([, code]) => Number(code));
  return codes.find((code) => code !== 0) ?? codes[0];
};

const signals: ReadonlyMap<number, string> = new Map([
  [132, 'an illegal instruction (SIGILL)'],
  [134, 'an abort (SIGABRT): PostgreSQL itself does that after a PANIC'],
  [137, 'SIGKILL'],
  [139, 'a segmentation fault (SIGSEGV)'],
  [143, 'SIGTERM: something asked it to stop'],
]);

function meaningOf(code: number, oom: boolean): string {
  if (oom) return 'The container was killed because it needed more memory than its limit.';
  const signal = signals.get(code);
  if (signal !== undefined) return `Exit code ${code} means that the main process of the container ended by ${signal}.`;
  if (code === 126 || code === 127)
    return `Exit code ${code} means that the command of the container ${code === 127 ? 'was not found in the image' : 'could not be executed'}.`;
  return `The main process of the container ended by itself with exit code ${code}. The reason is in its log, not in this state.`;
}

function causesOf(code: number, oom: boolean): readonly Finding[] {
  const say = (cause: string, command: string): Finding => ({
    ...finding(cause),
    check: { on: 'client', command },
  });
  const memory = say(
    oom
      ? 'shared_buffers, the sessions (each takes work_mem, several times) and /dev/shm together were more than resources.limits.memory.'
      : 'Memory: the limit of the container (then the reason is OOMKilled, or the kernel of the node says so), or the whole node.',
    'kubectl top pod <pod> --containers; kubectl describe pod <pod> | grep -A4 -E "Limits|Last State"',
  );
  if (oom) return [memory];
  const probe = say(
    'A liveness or startup probe failed and the container did not stop in time (terminationGracePeriodSeconds): a server that recovers, or a copy that is still being made, is killed like that again and again.',
    'kubectl describe pod <pod> | tail -20',
  );
  if (code === 137) return [memory, probe];
  if (code === 143)
    return [
      probe,
      say(
        'The pod was deleted, evicted or moved, or its operator restarted it.',
        'kubectl get events --sort-by=.lastTimestamp | tail -20',
      ),
    ];
  if (code === 132 || code === 139)
    return [
      say(
        'The program and the processor do not fit (an image for a newer CPU, an emulated one), or a library of an extension is of another build.',
        'kubectl logs <pod> --previous --tail=50; kubectl get nodes -o wide',
      ),
    ];
  return [say('Its last lines say why.', 'kubectl logs <pod> --all-containers --previous --tail=50')];
}
