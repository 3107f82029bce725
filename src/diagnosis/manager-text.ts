import type { Manager } from '../facts/manager.ts';

/** In words: `Patroni (cluster shop, member db2)`. */
export function managerText(manager: Manager): string {
  const parts = partsOf(manager).filter((part) => part !== undefined);
  return parts.length === 0 ? managerNames[manager.kind] : `${managerNames[manager.kind]} (${parts.join(', ')})`;
}

export const managerNames: Readonly<Record<Manager['kind'], string>> = {
  patroni: 'Patroni',
  repmgr: 'repmgr',
  pg_auto_failover: 'pg_auto_failover',
  'cloudnative-pg': 'CloudNativePG',
  stolon: 'Stolon',
  bitnami: "Bitnami's entrypoint",
};

const operators = {
  zalando: "Zalando's operator",
  crunchy: "Crunchy's operator",
  stackgres: 'StackGres',
} as const;

function partsOf(manager: Manager): readonly (string | undefined)[] {
  switch (manager.kind) {
    case 'patroni':
      return [
        manager.operator && `of ${operators[manager.operator]}`,
        `cluster ${manager.cluster}`,
        manager.member && `member ${manager.member}`,
        manager.paused ? 'paused' : undefined,
      ];
    case 'repmgr':
      return [`node ${manager.name}, ID ${manager.node}`, manager.runs ? undefined : 'repmgrd does not run'];
    case 'pg_auto_failover':
      return [manager.runs ? undefined : 'pg_autoctl does not run'];
    case 'cloudnative-pg':
    case 'stolon':
    case 'bitnami':
      return [manager.cluster && `cluster ${manager.cluster}`, manager.member && `member ${manager.member}`];
  }
}
