import { ansible } from './ansible.ts';
import type { Inventory } from './inventory.ts';
import { kubectl } from './kubectl.ts';
import { patroni } from './patroni.ts';
import { repmgr } from './repmgr.ts';
import { sql } from './sql.ts';
import { yaml } from './yaml.ts';

export const kinds: readonly Inventory[] = [yaml, ansible, patroni, repmgr, sql, kubectl];

/** Each kind with what it reads, for the help of fleet. */
export const inventoryKinds = kinds.map(({ kind, value, does }) => `${kind}:${value} (${does})`).join('; ');
