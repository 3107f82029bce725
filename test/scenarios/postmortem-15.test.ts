import { playRows } from './matrix.ts';

playRows('postmortem', 15);
