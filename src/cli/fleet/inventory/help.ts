import { kinds } from './kinds.ts';

/** Each kind with what it reads, for the help of fleet. */
export const inventoryKinds = kinds.map(({ kind, value, does }) => `${kind}:${value} (${does})`).join('; ');
