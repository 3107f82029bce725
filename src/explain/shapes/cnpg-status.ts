import type { Explanation } from '../explanation.ts';
import { finding, shape } from './shape.ts';
import type { Finding } from './shape.ts';

/** What `kubectl cnpg status` prints (cloudnative-pg, internal/cmd/plugin/status/status.go). */
export function cnpgStatus(quoted: string): Explanation | undefined {
  const text = quoted.replaceAll(/^[ \t]*> ?/gmu, '');
  if (!/^[^\S\n]*Cluster Summary/mu.test(text)) return undefined;
  const value = (name: string): string | undefined => new RegExp(`^\\s*${name}: +(.*\\S)`, 'mu').exec(text)?.[1];
  const [primary, status] = [value('Primary instance'), value('Status')];
  const [all, ready] = [Number(value('Instances') ?? Number.NaN), Number(value('Ready instances') ?? Number.NaN)];
  if (status === undefined && Number.isNaN(all)) return undefined;
  const streams = /^[^\S\n]*Streaming Replication status/mu.test(text) ? streamingIn(text) : undefined;
  const candidates: readonly Finding[] = [
    ...(ready < all
      ? [
          say(
            `${all - ready} of ${all} instances ${all - ready === 1 ? 'is' : 'are'} not ready: the log of that pod, or of its "-join" job, says why.`,
            'kubectl get pods,jobs -l cnpg.io/cluster=<cluster>; kubectl logs <pod> --all-containers --tail=50',
          ),
        ]
      : []),
    ...(streams !== undefined && streams.length < ready - 1
      ? [
          say(
            `${streams.length === 0 ? 'No standby streams' : `Only ${streams.join(', ')} streams`} from ${primary ?? 'the primary'}, and ${ready} instances are ready: one that is missing in the table of the streams does not follow, whatever its pod says.`,
            'psql -c "SELECT application_name, state, sync_state FROM pg_stat_replication"',
            'primary',
          ),
        ]
      : []),
  ];
  return {
    ...shape({
      text: 'kubectl cnpg status',
      means: `This is the state of a cluster of CloudNativePG${primary === undefined ? '' : `; ${primary.replace(/ \(.*/u, '')} is its primary`}${status === undefined ? '' : `, and the operator says: ${status.replace(/\.$/u, '')}`}.${
        candidates.length === 0
          ? ' "Ready" means that the instances answer. Whether a standby streams, and how far behind it is, is in the table "Streaming Replication status".'
          : ''
      }`,
      candidates,
      where: 'to see the rest of it',
      command: 'kubectl cnpg status <cluster> --verbose',
    }),
    kind: 'consequence',
  };
}

const say = (cause: string, command: string, on = 'client'): Finding => ({
  ...finding(cause),
  check: { on, command },
});

/** The names of its rows that stream. */
const streamingIn = (text: string): readonly string[] =>
  [
    ...(
      /^[^\S\n]*Streaming Replication status[^]*?(?=\n\s*\n\S|\n\s*(?:Unmanaged|Instances|Managed) |$(?![^]))/mu.exec(
        text,
      )?.[0] ?? ''
    ).matchAll(/^[^\S\n]*([a-z0-9][a-z0-9.-]*) +[0-9A-F]+\/[0-9A-F]+ .*\bstreaming\b/gmu),
  ].map(([, name = '']) => name);
