import { playPostmortemsOn } from './postmortem-all.ts';

playPostmortemsOn(15);
