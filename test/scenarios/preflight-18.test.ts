import { playRows } from './matrix.ts';

playRows('preflight', 18);
