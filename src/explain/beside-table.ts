import type { Explanation } from './explanation.ts';

/**
 * A program prints a table and, below it, remarks about its rows. The table has what they are about, and the other rows:
 * it is told, and the remarks are not told again.
 */
export function besideTable(table: Explanation | undefined, said: readonly Explanation[]): readonly Explanation[] {
  const remarks = remarksOf.get(table?.text ?? '');
  if (table === undefined || remarks === undefined || table.candidates.length === 0) return said;
  const isRemark = ({ message }: Explanation): boolean => message !== null && remarks.has(message);
  const [first] = said;
  return first !== undefined && isRemark(first) ? [table, ...said.filter((one) => !isRemark(one))] : said;
}

const remarksOf: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  [
    'repmgr cluster show',
    new Set(['repmgr-registration', 'repmgr-not-attached', 'repmgr-not-streaming', 'repmgr-upstream']),
  ],
  ['kubectl get pods', new Set(['container-exited'])],
  ['docker ps', new Set(['container-exited'])],
  ['kubectl cnpg status', new Set(['cnpg-not-ready'])],
  [
    'repmgr node status',
    new Set(['repmgr-registration', 'repmgr-not-attached', 'repmgr-not-streaming', 'repmgr-slots-missing']),
  ],
]);
